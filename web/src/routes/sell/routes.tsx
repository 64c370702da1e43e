// The seller desk.
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { requireMember } from "@/lib/guard";
import { loadLanguage } from "@/lib/intl";
import { LISTING_KINDS, LISTING_STATES } from "@/features/listings/listing-kinds";
import { dayOf, given, oneOf, textOf } from "@/lib/search";
import { validPaging } from "@/lib/paging";
import { memberArea } from "../ahead";
import { rootRoute } from "../root";

const area = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sell",
  beforeLoad: requireMember,
  loader: memberArea("sell"),
  component: lazyRouteComponent(() => import("../area"), "SellArea"),
});

const home = createRoute({ getParentRoute: () => area, path: "/", component: lazyRouteComponent(() => import("./home"), "Home") });
const store = createRoute({
  getParentRoute: () => area,
  path: "/store",
  component: lazyRouteComponent(() => import("./store"), "StorePage"),
});
const listings = createRoute({
  getParentRoute: () => area,
  path: "/listings",
  validateSearch: (search: Record<string, unknown>) => given({ ...validPaging(search), state: oneOf(LISTING_STATES, search["state"]) }),
  component: lazyRouteComponent(() => import("./listings"), "ListingsPage"),
});
const newListing = createRoute({
  getParentRoute: () => area,
  path: "/listings/new",
  validateSearch: (search: Record<string, unknown>) => given({ kind: oneOf(LISTING_KINDS, search["kind"]) }),
  component: lazyRouteComponent(() => import("./new-listing"), "NewListingPage"),
});
const listing = createRoute({
  getParentRoute: () => area,
  path: "/listings/$id",
  component: lazyRouteComponent(() => import("./listing"), "ListingPage"),
});
const offers = createRoute({
  getParentRoute: () => area,
  path: "/listings/$id/offers",
  validateSearch: (search: Record<string, unknown>) => given({ ...validPaging(search), offer: textOf(search["offer"]) }),
  component: lazyRouteComponent(() => import("./offers"), "OffersPage"),
});
const analytics = createRoute({
  getParentRoute: () => area,
  path: "/analytics",
  validateSearch: (search: Record<string, unknown>) => given({ from: dayOf(search["from"]), until: dayOf(search["until"]) }),
  component: lazyRouteComponent(() => import("./analytics"), "AnalyticsPage"),
});
const statements = createRoute({
  getParentRoute: () => area,
  path: "/statements",
  validateSearch: validPaging,
  component: lazyRouteComponent(() => import("./statements"), "StatementsPage"),
});
const statement = createRoute({
  getParentRoute: () => area,
  path: "/statements/$id",
  validateSearch: validPaging,
  component: lazyRouteComponent(() => import("./statement"), "StatementPage"),
});
const invoice = createRoute({
  getParentRoute: () => area,
  path: "/invoices/$id",
  validateSearch: (search: Record<string, unknown>) => given({ statement: textOf(search["statement"]) }),
  loader: () => loadLanguage("invoice"),
  component: lazyRouteComponent(() => import("./invoice"), "InvoicePage"),
});

export const sellRoutes = area.addChildren([home, store, listings, newListing, listing, offers, analytics, statements, statement, invoice]);
