// Entering a capability into the catalog.
import { Link, useNavigate } from "@tanstack/react-router";
import { CapabilityForm } from "@/features/catalog/capability-form";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";
import { PageHeader } from "@/ui/page";

export function NewCapability() {
  const say = useSay();
  const navigate = useNavigate();
  useHead(say("operate.capabilities.define"));
  return (
    <>
      <PageHeader
        title={say("operate.capabilities.define")}
        lead={say("operate.capabilities.define.lead")}
        breadcrumbs={[
          <Link key="all" to="/operate/capabilities">
            {say("operate.capabilities.title")}
          </Link>,
        ]}
      />
      <CapabilityForm onDone={(slug) => void navigate({ to: "/operate/capabilities/$slug", params: { slug } })} />
    </>
  );
}
