// What only a listing of one kind has: file and provenance, placement, chips, deliverables.
import { FormattedMessage, useIntl } from "react-intl";
import { groupDigits } from "@/lib/numbers";
import { buttonClass } from "@/ui/button-class";
import { Quantity } from "@/ui/numbers";
import { KeyValue } from "@/ui/page";
import styles from "./listing-details.module.css";
import type { ListingPageQuery } from "./listing.generated";

type Listing = NonNullable<ListingPageQuery["listing"]>;

export function ListingDetails({ listing }: { listing: Listing }) {
  const { dataset, model, computeTier, solution } = listing;
  if (dataset !== null) return <Dataset dataset={dataset} />;
  if (model !== null) {
    return (
      <KeyValue
        entries={[
          [<FormattedMessage id="store.facet.placement" />, <FormattedMessage id={`store.placement.${model.placement}`} />],
          [<FormattedMessage id="store.listing.framework" />, model.framework === null ? null : <bdi>{model.framework}</bdi>],
          [
            <FormattedMessage id="store.listing.repeat" />,
            <FormattedMessage id={model.isRepeatable ? "store.listing.repeat.yes" : "store.listing.repeat.no"} />,
          ],
        ]}
      />
    );
  }
  if (computeTier !== null) {
    return (
      <KeyValue
        entries={[
          [<FormattedMessage id="store.listing.chip" />, <bdi>{`${computeTier.chipCount} × ${computeTier.chip}`}</bdi>],
          [<FormattedMessage id="store.listing.memory" />, `${groupDigits(String(computeTier.memoryGib))} GiB`],
          [<FormattedMessage id="store.listing.purpose" />, <FormattedMessage id={`store.purpose.${computeTier.purpose}`} />],
          [<FormattedMessage id="store.facet.placement" />, <FormattedMessage id={`store.placement.${computeTier.placement}`} />],
        ]}
      />
    );
  }
  return solution === null ? null : <Deliverables en={solution.deliverablesEn} zh={solution.deliverablesZh} />;
}

function Dataset({ dataset }: { dataset: NonNullable<Listing["dataset"]> }) {
  const { locale } = useIntl();
  const provenance = locale === "zh" ? (dataset.provenanceZh ?? dataset.provenanceEn) : (dataset.provenanceEn ?? dataset.provenanceZh);
  const address = safeAddress(dataset.downloadUrl);
  return (
    <>
      <KeyValue
        entries={[
          [<FormattedMessage id="store.listing.format" />, <bdi>{dataset.mediaType}</bdi>],
          [<FormattedMessage id="store.listing.rows" />, <Quantity value={dataset.rows} meter="ROW" />],
          [<FormattedMessage id="store.listing.bytes" />, <Quantity value={dataset.bytes} meter="BYTE" />],
          [<FormattedMessage id="store.listing.sha256" />, <code className={styles.hash}>{dataset.sha256}</code>],
          [<FormattedMessage id="store.listing.provenance" />, provenance === null ? null : <bdi className={styles.text}>{provenance}</bdi>],
        ]}
      />
      {address !== null && (
        <p className={styles.actions}>
          <a className={buttonClass()} href={address} rel="noopener noreferrer nofollow" download>
            <FormattedMessage id="store.listing.download" />
          </a>
        </p>
      )}
    </>
  );
}

/** A seller's address where it is one of this platform's paths or http(s); null otherwise. */
function safeAddress(address: string): string | null {
  if (/^\/(?![/\\])/.test(address)) return address;
  return /^https?:\/\//i.test(address) ? address : null;
}

function Deliverables({ en, zh }: { en: string | null; zh: string | null }) {
  const { locale } = useIntl();
  const text = locale === "zh" ? (zh ?? en) : (en ?? zh);
  if (text === null) return null;
  return <KeyValue entries={[[<FormattedMessage id="store.listing.deliverables" />, <bdi className={styles.text}>{text}</bdi>]]} />;
}
