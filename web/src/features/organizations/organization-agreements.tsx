// The agreements of one organization, as its buyer or its seller.
import { Link } from "@tanstack/react-router";
import type { Side } from "@/gql/types";
import type { Paging } from "@/lib/paging";
import { useApiLanguage, useSay } from "@/lib/say";
import { StatusBadge } from "@/ui/badge";
import { SelectField } from "@/ui/choice-field";
import type { Column } from "@/ui/data-table";
import { Section } from "@/ui/page";
import { QueryTable } from "@/ui/query-table";
import { Instant } from "@/ui/time";
import { SIDES } from "../operate/choices";
import { OrganizationLink, TwoLines } from "../operate/parts";
import { OperateOrganizationAgreements, type OperateOrganizationAgreementsQuery } from "./operate-organizations.generated";

type Row = OperateOrganizationAgreementsQuery["agreements"]["nodes"][number];

export interface AgreementsChoice extends Paging {
  side?: Side | undefined;
}

interface Props {
  id: string;
  choice: AgreementsChoice;
  go: (choice: AgreementsChoice) => void;
}

export function OrganizationAgreements({ id, choice, go }: Props) {
  const say = useSay();
  const language = useApiLanguage();
  const side = choice.side ?? "BUYER";
  return (
    <Section title={say("operate.organizations.agreements")}>
      <QueryTable
        query={OperateOrganizationAgreements}
        variables={(page) => ({ ...page, id, side, language })}
        pick={(data) => data.agreements}
        caption={say("operate.organizations.agreements")}
        columns={useColumns(side)}
        rowKey={(row) => row.id}
        paging={choice}
        go={(paging) => go({ side: choice.side, ...paging })}
        empty={say("operate.organizations.noAgreements")}
        filters={
          <SelectField
            label={say("operate.organizations.side")}
            value={side}
            onChange={(next) => go({ side: next, size: choice.size })}
            choices={SIDES.map((value) => ({ value, label: say(`operate.organizations.side.${value}`) }))}
          />
        }
        csv={{
          filename: `agreements-${id}.csv`,
          columns: [
            { header: say("operate.column.id"), value: (row) => row.id },
            { header: say("operate.column.listing"), value: ({ listing }) => listing.slug },
            { header: say("operate.column.offer"), value: ({ offer }) => offer.name },
            { header: say("operate.column.buyer"), value: ({ buyer }) => buyer.name },
            { header: say("operate.column.seller"), value: ({ seller }) => seller.name },
            { header: say("operate.column.state"), value: ({ state }) => state },
            { header: say("operate.organizations.since"), value: ({ startsAt }) => startsAt },
            { header: say("operate.organizations.until"), value: ({ endsAt }) => endsAt },
          ],
        }}
      />
    </Section>
  );
}

function useColumns(side: Side): Column<Row>[] {
  const say = useSay();
  return [
    {
      key: "listing",
      header: say("operate.column.listing"),
      isRowHeader: true,
      cell: ({ id, listing }) => (
        <TwoLines
          first={
            <Link to="/listings/$slug" params={{ slug: listing.slug }}>
              <bdi>{listing.name}</bdi>
            </Link>
          }
          second={id}
        />
      ),
    },
    { key: "offer", header: say("operate.column.offer"), cell: ({ offer }) => <bdi>{offer.name}</bdi> },
    {
      key: "other",
      header: say(side === "BUYER" ? "operate.column.seller" : "operate.column.buyer"),
      cell: ({ buyer, seller }) => <OrganizationLink organization={side === "BUYER" ? seller : buyer} />,
    },
    { key: "state", header: say("operate.column.state"), cell: ({ state }) => <StatusBadge state={state} /> },
    { key: "since", header: say("operate.organizations.since"), cell: ({ startsAt }) => <Instant value={startsAt} format="date" /> },
    { key: "until", header: say("operate.organizations.until"), cell: ({ endsAt }) => (endsAt === null ? "–" : <Instant value={endsAt} format="date" />) },
  ];
}
