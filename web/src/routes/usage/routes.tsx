// The usage billing dashboard.
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { requireMember } from "@/lib/guard";
import { Pending } from "../fallbacks";
import { rootRoute } from "../root";

const area = createRoute({
  getParentRoute: () => rootRoute,
  path: "/usage",
  beforeLoad: requireMember,
  component: lazyRouteComponent(() => import("./area"), "UsageArea"),
});

const home = createRoute({ getParentRoute: () => area, path: "/", component: lazyRouteComponent(() => import("./home"), "Home") });
const explore = createRoute({ getParentRoute: () => area, path: "/explore", component: Pending });
const calls = createRoute({ getParentRoute: () => area, path: "/calls", component: Pending });
const call = createRoute({ getParentRoute: () => area, path: "/calls/$id", component: Pending });
const invoices = createRoute({ getParentRoute: () => area, path: "/invoices", component: Pending });
const invoice = createRoute({ getParentRoute: () => area, path: "/invoices/$id", component: Pending });
const agreements = createRoute({ getParentRoute: () => area, path: "/agreements", component: Pending });
const agreement = createRoute({ getParentRoute: () => area, path: "/agreements/$id", component: Pending });
const keys = createRoute({ getParentRoute: () => area, path: "/keys", component: Pending });
const members = createRoute({ getParentRoute: () => area, path: "/members", component: Pending });
const profile = createRoute({ getParentRoute: () => area, path: "/profile", component: Pending });

export const usageRoutes = area.addChildren([home, explore, calls, call, invoices, invoice, agreements, agreement, keys, members, profile]);
