// The catalog of capabilities, and how well it is covered.
import { getRouteApi, Link } from "@tanstack/react-router";
import { CapabilityTable } from "@/features/catalog/capability-table";
import { CoverageMap } from "@/features/catalog/coverage-map";
import { useHead } from "@/lib/head";
import { given } from "@/lib/search";
import { useSay } from "@/lib/say";
import { buttonClass } from "@/ui/button-class";
import { PageHeader, Section } from "@/ui/page";

const route = getRouteApi("/operate/capabilities");

export function Capabilities() {
  const say = useSay();
  const navigate = route.useNavigate();
  useHead(say("operate.capabilities.title"));
  return (
    <>
      <PageHeader
        title={say("operate.capabilities.title")}
        lead={say("operate.capabilities.lead")}
        actions={
          <Link to="/operate/capabilities/new" className={buttonClass("primary")}>
            {say("operate.capabilities.define")}
          </Link>
        }
      />
      <Section title={say("operate.capabilities.coverage")} note={say("operate.capabilities.coverage.note")}>
        <CoverageMap />
      </Section>
      <Section title={say("operate.capabilities.all")}>
        <CapabilityTable choice={route.useSearch()} go={(choice) => void navigate({ search: given(choice) })} />
      </Section>
    </>
  );
}
