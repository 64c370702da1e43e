// The first rows of a dataset, as the platform fetched them.
import { FormattedMessage, useIntl } from "react-intl";
import { useQuery } from "urql";
import { DataTable } from "@/ui/data-table";
import { Section } from "@/ui/page";
import { Notice, Skeleton } from "@/ui/state";
import styles from "./dataset-preview.module.css";
import { DatasetPreview as Query, type DatasetPreviewQuery } from "./preview.generated";

type Preview = NonNullable<NonNullable<NonNullable<DatasetPreviewQuery["listing"]>["dataset"]>["preview"]>;

export function DatasetPreview({ slug }: { slug: string }) {
  const [{ data, fetching }] = useQuery({ query: Query, variables: { slug } });
  const dataset = data?.listing?.dataset ?? null;
  return (
    <Section title={<FormattedMessage id="store.preview.title" />}>
      {fetching && dataset === null && <Skeleton lines={6} />}
      {dataset !== null && dataset.preview !== null && <Rows preview={dataset.preview} />}
      {!fetching && (dataset === null || dataset.preview === null) && (
        <Notice title={<FormattedMessage id="store.preview.unavailable" />}>
          {dataset?.previewUnavailable != null && <FormattedMessage id={`store.preview.${dataset.previewUnavailable}`} />}
        </Notice>
      )}
    </Section>
  );
}

function Rows({ preview: { columns, rows, isTruncated } }: { preview: Preview }) {
  const intl = useIntl();
  const numbered = rows.map((cells, index) => ({ key: String(index), cells }));
  return (
    <>
      <DataTable<{ key: string; cells: readonly string[] }>
        caption={intl.formatMessage({ id: "store.preview.title" })}
        rows={numbered}
        rowKey={({ key }) => key}
        columns={columns.map((name, index) => ({
          key: `${index}`,
          header: <bdi>{name}</bdi>,
          cell: ({ cells }) => <bdi className={styles.cell}>{cells[index] ?? ""}</bdi>,
        }))}
        isTall
      />
      {isTruncated && (
        <p className={styles.more}>
          <FormattedMessage id="store.preview.more" values={{ count: rows.length }} />
        </p>
      )}
    </>
  );
}
