// The single calls behind a line of an invoice.
import { useState } from "react";
import { useQuery } from "urql";
import { useCallColumns } from "@/features/usage/call-columns";
import { LineCalls as LineCallsDocument } from "@/features/usage/calls.generated";
import { useChoices } from "@/features/usage/use-choices";
import { pageArguments, type Paging } from "@/lib/paging";
import { useApiLanguage, useSay } from "@/lib/say";
import { useMay } from "@/lib/viewer";
import { PagedTable } from "@/ui/paged-table";
import styles from "./invoice-lines.module.css";

interface Props {
  invoice: string;
  /** The line's index. */
  number: number;
}

export function LineCalls(props: Props) {
  const say = useSay();
  const mayRead = useMay("USAGE_READ");
  return (
    <div className={styles.calls}>
      <h3 className={styles.title}>{say("usage.invoices.calls")}</h3>
      {mayRead && <Table {...props} />}
    </div>
  );
}

function Table({ invoice, number }: Props) {
  const say = useSay();
  const [paging, setPaging] = useState<Paging>({});
  const variables = { invoice, ...pageArguments(paging), language: useApiLanguage() };
  const [{ data, error }, reread] = useQuery({ query: LineCallsDocument, variables });
  const { principals } = useChoices();
  const nameOf = (principal: string) => principals.find(({ value }) => value === principal)?.label ?? principal;
  // An invoice is of one listing, which its head names.
  const columns = useCallColumns(nameOf).filter(({ key }) => key !== "listing");
  return (
    <PagedTable
      caption={say("usage.invoices.calls")}
      columns={columns}
      page={data?.invoice.lines.find((line) => line.number === number)?.invocations}
      error={error}
      onRetry={() => reread({ requestPolicy: "network-only" })}
      paging={paging}
      go={setPaging}
      rowKey={({ id }) => id}
      empty={say("usage.invoices.calls.none")}
    />
  );
}
