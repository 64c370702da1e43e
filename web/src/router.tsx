// All routes. Each area brings its own; a page's code is loaded when it is gone to, or pointed at.
import { createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Pending } from "./routes/fallbacks";
import { operateRoutes } from "./routes/operate/routes";
import { rootRoute } from "./routes/root";
import { sellRoutes } from "./routes/sell/routes";
import { storeRoutes } from "./routes/store/routes";
import { usageRoutes } from "./routes/usage/routes";

const design = createRoute({
  getParentRoute: () => rootRoute,
  path: "/design",
  component: lazyRouteComponent(() => import("./routes/design"), "Design"),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([storeRoutes, sellRoutes, usageRoutes, operateRoutes, design]),
  defaultPreload: "intent",
  defaultPendingComponent: Pending,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
