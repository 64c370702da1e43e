// The usage area's frame.
import { Area, type AreaLink } from "../area";

const LINKS: readonly AreaLink[] = [{ to: "/usage", label: "usage.title", exact: true }];

export function UsageArea() {
  return <Area area="usage" title="usage.title" links={LINKS} />;
}
