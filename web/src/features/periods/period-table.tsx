// Periods that are not closed yet, the one that ends first comes first.
import { Link } from "@tanstack/react-router";
import type { Paging } from "@/lib/paging";
import { useApiLanguage, useSay } from "@/lib/say";
import { Badge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { SwitchField } from "@/ui/choice-field";
import { Quantity } from "@/ui/numbers";
import { QueryTable } from "@/ui/query-table";
import { EmptyState } from "@/ui/state";
import { Instant, Period } from "@/ui/time";
import { OrganizationLink, TwoLines } from "../operate/parts";
import { ClosePeriod } from "./close-period";
import { OperateOpenPeriods, type OperateOpenPeriodFragment } from "./operate-periods.generated";

export interface PeriodsChoice extends Paging {
  ended?: "yes" | undefined;
}

export function PeriodTable({ choice, go }: { choice: PeriodsChoice; go: (choice: PeriodsChoice) => void }) {
  const say = useSay();
  const language = useApiLanguage();
  const { ended, size } = choice;
  return (
    <QueryTable
      query={OperateOpenPeriods}
      variables={(page) => ({ ...page, filter: { endedOnly: ended === "yes" }, language })}
      pick={(data) => data.openPeriods}
      caption={say("operate.periods.open")}
      columns={useColumns()}
      rowKey={({ agreement, period }) => `${agreement.id} ${period.start}`}
      paging={choice}
      go={(paging) => go({ ended, ...paging })}
      empty={say("operate.periods.noneEnded")}
      {...(ended === "yes" ? {} : { nothing: <EmptyState title={say("operate.periods.empty")} body={say("operate.periods.empty.body")} /> })}
      filters={
        <SwitchField
          label={say("operate.periods.endedOnly")}
          isSelected={ended === "yes"}
          onChange={(isOn) => go({ ended: isOn ? "yes" : undefined, size })}
        />
      }
      csv={{
        filename: "open-periods.csv",
        columns: [
          { header: say("operate.column.agreement"), value: ({ agreement }) => agreement.id },
          { header: say("operate.column.listing"), value: ({ agreement }) => agreement.listing.name },
          { header: say("operate.column.buyer"), value: ({ agreement }) => agreement.buyer.name },
          { header: say("operate.column.seller"), value: ({ agreement }) => agreement.seller.name },
          { header: say("operate.column.periodStart"), value: ({ period }) => period.start },
          { header: say("operate.column.periodEnd"), value: ({ period }) => period.end },
          { header: say("operate.invoices.calls"), value: ({ calls }) => calls },
        ],
      }}
    />
  );
}

function useColumns(): Column<OperateOpenPeriodFragment>[] {
  const say = useSay();
  return [
    {
      key: "period",
      header: say("operate.column.period"),
      isRowHeader: true,
      cell: ({ period, agreement }) => <TwoLines first={<Period {...period} zone={agreement.timeZone} />} second={agreement.id} />,
    },
    {
      key: "listing",
      header: say("operate.column.listing"),
      cell: ({ agreement: { listing, seller } }) => (
        <TwoLines
          first={
            <Link to="/listings/$slug" params={{ slug: listing.slug }}>
              <bdi>{listing.name}</bdi>
            </Link>
          }
          second={<OrganizationLink organization={seller} />}
        />
      ),
    },
    { key: "buyer", header: say("operate.column.buyer"), cell: ({ agreement }) => <OrganizationLink organization={agreement.buyer} /> },
    { key: "calls", header: say("operate.invoices.calls"), align: "end", cell: ({ calls }) => <Quantity value={calls} /> },
    {
      key: "valueAdded",
      header: say("ui.class.VALUE_ADDED"),
      align: "end",
      cell: (open) => <Units {...open} />,
    },
    {
      key: "ends",
      header: say("operate.periods.ends"),
      cell: ({ hasEnded, period }) =>
        hasEnded ? <Badge tone="attention">{say("operate.periods.ended")}</Badge> : <Instant value={period.end} format="relative" />,
    },
    { key: "act", header: say("operate.column.act"), cell: (open) => <ClosePeriod open={open} /> },
  ];
}

function Units({ meters, late, agreement }: OperateOpenPeriodFragment) {
  const say = useSay();
  if (meters.length === 0 && late.length === 0) return "–";
  return (
    <ul>
      {meters.map(({ meter, valueAdded }) => (
        <li key={meter}>
          <Quantity value={valueAdded} meter={meter} />
        </li>
      ))}
      {late.map(({ period, meters: units }) =>
        units.map(({ meter, valueAdded }) => (
          <li key={`${period.start} ${meter}`}>
            <Quantity value={valueAdded} meter={meter} /> · {say("operate.periods.late")} · <Period {...period} zone={agreement.timeZone} />
          </li>
        )),
      )}
    </ul>
  );
}
