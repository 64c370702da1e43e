// The usage billing dashboard.
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { keyChoiceOf, memberChoiceOf, type KeyChoice, type MemberChoice } from "@/features/accounts/choice";
import { AGREEMENT_STATES, type AgreementChoice } from "@/features/agreements/choice";
import { invoiceChoiceOf, type InvoiceChoice } from "@/features/invoices/choice";
import { callChoiceOf, type CallChoice } from "@/features/usage/call-choice";
import { exploreChoiceOf, type ExploreChoice } from "@/features/usage/explore-choice";
import { Glance, GlanceSpend, GlanceUsage } from "@/features/usage/glance.generated";
import { requireMember } from "@/lib/guard";
import { loadLanguage } from "@/lib/intl";
import { validPaging, type Paging } from "@/lib/paging";
import { given, oneOf } from "@/lib/search";
import { ahead, memberArea } from "../ahead";
import { rootRoute } from "../root";

type Search = Record<string, unknown>;

const area = createRoute({
  getParentRoute: () => rootRoute,
  path: "/usage",
  beforeLoad: requireMember,
  loader: memberArea("usage"),
  component: lazyRouteComponent(() => import("../area"), "UsageArea"),
});

const home = createRoute({
  getParentRoute: () => area,
  path: "/",
  loader: (to) =>
    ahead(to, (ask, language) => {
      ask(Glance, { language }, { additionalTypenames: ["Agreement"] });
      ask(GlanceUsage, { language });
      ask(GlanceSpend, {});
    }),
  component: lazyRouteComponent(() => import("./home"), "Home"),
});

const explore = createRoute({
  getParentRoute: () => area,
  path: "/explore",
  validateSearch: (search: Search): ExploreChoice => exploreChoiceOf(search),
  component: lazyRouteComponent(() => import("./explore"), "Explore"),
});

const calls = createRoute({
  getParentRoute: () => area,
  path: "/calls",
  validateSearch: (search: Search): CallChoice => callChoiceOf(search),
  component: lazyRouteComponent(() => import("./calls"), "Calls"),
});

const call = createRoute({
  getParentRoute: () => area,
  path: "/calls/$id",
  component: lazyRouteComponent(() => import("./call"), "Call"),
});

const invoices = createRoute({
  getParentRoute: () => area,
  path: "/invoices",
  validateSearch: (search: Search): InvoiceChoice & Paging => ({ ...validPaging(search), ...invoiceChoiceOf(search) }),
  component: lazyRouteComponent(() => import("./invoices"), "Invoices"),
});

const invoice = createRoute({
  getParentRoute: () => area,
  path: "/invoices/$id",
  loader: () => loadLanguage("invoice"),
  component: lazyRouteComponent(() => import("./invoice"), "Invoice"),
});

const agreements = createRoute({
  getParentRoute: () => area,
  path: "/agreements",
  validateSearch: (search: Search): AgreementChoice & Paging => ({
    ...validPaging(search),
    ...given({ state: oneOf(AGREEMENT_STATES, search["state"]) }),
  }),
  component: lazyRouteComponent(() => import("./agreements"), "Agreements"),
});

const agreement = createRoute({
  getParentRoute: () => area,
  path: "/agreements/$id",
  component: lazyRouteComponent(() => import("./agreement"), "Agreement"),
});

const keys = createRoute({
  getParentRoute: () => area,
  path: "/keys",
  validateSearch: (search: Search): KeyChoice & Paging => ({ ...validPaging(search), ...keyChoiceOf(search) }),
  component: lazyRouteComponent(() => import("./keys"), "Keys"),
});

const members = createRoute({
  getParentRoute: () => area,
  path: "/members",
  validateSearch: (search: Search): MemberChoice & Paging => ({ ...validPaging(search), ...memberChoiceOf(search) }),
  component: lazyRouteComponent(() => import("./members"), "Members"),
});

const profile = createRoute({
  getParentRoute: () => area,
  path: "/profile",
  component: lazyRouteComponent(() => import("./profile"), "Profile"),
});

export const usageRoutes = area.addChildren([home, explore, calls, call, invoices, invoice, agreements, agreement, keys, members, profile]);
