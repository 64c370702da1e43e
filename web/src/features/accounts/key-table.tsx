// The organization's API keys, and how to stop one.
import { useIntl } from "react-intl";
import { useQuery } from "urql";
import { pageArguments, type Paging } from "@/lib/paging";
import { useSay } from "@/lib/say";
import { Badge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { PagedTable } from "@/ui/paged-table";
import { EmptyState } from "@/ui/state";
import { Instant } from "@/ui/time";
import { VisuallyHidden } from "@/ui/visually-hidden";
import styles from "./accounts.module.css";
import { ApiKeys, type ApiKeyRowFragment } from "./api-keys.generated";
import { RevokeKey } from "./revoke-key";

const CONTEXT = { additionalTypenames: ["ApiKey"] };

export function KeyTable({ paging, go }: { paging: Paging; go: (paging: Paging) => void }) {
  const say = useSay();
  const [{ data, error }, reread] = useQuery({ query: ApiKeys, variables: pageArguments(paging), context: CONTEXT });
  return (
    <PagedTable
      caption={say("usage.keys.title")}
      columns={useColumns()}
      page={data?.apiKeys}
      error={error}
      onRetry={() => reread({ requestPolicy: "network-only" })}
      paging={paging}
      go={go}
      rowKey={({ id }) => id}
      nothing={<EmptyState title={say("usage.keys.empty")} body={say("usage.keys.empty.body")} />}
    />
  );
}

function useColumns(): Column<ApiKeyRowFragment>[] {
  const say = useSay();
  const intl = useIntl();
  return [
    { key: "label", header: say("usage.keys.label"), isRowHeader: true, cell: ({ label }) => <bdi className={styles.clip}>{label}</bdi> },
    { key: "prefix", header: say("usage.keys.prefix"), cell: ({ prefix }) => <code>{prefix}…</code> },
    {
      key: "scopes",
      header: say("usage.keys.scopes"),
      cell: ({ scopes }) => intl.formatList(scopes.map((scope) => say(`usage.scope.${scope}`)), { type: "unit" }),
    },
    { key: "created", header: say("usage.keys.created"), cell: ({ createdAt }) => <Instant value={createdAt} format="date" /> },
    {
      key: "state",
      header: say("usage.state"),
      cell: ({ revokedAt }) =>
        revokedAt === null ? (
          <Badge tone="good">{say("usage.keys.works")}</Badge>
        ) : (
          <span className={styles.stack}>
            <Badge tone="faint">{say("usage.keys.revoked")}</Badge>
            <Instant value={revokedAt} format="date" />
          </span>
        ),
    },
    { key: "act", header: <VisuallyHidden>{say("usage.actions")}</VisuallyHidden>, label: say("usage.keys.revoke"), align: "end", cell: (key) => key.revokedAt === null && <RevokeKey apiKey={key} /> },
  ];
}
