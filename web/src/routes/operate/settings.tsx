// What the operator sets for the whole market.
import { MarketTerms } from "@/features/settings/market-terms";
import { Sandbox } from "@/features/settings/sandbox";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";
import { PageHeader, Section } from "@/ui/page";

export function Settings() {
  const say = useSay();
  useHead(say("operate.settings.title"));
  return (
    <>
      <PageHeader title={say("operate.settings.title")} lead={say("operate.settings.lead")} />
      <Section title={say("operate.settings.terms")}>
        <MarketTerms />
      </Section>
      <Section title={say("operate.settings.sandbox")} note={say("operate.settings.sandbox.note")}>
        <Sandbox />
      </Section>
    </>
  );
}
