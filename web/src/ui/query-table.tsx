// A connection that is read by a query, as a table: filters and CSV above, the page below.
import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { useMemo, type ReactNode } from "react";
import { useClient, useQuery, type UseQueryArgs } from "urql";
import type { CsvColumn } from "../lib/csv";
import { pageArguments, readAll, type Connection, type Paging } from "../lib/paging";
import { CsvButton } from "./csv-button";
import type { DataTableProps } from "./data-table";
import { Toolbar } from "./page";
import { PagedTable } from "./paged-table";

interface Props<Data, Variables, Row> extends Omit<DataTableProps<Row>, "rows" | "isLoading" | "isTall"> {
  query: TypedDocumentNode<Data, Variables>;
  variables: (page: { first: number; after: string | null }) => Variables;
  pick: (data: Data) => Connection & { nodes: readonly Row[] };
  paging: Paging;
  /** Puts another page into the address. */
  go: (paging: Paging) => void;
  /** What narrows the list, above it. */
  filters?: ReactNode;
  /** Types whose changes concern the list though none of them may be in it. */
  additionalTypenames?: string[] | undefined;
  csv: { filename: string; columns: readonly CsvColumn<Row>[] };
  /** What stands in the table's place where the whole list is empty. */
  nothing?: ReactNode;
}

export function QueryTable<Data, Variables extends AnyVariables, Row>(props: Props<Data, Variables, Row>) {
  const { query, variables, pick, paging, go, filters, csv, additionalTypenames, ...table } = props;
  const client = useClient();
  const context = useMemo(() => ({ additionalTypenames: additionalTypenames ?? [] }), [additionalTypenames]);
  const request = { query, variables: variables(pageArguments(paging)), context } as UseQueryArgs<Variables, Data>;
  const [{ data, error }, reread] = useQuery<Data, Variables>(request);
  return (
    <>
      <Toolbar label={table.caption}>
        {filters}
        <CsvButton<Row>
          filename={csv.filename}
          columns={csv.columns}
          fetchAll={(report) => readAll({ client, query, variables, pick, report })}
        />
      </Toolbar>
      <PagedTable
        {...table}
        page={data === undefined ? undefined : pick(data)}
        error={error}
        onRetry={() => reread({ requestPolicy: "network-only" })}
        paging={paging}
        go={go}
      />
    </>
  );
}
