// How the organization stands with the platform, by the ledger: what it is owed for sales, what it owes as a buyer.
import { useQuery } from "urql";
import { useSay } from "@/lib/say";
import { Failure } from "@/ui/failure";
import { Money } from "@/ui/numbers";
import { Section } from "@/ui/page";
import { Skeleton } from "@/ui/state";
import { Stat, StatRow } from "@/ui/stat";
import { SellBalances, type SellMoneyFragment } from "./sell-statements.generated";

export function Balances() {
  const say = useSay();
  const [{ data, error }, ask] = useQuery({ query: SellBalances });
  const of = (kind: "PROVIDER_PAYABLE" | "BUYER_RECEIVABLE") =>
    (data?.ledgerBalances ?? []).filter(({ account }) => account.kind === kind).map(({ amount }) => amount);
  const owed = of("PROVIDER_PAYABLE").map(unsigned);
  const owing = of("BUYER_RECEIVABLE");
  return (
    <Section title={say("sell.balances.title")} note={say("sell.balances.note")}>
      {error !== undefined && data === undefined && <Failure error={error} onRetry={() => ask({ requestPolicy: "network-only" })} />}
      {error === undefined && data === undefined && <Skeleton lines={2} />}
      {data !== undefined && owed.length + owing.length === 0 && <p>{say("sell.balances.none")}</p>}
      {owed.length + owing.length > 0 && (
        <StatRow>
          {owed.map((amount) => (
            <Stat key={`owed ${amount.currencyCode}`} label={say("sell.balances.owed")} value={<Money {...amount} />} note={say("sell.balances.owed.note")} />
          ))}
          {owing.map((amount) => (
            <Stat key={`owing ${amount.currencyCode}`} label={say("sell.balances.owing")} value={<Money {...amount} />} note={say("sell.balances.owing.note")} />
          ))}
        </StatRow>
      )}
    </Section>
  );
}

/** A liability of the platform stands in the ledger as a credit, which is negative; for the provider it is what comes in. */
function unsigned({ amount, currencyCode }: SellMoneyFragment): SellMoneyFragment {
  const negated = amount.startsWith("-") ? amount.slice(1) : /^[0.]*$/.test(amount) ? amount : `-${amount}`;
  return { amount: negated, currencyCode };
}
