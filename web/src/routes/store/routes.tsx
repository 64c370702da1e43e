// The storefront: public pages, sign-up and sign-in.
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { CapabilityPage } from "@/features/capabilities/capability.generated";
import { Sandbox } from "@/features/capabilities/try.generated";
import { ListingPage } from "@/features/listings/listing.generated";
import { ListingFacets, Listings } from "@/features/listings/listings.generated";
import { listingsVariables, validateListings } from "@/features/listings/listings-search";
import { CapabilityMap } from "@/features/market/map.generated";
import { StorePage, Stores } from "@/features/stores/stores.generated";
import { leaveMember, returnPath } from "@/lib/guard";
import { loadLanguage } from "@/lib/intl";
import { pageArguments, validPaging } from "@/lib/paging";
import { ahead } from "../ahead";
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
  loader: () => loadLanguage("store"),
  component: StoreArea,
});

const page = <Path extends string>(path: Path) => ({ getParentRoute: () => area, path });

const home = createRoute({
  ...page("/"),
  loader: (to) => ahead(to, (ask, language) => ask(CapabilityMap, { language })),
  component: lazyRouteComponent(() => import("./home"), "Home"),
});
const capabilities = createRoute({
  ...page("/capabilities"),
  validateSearch: validateCapabilities,
  loader: (to) => ahead(to, (ask, language) => ask(CapabilityMap, { language })),
  component: lazyRouteComponent(() => import("./capabilities"), "CapabilitiesPage"),
});
const capability = createRoute({
  ...page("/capabilities/$slug"),
  loader: (to) => {
    ahead(to, (ask, language) => {
      ask(CapabilityPage, { slug: to.params.slug, language });
      ask(Sandbox, {});
    });
    return loadLanguage("capability");
  },
  component: lazyRouteComponent(() => import("./capability"), "CapabilityPage"),
});
const listings = createRoute({
  ...page("/listings"),
  validateSearch: validateListings,
  loader: (to) =>
    ahead(to, (ask, language) => {
      const wanted = validateListings({ ...to.location.search });
      const { filter = null, search = null, orderBy = null } = listingsVariables(wanted);
      ask(Listings, { filter, search, orderBy, ...pageArguments(wanted), language });
      ask(ListingFacets, { filter, search, language });
    }),
  component: lazyRouteComponent(() => import("./listings"), "ListingsPage"),
});
const listing = createRoute({
  ...page("/listings/$slug"),
  loader: (to) => ahead(to, (ask, language) => ask(ListingPage, { slug: to.params.slug, language })),
  component: lazyRouteComponent(() => import("./listing"), "ListingPage"),
});
const stores = createRoute({
  ...page("/stores"),
  validateSearch: validateStores,
  loader: (to) =>
    ahead(to, (ask, language) => {
      const wanted = validateStores({ ...to.location.search });
      ask(Stores, { ...pageArguments(wanted), search: wanted.q ?? null, language });
    }),
  component: lazyRouteComponent(() => import("./stores"), "StoresPage"),
});
const store = createRoute({
  ...page("/stores/$slug"),
  validateSearch: validPaging,
  loader: (to) =>
    ahead(to, (ask, language) => {
      const { slug } = to.params;
      ask(StorePage, { slug, ...pageArguments(validPaging({ ...to.location.search })), language });
    }),
  component: lazyRouteComponent(() => import("./store"), "StorePage"),
});
const compare = createRoute({
  ...page("/compare"),
  validateSearch: validateCompare,
  component: lazyRouteComponent(() => import("./compare"), "ComparePage"),
});
const verifyReceipt = createRoute({
  ...page("/receipts/verify"),
  loader: () => loadLanguage("receipt"),
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
