// The operator console.
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { requireMember } from "@/lib/guard";
import { Pending } from "../fallbacks";
import { rootRoute } from "../root";

const area = createRoute({
  getParentRoute: () => rootRoute,
  path: "/operate",
  beforeLoad: requireMember,
  component: lazyRouteComponent(() => import("./area"), "OperateArea"),
});

const home = createRoute({ getParentRoute: () => area, path: "/", component: lazyRouteComponent(() => import("./home"), "Home") });
const review = createRoute({ getParentRoute: () => area, path: "/review", component: Pending });
const reviewed = createRoute({ getParentRoute: () => area, path: "/review/$id", component: Pending });
const capabilities = createRoute({ getParentRoute: () => area, path: "/capabilities", component: Pending });
const capability = createRoute({ getParentRoute: () => area, path: "/capabilities/$slug", component: Pending });
const organizations = createRoute({ getParentRoute: () => area, path: "/organizations", component: Pending });
const organization = createRoute({ getParentRoute: () => area, path: "/organizations/$id", component: Pending });
const periods = createRoute({ getParentRoute: () => area, path: "/periods", component: Pending });
const statements = createRoute({ getParentRoute: () => area, path: "/statements", component: Pending });
const ledger = createRoute({ getParentRoute: () => area, path: "/ledger", component: Pending });
const settings = createRoute({ getParentRoute: () => area, path: "/settings", component: Pending });
const log = createRoute({ getParentRoute: () => area, path: "/log", component: Pending });
const health = createRoute({ getParentRoute: () => area, path: "/health", component: Pending });

export const operateRoutes = area.addChildren([home, review, reviewed, capabilities, capability, organizations, organization, periods, statements, ledger, settings, log, health]);
