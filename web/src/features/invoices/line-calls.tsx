// The single calls behind a line of an invoice.
import type { TypedDocumentNode } from "@urql/core";
import { useState } from "react";
import { useQuery } from "urql";
import { pageArguments, type Connection, type Paging } from "@/lib/paging";
import { useApiLanguage, useSay } from "@/lib/say";
import { useMay } from "@/lib/viewer";
import type { Language } from "@/gql/types";
import type { Column } from "@/ui/data-table";
import { PagedTable } from "@/ui/paged-table";
import styles from "./invoice-lines.module.css";

interface Line<Call> {
  number: number;
  invocations: Connection & { nodes: readonly Call[] };
}

interface Props<Call> {
  invoice: string;
  /** The line's index. */
  number: number;
  query: TypedDocumentNode<{ invoice: { lines: readonly Line<Call>[] } }, { invoice: string; first: number; after?: string | null; language?: Language | null }>;
  columns: Column<Call>[];
}

export function LineCalls<Call extends { id: string }>(props: Props<Call>) {
  const say = useSay();
  const mayRead = useMay("USAGE_READ");
  return (
    <div className={styles.calls}>
      <h3 className={styles.title}>{say("invoice.calls")}</h3>
      {mayRead && <Table {...props} />}
    </div>
  );
}

function Table<Call extends { id: string }>({ invoice, number, query, columns }: Props<Call>) {
  const say = useSay();
  const [paging, setPaging] = useState<Paging>({});
  const variables = { invoice, ...pageArguments(paging), language: useApiLanguage() };
  const [{ data, error }, reread] = useQuery({ query, variables });
  return (
    <PagedTable
      caption={say("invoice.calls")}
      columns={columns}
      page={data?.invoice.lines.find((line) => line.number === number)?.invocations}
      error={error}
      onRetry={() => reread({ requestPolicy: "network-only" })}
      paging={paging}
      go={setPaging}
      rowKey={({ id }) => id}
      empty={say("invoice.calls.none")}
    />
  );
}
