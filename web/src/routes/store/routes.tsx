// The storefront: public pages, sign-up and sign-in.
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { validateListings } from "@/features/listings/listings-search";
import { leaveMember, returnPath } from "@/lib/guard";
import { preloadLanguage } from "@/lib/intl";
import { validPaging } from "@/lib/paging";
import { rootRoute } from "../root";
import { StoreArea } from "./area";
import { validateCapabilities, validateCompare, validateStores } from "./search";

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

const home = createRoute({ ...page("/"), component: lazyRouteComponent(() => import("./home"), "Home") });
const capabilities = createRoute({
  ...page("/capabilities"),
  validateSearch: validateCapabilities,
  component: lazyRouteComponent(() => import("./capabilities"), "CapabilitiesPage"),
});
const capability = createRoute({
  ...page("/capabilities/$slug"),
  beforeLoad: () => preloadLanguage("capability"),
  component: lazyRouteComponent(() => import("./capability"), "CapabilityPage"),
});
const listings = createRoute({
  ...page("/listings"),
  validateSearch: validateListings,
  component: lazyRouteComponent(() => import("./listings"), "ListingsPage"),
});
const listing = createRoute({
  ...page("/listings/$slug"),
  component: lazyRouteComponent(() => import("./listing"), "ListingPage"),
});
const stores = createRoute({
  ...page("/stores"),
  validateSearch: validateStores,
  component: lazyRouteComponent(() => import("./stores"), "StoresPage"),
});
const store = createRoute({
  ...page("/stores/$slug"),
  validateSearch: validPaging,
  component: lazyRouteComponent(() => import("./store"), "StorePage"),
});
const compare = createRoute({
  ...page("/compare"),
  validateSearch: validateCompare,
  component: lazyRouteComponent(() => import("./compare"), "ComparePage"),
});
const verifyReceipt = createRoute({
  ...page("/receipts/verify"),
  beforeLoad: () => preloadLanguage("receipt"),
  component: lazyRouteComponent(() => import("./verify-receipt"), "VerifyReceiptPage"),
});
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
  verifyReceipt,
  signIn,
  signUp,
]);
