// The operate area's frame.
import { Area, type AreaLink } from "../area";

const LINKS: readonly AreaLink[] = [{ to: "/operate", label: "operate.title", exact: true }];

export function OperateArea() {
  return <Area area="operate" title="operate.title" links={LINKS} />;
}
