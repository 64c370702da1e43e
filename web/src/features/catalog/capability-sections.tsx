// One capability: what the catalog says of it, its contract, who offers it.
import { Link } from "@tanstack/react-router";
import { groupDigits } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { Badge, StatusBadge } from "@/ui/badge";
import { buttonClass } from "@/ui/button-class";
import { DataTable, type Column } from "@/ui/data-table";
import { Disclosure } from "@/ui/disclosure";
import { JsonView } from "@/ui/json-view";
import { KeyValue, Section } from "@/ui/page";
import { EmptyState } from "@/ui/state";
import styles from "../operate/operate.module.css";
import { ListingLines } from "../operate/parts";
import { countOf } from "./contract-draft";
import type { OperateCapabilityQuery } from "./operate-capabilities.generated";
import { PriceRanges } from "./price-ranges";

export type Capability = NonNullable<OperateCapabilityQuery["capability"]>;
type Listing = Capability["listings"]["nodes"][number];

export function CapabilityFacts({ capability }: { capability: Capability }) {
  const say = useSay();
  const { inputs, outputs, industries } = capability;
  return (
    <Section title={say("operate.capability.facts")}>
      <KeyValue
        entries={[
          [say("operate.column.slug"), <code>{capability.slug}</code>],
          [say("operate.capability.nameEn"), <span lang="en">{capability.nameEn}</span>],
          [say("operate.capability.nameZh"), <span lang="zh-CN">{capability.nameZh}</span>],
          [say("operate.column.category"), `${capability.category.name} / ${capability.subcategory}`],
          [say("operate.capability.inputs"), inputs.join(", ")],
          [say("operate.capability.outputs"), outputs.join(", ")],
          [say("operate.capability.industries"), industries.length > 0 && industries.join(", ")],
          [say("operate.column.meter"), say(`operate.meter.${capability.meter}`)],
          [say("operate.capability.quotedPer"), groupDigits(capability.quotedPer)],
          [say("operate.capability.usuallyFree"), say(`operate.capability.usuallyFree.${capability.isUsuallyFree ? "yes" : "no"}`)],
          [say("operate.capability.demand"), say(capability.isSpecialised ? "operate.capability.specialised" : "operate.capability.general")],
          [
            say("operate.capabilities.coverage"),
            <Badge tone={capability.isAnswered ? "good" : "faint"}>
              {say(capability.isAnswered ? "operate.capabilities.answered" : "operate.capabilities.unanswered")}
            </Badge>,
          ],
          [say("operate.capabilities.prices"), <PriceRanges ranges={capability.coverage.priceRanges} />],
          [
            say("operate.organizations.events"),
            <Link to="/operate/log" search={{ stream: `capability-${capability.slug}` }}>
              {say("operate.organizations.events.link")}
            </Link>,
          ],
        ]}
      />
    </Section>
  );
}

export function CapabilityContract({ capability: { slug, contract } }: { capability: Capability }) {
  const say = useSay();
  const toEditor = (label: string, variant: "primary" | "secondary") => (
    <Link to="/operate/capabilities/$slug/contract" params={{ slug }} className={buttonClass(variant)}>
      {label}
    </Link>
  );
  if (contract === null) {
    return (
      <Section title={say("operate.contract.title")}>
        <EmptyState
          title={say("operate.contract.none")}
          body={say("operate.contract.none.body")}
          action={toEditor(say("operate.contract.first"), "primary")}
        />
      </Section>
    );
  }
  return (
    <Section title={say("operate.contract.titleOf", { version: contract.version })} actions={toEditor(say("operate.contract.next"), "secondary")}>
      <div className={styles.gap}>
        <p lang="en">{contract.summaryEn}</p>
        <p lang="zh-CN">{contract.summaryZh}</p>
        <KeyValue
          entries={[
            [say("operate.column.meter"), say(`operate.meter.${contract.meter}`)],
            [say("operate.contract.count"), <Counted contract={contract} />],
          ]}
        />
        <Disclosure title={say("operate.contract.input")}>
          <JsonView label={say("operate.contract.input")} value={contract.inputSchema} openLevels={3} />
        </Disclosure>
        <Disclosure title={say("operate.contract.output")}>
          <JsonView label={say("operate.contract.output")} value={contract.outputSchema} openLevels={3} />
        </Disclosure>
        <Disclosure title={say("operate.contract.examples")} note={String(contract.examples.length)}>
          <JsonView label={say("operate.contract.examples")} value={contract.examples} openLevels={3} />
        </Disclosure>
      </div>
    </Section>
  );
}

/** How the contract counts, and where in the input. */
function Counted({ contract }: { contract: NonNullable<Capability["contract"]> }) {
  const say = useSay();
  const { count, pointers } = countOf(contract);
  return (
    <>
      {say(`operate.contract.count.${count}`)}
      {pointers !== "" && (
        <>
          {" "}
          <code>{pointers.replaceAll("\n", " ")}</code>
        </>
      )}
    </>
  );
}

export function CapabilityOffered({ capability: { listings } }: { capability: Capability }) {
  const say = useSay();
  const columns: Column<Listing>[] = [
    {
      key: "listing",
      header: say("operate.column.listing"),
      isRowHeader: true,
      cell: (listing) => <ListingLines {...listing} />,
    },
    {
      key: "provider",
      header: say("operate.column.provider"),
      cell: ({ provider: { slug, name } }) => (
        <Link to="/stores/$slug" params={{ slug }}>
          <bdi>{name}</bdi>
        </Link>
      ),
    },
    { key: "state", header: say("operate.column.state"), cell: ({ state }) => <StatusBadge state={state} /> },
    { key: "offers", header: say("operate.column.offers"), align: "end", cell: ({ offers }) => offers.totalCount },
  ];
  return (
    <Section title={say("operate.capability.offered")}>
      <DataTable
        caption={say("operate.capability.offered")}
        columns={columns}
        rows={listings.nodes}
        rowKey={({ id }) => id}
        empty={say("operate.capability.notOffered")}
      />
    </Section>
  );
}
