// What a call would cost under each agreement that covers it, one of them chosen.
import { FormattedMessage, useIntl } from "react-intl";
import { RadioField } from "@/ui/choice-field";
import { ClassBadge } from "@/ui/badge";
import { ExactCharge, Quantity } from "@/ui/numbers";
import styles from "./try-it.module.css";
import type { Quote } from "./use-member-call";

interface Props {
  quotes: readonly Quote[];
  chosen: string | null;
  onChoose: (agreement: string) => void;
}

export function Quotes({ quotes, chosen, onChoose }: Props) {
  const intl = useIntl();
  return (
    <RadioField
      label={intl.formatMessage({ id: "store.quotes.label" })}
      value={chosen ?? ""}
      onChange={onChoose}
      choices={quotes.map((quote) => ({
        value: quote.agreement.id,
        label: `${quote.listing.name} · ${quote.agreement.offer.name}`,
        description: <QuoteLine quote={quote} />,
        isDisabled: !quote.isAvailable,
      }))}
    />
  );
}

function QuoteLine({ quote }: { quote: Quote }) {
  const { currencyCode } = quote;
  return (
    <span className={styles.quote}>
      {quote.usage.map((line) => (
        <span key={`${line.meter} ${line.class}`}>
          <Quantity value={line.quantity} meter={line.meter} /> <ClassBadge value={line.class} />
        </span>
      ))}
      <FormattedMessage
        id="store.quotes.charge"
        values={{
          charge: <ExactCharge exact={quote.estimatedCharge} currencyCode={currencyCode} />,
          most: <ExactCharge exact={quote.worstCase} currencyCode={currencyCode} />,
        }}
      />
      {!quote.isAvailable && <FormattedMessage id="store.quotes.unavailable" />}
    </span>
  );
}
