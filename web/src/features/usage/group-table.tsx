// Usage by group as a table, the largest first, with the way to the calls behind each.
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { UsageGrouping } from "@/gql/types";
import { METERS, type MeterName } from "@/lib/meters";
import { addDecimals, compareDecimals } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { DataTable, type Column, type Sort } from "@/ui/data-table";
import { ExactCharge, Quantity, useMeterNoun } from "@/ui/numbers";
import type { CallChoice } from "./call-choice";
import { callerName } from "./caller-name";
import type { ExploreChoice } from "./explore-choice";
import { restOf } from "./rest";
import { splitOf, type Measure } from "./series";
import { SplitBar } from "./split-bar";
import type { UsageByQuery } from "./usage.generated";

type Usage = UsageByQuery["usage"];
type Group = Usage["groups"][number];

/** The key of the reports that name no capability; a slug is never empty. */
const NO_CAPABILITY = "";

/** The groups of a series; by capability also the reports that name none, without which they don't make the total. */
export function useGroups({ groups, total }: Usage, by: UsageGrouping): Group[] {
  const say = useSay();
  const rest = by === "CAPABILITY" ? restOf(total, groups.map(({ totals }) => totals)) : null;
  return rest === null ? groups : [...groups, { key: NO_CAPABILITY, start: null, label: say("usage.explore.rest"), totals: rest }];
}

interface Props {
  usage: Usage;
  chosen: ExploreChoice;
  by: Exclude<UsageGrouping, "DAY" | "HOUR">;
  measure: Measure;
}

export function GroupTable({ usage, chosen, by, measure }: Props) {
  const say = useSay();
  const [sort, setSort] = useState<Sort>({ key: "sum", direction: "descending" });
  const groups = useGroups(usage, by);
  const name = useGroupName(by);
  const rows = [...groups].sort((a, b) => inOrder(a, b, sort, measure, name));
  return (
    <DataTable
      caption={say("usage.explore.table")}
      columns={useColumns({ usage, chosen, by, measure }, groups)}
      rows={rows}
      rowKey={({ key }) => key}
      sort={sort}
      onSort={setSort}
      empty={say("usage.explore.empty")}
    />
  );
}

function useColumns({ usage, chosen, by, measure }: Props, groups: readonly Group[]): Column<Group>[] {
  const say = useSay();
  const meter = measure === "CALLS" ? undefined : measure;
  const largest = groups.map((group) => sumOf(group, measure)).reduce((a, b) => (compareDecimals(a, b) >= 0 ? a : b), "0");
  const total = splitOf(usage.total, measure);
  const name = useGroupName(by);
  return [
    {
      key: "name",
      header: say(`usage.explore.by.${by}`),
      isRowHeader: true,
      isSortable: true,
      cell: (group) => <GroupName name={name(group)} to={callsOf(chosen, by, group.key)} />,
      footer: say("usage.sum"),
    },
    { key: "bar", header: say("usage.explore.share"), cell: (group) => <SplitBar {...splitOf(group.totals, measure)} largest={largest} /> },
    {
      key: "free",
      header: say("ui.class.FREE"),
      align: "end",
      isSortable: true,
      cell: ({ totals }) => <Quantity value={splitOf(totals, measure).free} meter={meter} />,
      footer: <Quantity value={total.free} meter={meter} />,
    },
    {
      key: "valueAdded",
      header: say("ui.class.VALUE_ADDED"),
      align: "end",
      isSortable: true,
      cell: ({ totals }) => <Quantity value={splitOf(totals, measure).valueAdded} meter={meter} />,
      footer: <Quantity value={total.valueAdded} meter={meter} />,
    },
    {
      key: "sum",
      header: say("usage.sum"),
      align: "end",
      isSortable: true,
      cell: (group) => <Quantity value={sumOf(group, measure)} meter={meter} />,
      footer: <Quantity value={addDecimals(total.free, total.valueAdded)} meter={meter} />,
    },
    {
      key: "charge",
      header: say("usage.calls.charge"),
      align: "end",
      cell: ({ totals }) => <Charges charges={totals.estimatedCharges} />,
      footer: <Charges charges={usage.total.estimatedCharges} />,
    },
  ];
}

/** Gives what a group is called. */
function useGroupName(by: Props["by"]): (group: Group) => string {
  const say = useSay();
  const unit = useMeterNoun();
  return (group) => {
    if (by === "METER") return unit(group.key as MeterName);
    return by === "PRINCIPAL" ? callerName(group, say) : (group.label ?? group.key);
  };
}

function GroupName({ name, to }: { name: string; to: CallChoice | null }) {
  if (to === null) return <bdi>{name}</bdi>;
  return (
    <Link to="/usage/calls" search={to}>
      <bdi>{name}</bdi>
    </Link>
  );
}

/** The calls behind a group; null where calls can't be filtered by it. */
function callsOf({ agreement, capability, principal, from, until }: ExploreChoice, by: Props["by"], key: string): CallChoice | null {
  const choice: CallChoice = { agreement, capability, principal, from, until };
  if (by === "CAPABILITY") return key === NO_CAPABILITY ? null : { ...choice, capability: key };
  if (by === "AGREEMENT") return { ...choice, agreement: key };
  if (by === "PRINCIPAL") return { ...choice, principal: key };
  return null;
}

export function Charges({ charges }: { charges: Usage["total"]["estimatedCharges"] }) {
  if (charges.length === 0) return "–";
  return charges.map(({ currencyCode, exact }, index) => (
    <span key={currencyCode}>
      {index > 0 && " + "}
      <ExactCharge exact={exact} currencyCode={currencyCode} />
    </span>
  ));
}

function sumOf({ totals }: Group, measure: Measure): string {
  const { free, valueAdded } = splitOf(totals, measure);
  return addDecimals(free, valueAdded);
}

function inOrder(a: Group, b: Group, { key, direction }: Sort, measure: Measure, name: (group: Group) => string): number {
  const sign = direction === "ascending" ? 1 : -1;
  if (key === "name") return sign * name(a).localeCompare(name(b));
  if (key === "sum") return sign * compareDecimals(sumOf(a, measure), sumOf(b, measure));
  const side = key === "free" ? "free" : "valueAdded";
  return sign * compareDecimals(splitOf(a.totals, measure)[side], splitOf(b.totals, measure)[side]);
}

/** The measures that a series has: calls, and each meter that was used. */
export function measuresOf(usage: Usage): Measure[] {
  return ["CALLS", ...METERS.filter((each) => usage.total.meters.some(({ meter }) => meter === each))];
}
