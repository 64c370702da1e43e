// The storefront: public pages, sign-up and sign-in.
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { returnPath } from "@/lib/guard";
import { Pending } from "../fallbacks";
import { rootRoute } from "../root";

/** Where to go after signing in, and whether a session has ended by itself. */
interface Return {
  return?: string;
  lapsed?: boolean;
}

function validateReturn(search: Record<string, unknown>): Return {
  return {
    ...(search["return"] === undefined ? {} : { return: returnPath(search["return"]) }),
    ...(search["lapsed"] === true ? { lapsed: true } : {}),
  };
}

const home = createRoute({ getParentRoute: () => rootRoute, path: "/", component: lazyRouteComponent(() => import("../landing"), "Landing") });
const capabilities = createRoute({ getParentRoute: () => rootRoute, path: "/capabilities", component: Pending });
const capability = createRoute({ getParentRoute: () => rootRoute, path: "/capabilities/$slug", component: Pending });
const listings = createRoute({ getParentRoute: () => rootRoute, path: "/listings", component: Pending });
const listing = createRoute({ getParentRoute: () => rootRoute, path: "/listings/$slug", component: Pending });
const stores = createRoute({ getParentRoute: () => rootRoute, path: "/stores", component: Pending });
const store = createRoute({ getParentRoute: () => rootRoute, path: "/stores/$slug", component: Pending });
const compare = createRoute({ getParentRoute: () => rootRoute, path: "/compare", component: Pending });
const signIn = createRoute({ getParentRoute: () => rootRoute, path: "/sign-in", component: Pending, validateSearch: validateReturn });
const signUp = createRoute({ getParentRoute: () => rootRoute, path: "/sign-up", component: Pending, validateSearch: validateReturn });

export const storeRoutes = [home, capabilities, capability, listings, listing, stores, store, compare, signIn, signUp] as const;
