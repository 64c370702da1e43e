// Chooses capabilities by searching the catalog, and shows of each what its contract asks of an endpoint.
import { useState } from "react";
import { useQuery } from "urql";
import { useDelayed } from "@/lib/delayed";
import { useApiLanguage, useSay } from "@/lib/say";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { ComboField } from "@/ui/combo-field";
import { Disclosure } from "@/ui/disclosure";
import { Icon } from "@/ui/icons";
import { JsonView } from "@/ui/json-view";
import { Notice } from "@/ui/state";
import { SellCapability, SellCapabilitySearch, type SellCapabilityQuery } from "./capability-choice.generated";
import styles from "./capability-choice.module.css";
import { useMeterNoun } from "@/ui/numbers";

interface Props {
  /** Slugs. */
  chosen: readonly string[];
  onChange: (slugs: string[]) => void;
  error: string | null;
  isRequired: boolean;
  isDisabled: boolean;
}

export function CapabilityChoice({ chosen, onChange, error, isRequired, isDisabled }: Props) {
  const say = useSay();
  const language = useApiLanguage();
  const unit = useMeterNoun();
  const [typed, setTyped] = useState("");
  const search = useDelayed(typed.trim());
  const [{ data }] = useQuery({ query: SellCapabilitySearch, variables: { search, language } });
  const choices = (data?.capabilities.nodes ?? [])
    .filter(({ slug }) => !chosen.includes(slug))
    .map(({ slug, name, meter, contract }) => ({
      value: slug,
      label: name,
      description: `${unit(meter)} · ${contract === null ? say("sell.capability.noContract") : contract.summary}`,
    }));
  const add = (slug: string | null) => {
    if (slug === null) return;
    onChange([...chosen, slug]);
    setTyped("");
  };
  return (
    <div className={styles.field}>
      {!isDisabled && (
        <ComboField
          label={say("sell.listing.capabilities")}
          description={say("sell.listing.capabilities.note")}
          placeholder={say("sell.listing.capabilities.search")}
          value={null}
          onChange={add}
          choices={choices}
          typed={typed}
          onSearch={setTyped}
          error={error}
          isRequired={isRequired}
        />
      )}
      {chosen.length > 0 && (
        <ul className={styles.chosen} aria-label={say("sell.listing.capabilities.chosen")}>
          {chosen.map((slug) => (
            <li key={slug} className={styles.one}>
              <Chosen slug={slug} onRemove={isDisabled ? undefined : () => onChange(chosen.filter((each) => each !== slug))} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Chosen({ slug, onRemove }: { slug: string; onRemove: (() => void) | undefined }) {
  const say = useSay();
  const language = useApiLanguage();
  const unit = useMeterNoun();
  const [{ data }] = useQuery({ query: SellCapability, variables: { slug, language } });
  const capability = data?.capability;
  const name = capability?.name ?? slug;
  return (
    <>
      <div className={styles.head}>
        <span className={styles.name}>{name}</span>
        {capability != null && <Badge>{say("sell.capability.per", { unit: unit(capability.contract?.meter ?? capability.meter, true) })}</Badge>}
        {onRemove !== undefined && (
          <Button variant="quiet" size="small" onPress={onRemove} aria-label={say("sell.capability.remove", { name })}>
            <Icon name="close" />
          </Button>
        )}
      </div>
      {capability != null && capability.contract === null && <Notice tone="attention">{say("sell.capability.noContract.body")}</Notice>}
      {capability?.contract != null && <Contract contract={capability.contract} />}
    </>
  );
}

type ContractData = NonNullable<NonNullable<SellCapabilityQuery["capability"]>["contract"]>;

function Contract({ contract }: { contract: ContractData }) {
  const say = useSay();
  return (
    <>
      <p className={styles.summary}>{contract.summary}</p>
      <Disclosure title={say("sell.capability.contract", { version: contract.version })} note={say("sell.capability.examples", { count: contract.examples.length })}>
        <div className={styles.schemas}>
          <JsonView label={say("sell.capability.input")} value={contract.inputSchema} openLevels={1} />
          <JsonView label={say("sell.capability.output")} value={contract.outputSchema} openLevels={1} />
          {contract.examples.map((example, index) => (
            <JsonView key={index} label={say("sell.capability.example", { number: index + 1 })} value={example} openLevels={2} />
          ))}
        </div>
      </Disclosure>
    </>
  );
}
