// The storefront: public pages, sign-up and sign-in.
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { leaveMember, returnPath } from "@/lib/guard";
import { preloadLanguage } from "@/lib/intl";
import { Pending } from "../fallbacks";
import { rootRoute } from "../root";
import { StoreArea } from "./area";

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

const area = createRoute({
  getParentRoute: () => rootRoute,
  id: "store",
  beforeLoad: () => preloadLanguage("store"),
  component: StoreArea,
});

const page = <Path extends string>(path: Path) => ({ getParentRoute: () => area, path });

const home = createRoute({ ...page("/"), component: lazyRouteComponent(() => import("../landing"), "Landing") });
const capabilities = createRoute({ ...page("/capabilities"), component: Pending });
const capability = createRoute({ ...page("/capabilities/$slug"), component: Pending });
const listings = createRoute({ ...page("/listings"), component: Pending });
const listing = createRoute({ ...page("/listings/$slug"), component: Pending });
const stores = createRoute({ ...page("/stores"), component: Pending });
const store = createRoute({ ...page("/stores/$slug"), component: Pending });
const compare = createRoute({ ...page("/compare"), component: Pending });
const signIn = createRoute({
  ...page("/sign-in"),
  validateSearch: validateReturn,
  beforeLoad: leaveMember,
  component: lazyRouteComponent(() => import("./sign-in"), "SignInPage"),
});
const signUp = createRoute({
  ...page("/sign-up"),
  validateSearch: validateReturn,
  beforeLoad: leaveMember,
  component: lazyRouteComponent(() => import("./sign-up"), "SignUpPage"),
});

export const storeRoutes = area.addChildren([
  home,
  capabilities,
  capability,
  listings,
  listing,
  stores,
  store,
  compare,
  signIn,
  signUp,
]);
