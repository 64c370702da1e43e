// What a capability's page says below its first screen: who offers it, and how it is called from code.
import { FormattedMessage } from "react-intl";
import { Section } from "@/ui/page";
import { CapabilityOffers } from "../offers/capability-offers";
import type { CapabilityPageQuery } from "./capability.generated";
import { ContractSections } from "./contract-sections";

type Capability = NonNullable<CapabilityPageQuery["capability"]>;

export function CapabilityDepth({ capability: { slug, isTryable, meter, contract, listings } }: { capability: Capability }) {
  return (
    <>
      {listings.nodes.length > 0 && (
        <Section id="offers" title={<FormattedMessage id="store.offers.title" />} note={<FormattedMessage id="store.offers.note" />}>
          <CapabilityOffers listings={listings.nodes} meter={contract?.meter ?? meter} />
        </Section>
      )}
      {contract !== null && <ContractSections slug={slug} isTryable={isTryable} contract={contract} />}
    </>
  );
}
