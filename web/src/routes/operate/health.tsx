// Health of upstreams, log and views, as it happens.
import { HealthSections } from "@/features/platform/health";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";

export function Health() {
  const say = useSay();
  useHead(say("operate.health.title"));
  return <HealthSections />;
}
