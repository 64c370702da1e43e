// The sell area's frame.
import { Area, type AreaLink } from "../area";

const LINKS: readonly AreaLink[] = [
  { to: "/sell", label: "sell.title", exact: true },
  { to: "/sell/store", label: "sell.nav.store" },
  { to: "/sell/listings", label: "sell.nav.listings" },
  { to: "/sell/analytics", label: "sell.nav.analytics" },
  { to: "/sell/statements", label: "sell.nav.statements" },
];

export function SellArea() {
  return <Area area="sell" title="sell.title" links={LINKS} />;
}
