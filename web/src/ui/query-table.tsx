// A connection that is read by a query, as a table with its CSV: under filters, or as a section of a page.
import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { useMemo, type ReactNode } from "react";
import { useClient, useQuery, type UseQueryArgs } from "urql";
import type { CsvColumn } from "../lib/csv";
import { pageArguments, readAll, type Connection, type Paging } from "../lib/paging";
import type { ButtonSize } from "./button-class";
import { CsvButton } from "./csv-button";
import type { DataTableProps } from "./data-table";
import { Section, Toolbar } from "./page";
import { PagedTable } from "./paged-table";

interface QueryList<Data, Variables, Row> extends Omit<DataTableProps<Row>, "rows" | "isLoading" | "isTall"> {
  query: TypedDocumentNode<Data, Variables>;
  variables: (page: { first: number; after: string | null }) => Variables;
  pick: (data: Data) => Connection & { nodes: readonly Row[] };
  paging: Paging;
  /** Puts another page into the address. */
  go: (paging: Paging) => void;
  /** Types whose changes concern the list though none of them may be in it. */
  additionalTypenames?: string[] | undefined;
  csv: { filename: string; columns: readonly CsvColumn<Row>[] };
  /** What stands in the table's place where the whole list is empty. */
  nothing?: ReactNode;
}

interface QueryTableProps<Data, Variables, Row> extends QueryList<Data, Variables, Row> {
  /** What narrows the list, above it. */
  filters?: ReactNode;
  /** What the row of filters is called where it isn't called as the table. */
  filtersLabel?: string;
}

export function QueryTable<Data, Variables extends AnyVariables, Row>(props: QueryTableProps<Data, Variables, Row>) {
  const { filters, filtersLabel, ...list } = props;
  const { csv, table } = useQueryList(list, filters === undefined ? "small" : "medium");
  return (
    <>
      {(filters !== undefined || csv !== null) && (
        <Toolbar label={filtersLabel ?? list.caption}>
          {filters}
          {csv}
        </Toolbar>
      )}
      {table}
    </>
  );
}

interface QuerySectionProps<Data, Variables, Row> extends QueryList<Data, Variables, Row> {
  /** A sentence under the title, which is the table's caption. */
  note: ReactNode;
}

export function QuerySection<Data, Variables extends AnyVariables, Row>({ note, ...list }: QuerySectionProps<Data, Variables, Row>) {
  const { csv, table } = useQueryList(list, "small");
  return (
    <Section title={list.caption} note={note} actions={csv}>
      {table}
    </Section>
  );
}

/** The page of the list that the address names, and what saves all of them where there are any: beside fields as high as they are. */
function useQueryList<Data, Variables extends AnyVariables, Row>(list: QueryList<Data, Variables, Row>, size: ButtonSize) {
  const { query, variables, pick, paging, csv, additionalTypenames, ...table } = list;
  const client = useClient();
  const context = useMemo(() => ({ additionalTypenames: additionalTypenames ?? [] }), [additionalTypenames]);
  const request = { query, variables: variables(pageArguments(paging)), context } as UseQueryArgs<Variables, Data>;
  const [{ data, error }, reread] = useQuery<Data, Variables>(request);
  const page = data === undefined ? undefined : pick(data);
  const fetchAll = (report: (done: number, total: number) => void) => readAll({ client, query, variables, pick, report });
  return {
    csv: page?.totalCount === "0" ? null : <CsvButton<Row> {...csv} size={size} total={page?.totalCount} fetchAll={fetchAll} />,
    table: (
      <PagedTable
        {...table}
        page={page}
        error={error}
        onRetry={() => reread({ requestPolicy: "network-only" })}
        paging={paging}
      />
    ),
  };
}
