// The offers on a capability, compared by what a quantity of one's own choice would cost in a period.
import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { useDelayed } from "@/lib/delayed";
import type { MeterName } from "@/lib/meters";
import { compareDecimals } from "@/lib/numbers";
import { Money, useMeterUnit } from "@/ui/numbers";
import { NumberField } from "@/ui/text-field";
import type { OfferedListingFragment } from "../capabilities/capability.generated";
import styles from "./offers-table.module.css";
import { byHealth, OffersTable, offerRows, type OfferRow } from "./offers-table";
import { useEstimates, type Estimates } from "./use-estimates";

interface Props {
  listings: readonly OfferedListingFragment[];
  meter: MeterName;
}

/** A quantity that a small buyer may use in a month, by meter. */
const QUANTITIES: Partial<Record<MeterName, string>> = { JOB: "100", PAGE: "1000", IMAGE: "1000", DEVICE_MONTH: "10" };
const QUANTITY = "10000";

export function CapabilityOffers({ listings, meter }: Props) {
  const intl = useIntl();
  const unit = useMeterUnit();
  const [quantity, setQuantity] = useState(QUANTITIES[meter] ?? QUANTITY);
  const rows = offerRows(listings);
  const estimates = useEstimates(
    rows.map(({ offer }) => offer),
    meter,
    useDelayed(quantity),
  );
  return (
    <>
      <div className={styles.quantity}>
        <NumberField
          label={intl.formatMessage({ id: "store.offers.quantity" })}
          value={quantity}
          onChange={setQuantity}
          scale={0}
          min="1"
          max="1000000000000"
          suffix={unit(meter, quantity)}
        />
      </div>
      <OffersTable
        rows={rows}
        caption={intl.formatMessage({ id: "store.offers.caption" })}
        quantity={quantity}
        compare={(a, b, key) => (key === "estimate" ? byEstimate(a, b, estimates) : byHealth(a, b))}
        firstSort={{ key: "estimate", direction: "ascending" }}
        extra={[
          {
            key: "estimate",
            header: intl.formatMessage({ id: "store.offers.estimate" }),
            align: "end",
            isSortable: true,
            cell: ({ offer }) => <EstimateCell estimate={estimates[offer.id]} />,
          },
        ]}
      />
    </>
  );
}

export function EstimateCell({ estimate }: { estimate: Estimates[string] | undefined }) {
  if (estimate === undefined) return "…";
  if (estimate === null) return <FormattedMessage id="store.offers.uncovered" />;
  const refused = estimate.lines.find((line) => line.refused !== "0");
  return (
    <>
      <Money amount={estimate.subtotal.amount} currencyCode={estimate.subtotal.currencyCode} />
      {refused !== undefined && (
        <span className={styles.refused}>
          <FormattedMessage id="store.offers.refused" />
        </span>
      )}
    </>
  );
}

/** The cheapest first; what cannot serve the quantity comes last, whatever it costs. */
function byEstimate(a: OfferRow, b: OfferRow, estimates: Estimates): number {
  const [left, right] = [estimates[a.offer.id], estimates[b.offer.id]];
  const rank = (estimate: Estimates[string] | undefined) =>
    estimate === undefined || estimate === null ? 2 : Number(estimate.lines.some((line) => line.refused !== "0"));
  if (rank(left) !== rank(right) || !left || !right) return rank(left) - rank(right);
  return compareDecimals(left.subtotal.amount, right.subtotal.amount);
}
