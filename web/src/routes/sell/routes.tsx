// The seller desk.
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { requireMember } from "@/lib/guard";
import { Pending } from "../fallbacks";
import { rootRoute } from "../root";

const area = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sell",
  beforeLoad: requireMember,
  component: lazyRouteComponent(() => import("./area"), "SellArea"),
});

const home = createRoute({ getParentRoute: () => area, path: "/", component: lazyRouteComponent(() => import("./home"), "Home") });
const store = createRoute({ getParentRoute: () => area, path: "/store", component: Pending });
const listings = createRoute({ getParentRoute: () => area, path: "/listings", component: Pending });
const newListing = createRoute({ getParentRoute: () => area, path: "/listings/new", component: Pending });
const listing = createRoute({ getParentRoute: () => area, path: "/listings/$id", component: Pending });
const offers = createRoute({ getParentRoute: () => area, path: "/listings/$id/offers", component: Pending });
const analytics = createRoute({ getParentRoute: () => area, path: "/analytics", component: Pending });
const statements = createRoute({ getParentRoute: () => area, path: "/statements", component: Pending });
const statement = createRoute({ getParentRoute: () => area, path: "/statements/$id", component: Pending });

export const sellRoutes = area.addChildren([home, store, listings, newListing, listing, offers, analytics, statements, statement]);
