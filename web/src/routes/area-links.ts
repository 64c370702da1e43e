// The pages of the areas behind sign-in, as their side navigations show them.
import type { LinkProps } from "@tanstack/react-router";
import type { MessageId } from "@/messages";

/** One page of an area. */
export interface AreaLink {
  to: NonNullable<LinkProps["to"]>;
  label: MessageId;
  /** Whether only this very address is the page, not those below it. */
  exact?: boolean;
}

/** The areas that have a frame of their own. */
export type AreaName = "sell" | "usage" | "operate";

export const AREA_LINKS: Record<AreaName, readonly AreaLink[]> = {
  sell: [
    { to: "/sell", label: "sell.title", exact: true },
    { to: "/sell/store", label: "sell.nav.store" },
    { to: "/sell/listings", label: "sell.nav.listings" },
    { to: "/sell/analytics", label: "sell.nav.analytics" },
    { to: "/sell/statements", label: "sell.nav.statements" },
  ],
  usage: [
    { to: "/usage", label: "usage.nav.glance", exact: true },
    { to: "/usage/explore", label: "usage.nav.explore" },
    { to: "/usage/calls", label: "usage.nav.calls" },
    { to: "/usage/invoices", label: "usage.nav.invoices" },
    { to: "/usage/agreements", label: "usage.nav.agreements" },
    { to: "/usage/keys", label: "usage.nav.keys" },
    { to: "/usage/members", label: "usage.nav.members" },
    { to: "/usage/profile", label: "usage.nav.profile" },
  ],
  operate: [
    { to: "/operate", label: "operate.nav.home", exact: true },
    { to: "/operate/review", label: "operate.nav.review" },
    { to: "/operate/capabilities", label: "operate.nav.capabilities" },
    { to: "/operate/organizations", label: "operate.nav.organizations" },
    { to: "/operate/periods", label: "operate.nav.periods" },
    { to: "/operate/invoices", label: "operate.nav.invoices" },
    { to: "/operate/statements", label: "operate.nav.statements" },
    { to: "/operate/ledger", label: "operate.nav.ledger" },
    { to: "/operate/settings", label: "operate.nav.settings" },
    { to: "/operate/log", label: "operate.nav.log" },
    { to: "/operate/checkpoints", label: "operate.nav.checkpoints" },
    { to: "/operate/health", label: "operate.nav.health" },
  ],
};
