// A capability at a glance: who offers it, from what price, what is counted, what goes in and out.
import { Fragment } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import type { MeterName } from "@/lib/meters";
import { trimZeros } from "@/lib/numbers";
import type { MessageId } from "@/messages";
import { Badge } from "@/ui/badge";
import { Money, Quantity } from "@/ui/numbers";
import { Stat, StatRow } from "@/ui/stat";
import styles from "./capability-figures.module.css";

interface Props {
  capability: {
    meter: MeterName;
    inputs: readonly string[];
    outputs: readonly string[];
    industries: readonly string[];
    isUsuallyFree: boolean;
    isSpecialised: boolean;
    coverage: {
      listingCount: string;
      providerCount: string;
      priceRanges: readonly { meter: MeterName; currencyCode: string; min: string; max: string }[];
    };
    contract: Counting | null;
  };
}

interface Counting {
  meter: MeterName;
  countCharactersAt: readonly string[] | null;
  countItemsAt: string | null;
}

export function CapabilityFigures({ capability }: Props) {
  const intl = useIntl();
  const { coverage, contract, inputs, outputs, industries, isUsuallyFree, isSpecialised } = capability;
  const lowest = coverage.priceRanges[0];
  return (
    <div className={styles.figures}>
      <StatRow>
        <Stat
          label={<FormattedMessage id="store.figures.listings" />}
          value={<Quantity value={coverage.listingCount} />}
          note={<FormattedMessage id="store.figures.providers" values={{ count: Number(coverage.providerCount) }} />}
        />
        {lowest !== undefined && (
          <Stat
            label={<FormattedMessage id="store.figures.price" />}
            value={<Money amount={trimZeros(lowest.min)} currencyCode={lowest.currencyCode} />}
            note={<FormattedMessage id="store.figures.per" values={{ unit: <FormattedMessage id={`store.unit.${lowest.meter}`} /> }} />}
          />
        )}
        <Stat
          label={<FormattedMessage id="store.figures.meter" />}
          value={<FormattedMessage id={`store.unit.${contract?.meter ?? capability.meter}`} />}
          note={contract !== null && <Counted contract={contract} />}
        />
      </StatRow>
      <ul className={styles.words} aria-label={intl.formatMessage({ id: "store.figures.words" })}>
        <li>
          <Badge>
            <Words words={inputs} /> → <Words words={outputs} />
          </Badge>
        </li>
        <li>
          <Badge>
            <FormattedMessage id={isSpecialised ? "store.figures.specialised" : "store.figures.general"} />
          </Badge>
        </li>
        {isUsuallyFree && (
          <li>
            <Badge>
              <FormattedMessage id="store.figures.usuallyFree" />
            </Badge>
          </li>
        )}
        {industries.map((industry) => (
          <li key={industry}>
            <Badge tone="faint">
              <Words words={[industry]} />
            </Badge>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What of a call's input is counted. */
function Counted({ contract: { countCharactersAt, countItemsAt } }: { contract: Counting }) {
  if (countCharactersAt !== null) return <FormattedMessage id="store.figures.counted.characters" values={{ fields: <Pointers of={countCharactersAt} /> }} />;
  if (countItemsAt !== null) return <FormattedMessage id="store.figures.counted.items" values={{ field: <Pointers of={[countItemsAt]} /> }} />;
  return <FormattedMessage id="store.figures.counted.one" />;
}

function Pointers({ of }: { of: readonly string[] }) {
  return of.map((pointer, index) => (
    <Fragment key={pointer}>
      {index > 0 && ", "}
      <code>{pointer}</code>
    </Fragment>
  ));
}

/** Words of the catalog in the reader's language; one that the catalogue of messages lacks is shown as it is. */
function Words({ words }: { words: readonly string[] }) {
  const intl = useIntl();
  const inWords = words.map((word) => {
    const id = `store.word.${word}`;
    return id in intl.messages ? intl.formatMessage({ id: id as MessageId }) : word.replaceAll("_", " ");
  });
  return intl.formatList(inWords, { type: "unit", style: "narrow" });
}
