// A list of the console: filters and CSV above, the page below.
import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import type { ReactNode } from "react";
import { useClient, useQuery, type UseQueryArgs } from "urql";
import type { CsvColumn } from "@/lib/csv";
import { pageArguments, readAll, type Connection, type Paging } from "@/lib/paging";
import { CsvButton } from "@/ui/csv-button";
import type { DataTableProps } from "@/ui/data-table";
import { Toolbar } from "@/ui/page";
import { PagedTable } from "@/ui/paged-table";

interface Props<Data, Variables, Row> extends Omit<DataTableProps<Row>, "rows" | "isLoading" | "isTall"> {
  query: TypedDocumentNode<Data, Variables>;
  variables: (page: { first: number; after: string | null }) => Variables;
  pick: (data: Data) => Connection & { nodes: readonly Row[] };
  paging: Paging;
  /** Puts another page into the address. */
  go: (paging: Paging) => void;
  /** What narrows the list, above it. */
  filters?: ReactNode;
  csv: { filename: string; columns: readonly CsvColumn<Row>[] };
  /** What stands in the table's place where the whole list is empty. */
  nothing?: ReactNode;
}

export function OperateList<Data, Variables extends AnyVariables, Row>(props: Props<Data, Variables, Row>) {
  const { query, variables, pick, paging, go, filters, csv, ...table } = props;
  const client = useClient();
  const request = { query, variables: variables(pageArguments(paging)) } as UseQueryArgs<Variables, Data>;
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
