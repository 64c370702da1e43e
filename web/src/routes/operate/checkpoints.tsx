// What has been said of the log, signed; and by which keys.
import { getRouteApi } from "@tanstack/react-router";
import { CheckpointTable } from "@/features/receipts/checkpoint-table";
import { PlatformKeys } from "@/features/receipts/platform-keys";
import { useHead } from "@/lib/head";
import { given } from "@/lib/search";
import { useSay } from "@/lib/say";
import { PageHeader, Section } from "@/ui/page";

const route = getRouteApi("/operate/checkpoints");

export function Checkpoints() {
  const say = useSay();
  const navigate = route.useNavigate();
  useHead(say("operate.checkpoints.title"));
  return (
    <>
      <PageHeader title={say("operate.checkpoints.title")} lead={say("operate.checkpoints.lead")} />
      <CheckpointTable choice={route.useSearch()} go={(choice) => void navigate({ search: given(choice) })} />
      <Section title={say("operate.checkpoints.keys")} note={say("operate.checkpoints.keys.note")}>
        <PlatformKeys />
      </Section>
    </>
  );
}
