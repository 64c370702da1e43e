// The usage area's frame.
import { Area, type AreaLink } from "../area";

const LINKS: readonly AreaLink[] = [
  { to: "/usage", label: "usage.nav.glance", exact: true },
  { to: "/usage/explore", label: "usage.nav.explore" },
  { to: "/usage/calls", label: "usage.nav.calls" },
  { to: "/usage/invoices", label: "usage.nav.invoices" },
  { to: "/usage/agreements", label: "usage.nav.agreements" },
  { to: "/usage/keys", label: "usage.nav.keys" },
  { to: "/usage/members", label: "usage.nav.members" },
  { to: "/usage/profile", label: "usage.nav.profile" },
];

export function UsageArea() {
  return <Area area="usage" title="usage.title" links={LINKS} />;
}
