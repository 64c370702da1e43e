// The operator console. What a list shows is in its address; `searches.ts` reads it.
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { requireMember } from "@/lib/guard";
import { loadLanguage } from "@/lib/intl";
import { validPaging } from "@/lib/paging";
import { memberArea } from "../ahead";
import { rootRoute } from "../root";
import * as searches from "./searches";

const area = createRoute({
  getParentRoute: () => rootRoute,
  path: "/operate",
  beforeLoad: requireMember,
  loader: memberArea("operate"),
  component: lazyRouteComponent(() => import("./area"), "OperateArea"),
});

const home = createRoute({ getParentRoute: () => area, path: "/", component: lazyRouteComponent(() => import("./home"), "Home") });

const review = createRoute({
  getParentRoute: () => area,
  path: "/review",
  validateSearch: validPaging,
  component: lazyRouteComponent(() => import("./review"), "Review"),
});

const reviewed = createRoute({
  getParentRoute: () => area,
  path: "/review/$id",
  component: lazyRouteComponent(() => import("./reviewed"), "Reviewed"),
});

const capabilities = createRoute({
  getParentRoute: () => area,
  path: "/capabilities",
  validateSearch: searches.capabilities,
  component: lazyRouteComponent(() => import("./capabilities"), "Capabilities"),
});

const newCapability = createRoute({
  getParentRoute: () => area,
  path: "/capabilities/new",
  component: lazyRouteComponent(() => import("./new-capability"), "NewCapability"),
});

const capability = createRoute({
  getParentRoute: () => area,
  path: "/capabilities/$slug",
  component: lazyRouteComponent(() => import("./capability"), "Capability"),
});

const contract = createRoute({
  getParentRoute: () => area,
  path: "/capabilities/$slug/contract",
  component: lazyRouteComponent(() => import("./contract"), "Contract"),
});

const organizations = createRoute({
  getParentRoute: () => area,
  path: "/organizations",
  validateSearch: searches.organizations,
  component: lazyRouteComponent(() => import("./organizations"), "Organizations"),
});

const organization = createRoute({
  getParentRoute: () => area,
  path: "/organizations/$id",
  validateSearch: searches.organization,
  component: lazyRouteComponent(() => import("./organization"), "Organization"),
});

const periods = createRoute({
  getParentRoute: () => area,
  path: "/periods",
  validateSearch: searches.periods,
  component: lazyRouteComponent(() => import("./periods"), "Periods"),
});

const invoices = createRoute({
  getParentRoute: () => area,
  path: "/invoices",
  validateSearch: searches.invoices,
  component: lazyRouteComponent(() => import("./invoices"), "Invoices"),
});

const invoice = createRoute({
  getParentRoute: () => area,
  path: "/invoices/$id",
  loader: () => loadLanguage("invoice"),
  component: lazyRouteComponent(() => import("./invoice"), "Invoice"),
});

const statements = createRoute({
  getParentRoute: () => area,
  path: "/statements",
  validateSearch: searches.statements,
  component: lazyRouteComponent(() => import("./statements"), "Statements"),
});

const statement = createRoute({
  getParentRoute: () => area,
  path: "/statements/$id",
  validateSearch: validPaging,
  component: lazyRouteComponent(() => import("./statement"), "Statement"),
});

const ledger = createRoute({
  getParentRoute: () => area,
  path: "/ledger",
  validateSearch: searches.ledger,
  component: lazyRouteComponent(() => import("./ledger"), "Ledger"),
});

const settings = createRoute({ getParentRoute: () => area, path: "/settings", component: lazyRouteComponent(() => import("./settings"), "Settings") });

const log = createRoute({
  getParentRoute: () => area,
  path: "/log",
  validateSearch: searches.log,
  component: lazyRouteComponent(() => import("./log"), "Log"),
});

const event = createRoute({ getParentRoute: () => area, path: "/log/$position", component: lazyRouteComponent(() => import("./event"), "Event") });

const correlation = createRoute({
  getParentRoute: () => area,
  path: "/log/correlations/$id",
  validateSearch: validPaging,
  component: lazyRouteComponent(() => import("./correlation"), "Correlation"),
});

const checkpoints = createRoute({
  getParentRoute: () => area,
  path: "/checkpoints",
  validateSearch: validPaging,
  component: lazyRouteComponent(() => import("./checkpoints"), "Checkpoints"),
});

const health = createRoute({ getParentRoute: () => area, path: "/health", component: lazyRouteComponent(() => import("./health"), "Health") });

export const operateRoutes = area.addChildren([
  home,
  review,
  reviewed,
  capabilities,
  newCapability,
  capability,
  contract,
  organizations,
  organization,
  periods,
  invoices,
  invoice,
  statements,
  statement,
  ledger,
  settings,
  log,
  event,
  correlation,
  checkpoints,
  health,
]);
