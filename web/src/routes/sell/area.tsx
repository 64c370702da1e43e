// The sell area's frame.
import { Area, type AreaLink } from "../area";

const LINKS: readonly AreaLink[] = [{ to: "/sell", label: "sell.title", exact: true }];

export function SellArea() {
  return <Area area="sell" title="sell.title" links={LINKS} />;
}
