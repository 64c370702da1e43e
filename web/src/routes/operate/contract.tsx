// Setting the next version of a capability's contract.
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { CapabilityFrame } from "@/features/catalog/capability-frame";
import { ContractForm } from "@/features/catalog/contract-form";
import { useSay } from "@/lib/say";

const route = getRouteApi("/operate/capabilities/$slug/contract");

export function Contract() {
  const say = useSay();
  const navigate = useNavigate();
  const { slug } = route.useParams();
  return (
    <CapabilityFrame
      slug={slug}
      title={({ contract }) => say("operate.contract.define", { version: (contract?.version ?? 0) + 1 })}
      isBelow
    >
      {(capability) => (
        <ContractForm
          key={capability.contract?.version ?? 0}
          capability={capability}
          onDone={() => void navigate({ to: "/operate/capabilities/$slug", params: { slug } })}
        />
      )}
    </CapabilityFrame>
  );
}
