// The calls behind a line, as their buyer reads them.
import { useCallColumns } from "@/features/usage/call-columns";
import { LineCalls as LineCallsDocument } from "@/features/usage/calls.generated";
import { useChoices } from "@/features/usage/use-choices";
import { LineCalls } from "./line-calls";

export function OwedCalls({ invoice, number }: { invoice: string; number: number }) {
  const { principals } = useChoices();
  const nameOf = (principal: string) => principals.find(({ value }) => value === principal)?.label ?? principal;
  // An invoice is of one listing, which its head names.
  const columns = useCallColumns(nameOf).filter(({ key }) => key !== "listing");
  return <LineCalls invoice={invoice} number={number} query={LineCallsDocument} columns={columns} />;
}
