// A connection as a table with its pager: being read, failed, empty, or there.
import type { CombinedError } from "@urql/core";
import type { ReactNode } from "react";
import { pagerProps, type Connection, type Paging } from "../lib/paging";
import { DataTable, type DataTableProps } from "./data-table";
import { Failure } from "./failure";
import { Pager } from "./pager";
import styles from "./paged-table.module.css";

interface PagedTableProps<Row> extends Omit<DataTableProps<Row>, "rows" | "isLoading"> {
  /** The page as it was read; undefined until then. */
  page: (Connection & { nodes: readonly Row[] }) | undefined;
  error: CombinedError | undefined;
  onRetry: () => void;
  paging: Paging;
  /** Puts another page into the address. */
  go: (paging: Paging) => void;
  /** What stands in the table's place where the whole list is empty, filters apart. */
  nothing?: ReactNode;
}

/** Shows one page of a list and the ways to the others. */
export function PagedTable<Row>({ page, error, onRetry, paging, go, nothing, ...table }: PagedTableProps<Row>) {
  if (page === undefined && error !== undefined) return <Failure error={error} onRetry={onRetry} />;
  if (page?.totalCount === "0" && nothing !== undefined) return nothing;
  return (
    <div className={styles.list}>
      <DataTable {...table} rows={page?.nodes ?? []} isLoading={page === undefined} />
      {page !== undefined && <Pager {...pagerProps(paging, page, go)} />}
    </div>
  );
}
