// What waits for the operator's review, the longest waiting first.
import type { Paging } from "@/lib/paging";
import { useApiLanguage, useSay } from "@/lib/say";
import { Badge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { QueryTable } from "@/ui/query-table";
import { EmptyState } from "@/ui/state";
import { Instant } from "@/ui/time";
import { ListingLines } from "../operate/parts";
import { OperateReviewQueue, type OperateReviewQueueQuery } from "./operate-review.generated";

type Row = OperateReviewQueueQuery["reviewQueue"]["nodes"][number];

export function ReviewQueue({ paging, go }: { paging: Paging; go: (paging: Paging) => void }) {
  const say = useSay();
  const language = useApiLanguage();
  return (
    <QueryTable
      query={OperateReviewQueue}
      variables={(page) => ({ ...page, language })}
      pick={(data) => data.reviewQueue}
      caption={say("operate.review.title")}
      columns={useColumns()}
      rowKey={({ id }) => id}
      paging={paging}
      go={go}
      nothing={<EmptyState title={say("operate.review.empty")} body={say("operate.review.empty.body")} />}
      csv={{
        filename: "review-queue.csv",
        columns: [
          { header: say("operate.column.id"), value: ({ id }) => id },
          { header: say("operate.column.slug"), value: ({ slug }) => slug },
          { header: say("operate.column.listing"), value: (row) => row.workingVersion?.name },
          { header: say("operate.column.kind"), value: ({ kind }) => kind },
          { header: say("operate.column.provider"), value: ({ provider }) => provider.name },
          { header: say("operate.review.change"), value: ({ version }) => (version === null ? "1" : String(version.number + 1)) },
          { header: say("operate.review.since"), value: ({ updatedAt }) => updatedAt },
        ],
      }}
    />
  );
}

function useColumns(): Column<Row>[] {
  const say = useSay();
  return [
    {
      key: "listing",
      header: say("operate.column.listing"),
      isRowHeader: true,
      cell: ({ id, slug, workingVersion }) => <ListingLines id={id} name={workingVersion?.name ?? slug} slug={slug} />,
    },
    { key: "kind", header: say("operate.column.kind"), cell: ({ kind }) => say(`operate.kind.${kind}`) },
    { key: "provider", header: say("operate.column.provider"), cell: ({ provider }) => <bdi>{provider.name}</bdi> },
    {
      key: "change",
      header: say("operate.review.change"),
      cell: ({ version }) =>
        version === null ? (
          <Badge tone="attention">{say("operate.review.first")}</Badge>
        ) : (
          <Badge>{say("operate.review.next", { number: version.number + 1 })}</Badge>
        ),
    },
    { key: "since", header: say("operate.review.since"), cell: ({ updatedAt }) => <Instant value={updatedAt} format="relative" /> },
  ];
}
