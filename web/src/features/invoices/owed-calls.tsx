// The calls behind a line, as their buyer reads them.
import { useCallColumns } from "@/features/usage/call-columns";
import { LineCalls as LineCallsDocument } from "@/features/usage/calls.generated";
import { LineCalls } from "./line-calls";

export function OwedCalls({ invoice, number }: { invoice: string; number: number }) {
  // An invoice is of one listing, which its head names.
  const columns = useCallColumns().filter(({ key }) => key !== "listing");
  return <LineCalls invoice={invoice} number={number} query={LineCallsDocument} columns={columns} />;
}
