// The published versions of a listing, newest first, each with its licence at the time.
import { FormattedMessage, useIntl } from "react-intl";
import { DataTable } from "@/ui/data-table";
import { Instant } from "@/ui/time";
import type { ListingPageQuery } from "./listing.generated";
import styles from "./published-versions.module.css";

type Version = NonNullable<ListingPageQuery["listing"]>["versions"]["nodes"][number];

export function PublishedVersions({ versions }: { versions: readonly Version[] }) {
  const intl = useIntl();
  return (
    <DataTable
      caption={intl.formatMessage({ id: "store.versions.caption" })}
      rows={versions}
      rowKey={({ number }) => String(number)}
      empty={<FormattedMessage id="store.versions.none" />}
      columns={[
        {
          key: "number",
          header: intl.formatMessage({ id: "store.listing.version" }),
          isRowHeader: true,
          cell: ({ number }) => number,
        },
        {
          key: "publishedAt",
          header: intl.formatMessage({ id: "store.versions.at" }),
          cell: ({ publishedAt }) => <Instant value={publishedAt} format="date" />,
        },
        { key: "name", header: intl.formatMessage({ id: "store.versions.name" }), cell: ({ name }) => <bdi className={styles.name}>{name}</bdi> },
        {
          key: "licence",
          header: intl.formatMessage({ id: "store.listing.licence" }),
          cell: ({ licence }) => <bdi>{licence ?? "–"}</bdi>,
        },
      ]}
    />
  );
}
