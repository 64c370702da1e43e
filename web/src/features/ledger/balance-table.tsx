// Balances by account and currency. Debits are positive, credits negative, in words as well.
import { compareDecimals } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import type { LedgerAccountKind } from "@/gql/types";
import { DataTable, type Column } from "@/ui/data-table";
import { Money } from "@/ui/numbers";

interface Balance {
  account: { kind: LedgerAccountKind };
  amount: { amount: string; currencyCode: string };
}

export function BalanceTable({ balances }: { balances: readonly Balance[] }) {
  const say = useSay();
  const columns: Column<Balance>[] = [
    { key: "account", header: say("operate.column.account"), isRowHeader: true, cell: ({ account }) => say(`operate.account.${account.kind}`) },
    { key: "currency", header: say("operate.column.currency"), cell: ({ amount }) => amount.currencyCode },
    { key: "side", header: say("operate.ledger.side"), cell: ({ amount }) => say(sideOf(amount.amount)) },
    { key: "amount", header: say("operate.column.amount"), align: "end", cell: ({ amount }) => <Money {...amount} /> },
  ];
  return (
    <DataTable
      caption={say("operate.ledger.balances")}
      columns={columns}
      rows={balances}
      rowKey={({ account, amount }) => `${account.kind} ${amount.currencyCode}`}
      empty={say("operate.ledger.noBalances")}
    />
  );
}

function sideOf(amount: string) {
  const sign = compareDecimals(amount, "0");
  return sign > 0 ? "operate.ledger.debit" : sign < 0 ? "operate.ledger.credit" : "operate.ledger.even";
}
