// The versions of a listing that went to the market, newest first.
import { useSay } from "@/lib/say";
import { DataTable } from "@/ui/data-table";
import { Section } from "@/ui/page";
import { Instant } from "@/ui/time";
import type { SellListingFullFragment } from "./sell-listing.generated";

export function ListingVersions({ versions }: Pick<SellListingFullFragment, "versions">) {
  const say = useSay();
  return (
    <Section title={say("sell.versions.title")}>
      <DataTable
        caption={say("sell.versions.title")}
        rows={versions.nodes}
        rowKey={({ number }) => String(number)}
        empty={say("sell.versions.none")}
        columns={[
          { key: "number", header: say("sell.versions.number"), isRowHeader: true, cell: ({ number }) => number },
          { key: "published", header: say("sell.versions.published"), cell: ({ publishedAt }) => <Instant value={publishedAt} /> },
          { key: "name", header: say("sell.versions.name"), cell: ({ versionName }) => <bdi>{versionName}</bdi> },
          { key: "licence", header: say("sell.versions.licence"), cell: ({ licence }) => <bdi>{licence ?? "–"}</bdi> },
        ]}
      />
    </Section>
  );
}
