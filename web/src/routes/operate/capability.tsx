// One capability of the catalog.
import { getRouteApi } from "@tanstack/react-router";
import { CapabilityForm } from "@/features/catalog/capability-form";
import { CapabilityFrame } from "@/features/catalog/capability-frame";
import { CapabilityContract, CapabilityFacts, CapabilityOffered } from "@/features/catalog/capability-sections";
import { useSay } from "@/lib/say";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";

const route = getRouteApi("/operate/capabilities/$slug");

export function Capability() {
  const say = useSay();
  const { slug } = route.useParams();
  return (
    <CapabilityFrame
      slug={slug}
      actions={(capability) => (
        <Dialog title={say("operate.capability.redefine.title")} trigger={<Button>{say("operate.capability.redefine")}</Button>} isWide>
          {(close) => <CapabilityForm capability={capability} onDone={close} />}
        </Dialog>
      )}
    >
      {(capability) => (
        <>
          <CapabilityFacts capability={capability} />
          <CapabilityContract capability={capability} />
          <CapabilityOffered capability={capability} />
        </>
      )}
    </CapabilityFrame>
  );
}
