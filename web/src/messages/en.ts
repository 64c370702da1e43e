// Every sentence of the pages in English. The keys are the list that the other languages must match.
import { enUi } from "./ui.en";

export const en = {
  ...enUi,

  "page.title": "Tallystick: an AI marketplace with the bill built in",
  "page.description":
    "Call standard AI capabilities through one GraphQL gateway. Every call is metered as free or value-added, and every invoice can be recomputed from the event log.",
  "page.skip": "Skip to content",
  "nav.label": "Main",
  "nav.capabilities": "Capabilities",
  "nav.listings": "Listings",
  "nav.stores": "Stores",
  "nav.usage": "Usage",
  "nav.sell": "Sell",
  "nav.operate": "Operate",
  "nav.signIn": "Sign in",
  "nav.signUp": "Sign up",
  "nav.signOut": "Sign out",
  "footer.design": "Design",
  "fallback.notFound": "Nothing at this address",
  "fallback.notFound.body": "The page may have moved, or what it showed was taken off the market. Nothing was charged.",
  "fallback.home": "Go to the start page",
  "fallback.failed": "This page failed",
  "fallback.failed.body": "Something on this page went wrong in your browser. Nothing was charged by it, and nothing that was recorded is lost.",
  "fallback.retry": "Try again",
  "fallback.pending": "Loading…",
  "language.label": "Language",

  "hero.title": "Buyer and seller read the same meter.",
  "hero.lead":
    "Tallystick is an AI marketplace with the bill built in. Find a standard capability, call it through one GraphQL gateway, and see on every answer what was free and what was charged.",
  "hero.call": "Make a first call",
  "hero.browse": "See what can be called",
  "hero.stick":
    "A tally stick split lengthwise. The seller’s half and the buyer’s half carry the same notches: six thin ones for free use, four broad ones for value-added use.",
  "hero.seller": "Seller’s half",
  "hero.buyer": "Buyer’s half",
  "hero.caption":
    "A tally stick was notched, then split in two, so that both sides of a trade held the same count. Here the stick is an append-only event log.",
  "class.free": "Free",
  "class.valueAdded": "Value-added",

  "market.title": "The market right now",
  "market.lead":
    "Read from this server when you opened the page. One notch is one capability; a cut notch can be called today.",
  "market.loading": "Reading the market…",
  "figures.label": "Market in numbers",
  "figures.capabilities": "{count, plural, one {standard capability} other {standard capabilities}}",
  "figures.answered": "can be called today",
  "figures.categories": "{count, plural, one {category} other {categories}}",
  "figures.listings": "{count, plural, one {published listing} other {published listings}}",
  "categories.title": "Categories",
  "categories.count": "{answered, number} of {total, number}",
  "categories.countSpoken": "{answered, number} of {total, number} can be called today",
  "categories.cut": "can be called",
  "categories.uncut": "not offered yet",
  "categories.empty": "The catalog is empty",
  "categories.emptyNext":
    "Start the server with <code>--seed demo</code> and an empty data directory to fill it with a small market.",
  "listings.title": "Listings",
  "listings.by": "by {provider}",
  "listings.showing": "{shown, number} of {total, number} shown",
  "listings.empty": "No listing is published yet",
  "listings.emptyNext":
    "Sellers: open a store, list something and send it to review. It shows here once the operator publishes it.",
  "kind.DATASET": "Dataset",
  "kind.MODEL": "Model",
  "kind.COMPUTE_TIER": "Compute tier",
  "kind.SOLUTION": "Solution",
  "failure.title": "The market can’t be read",
  "failure.unreachable": "The server didn’t answer. It may be starting or stopped, or the connection is down.",
  "failure.refused": "The server refused the request. It may be busy; waiting a moment usually helps.",
  "failure.errors": "The server couldn’t answer the query.",
  "failure.shape": "The server’s answer has an unexpected form. This page may be older than the server: reload it.",
  "failure.money": "Reading the market is free; nothing was charged.",
  "failure.retry": "Try again",

  "meter.title": "What the meter promises",
  "meter.durable.title": "On disk before the answer",
  "meter.durable.text":
    "A response is handed over only after its usage record is safely on disk. A crash loses no count and bills nothing twice.",
  "meter.exact.title": "Free means exactly free",
  "meter.exact.text":
    "A thousand calls at the same moment against an allowance of N use exactly N free units. The class is decided once and billed as told.",
  "meter.replay.title": "The same cent, every time",
  "meter.replay.text":
    "Invoices, seller statements and the ledger are computed from the log. Replay it and compare: <code>tallystick replay --verify</code>",

  "doors.title": "Three ways in",
  "doors.lead": "The README’s five-minute tour walks through all three, with calls to copy.",
  "doors.api.title": "Call the API",
  "doors.api.text":
    "One endpoint, <code>POST /graphql</code>, with an API key. The demo market keeps its keys in <code>data/demo.json</code>; run this from the project’s folder.",
  "doors.api.code": "First call, shell commands",
  "doors.buy.title": "Buy",
  "doors.buy.1": "Find a capability and compare its offers",
  "doors.buy.2": "Accept one: its terms are frozen in your agreement",
  "doors.buy.3": "Call it; each answer says what was free and what was charged",
  "doors.buy.4": "Close the period and read the invoice line by line",
  "doors.buy.key": "Key in the demo: <code>buyer_key</code>",
  "doors.sell.title": "Sell",
  "doors.sell.1": "Open a store",
  "doors.sell.2": "List a dataset, model, compute tier or solution",
  "doors.sell.3": "Set the free allowance and the prices above it",
  "doors.sell.4": "Pass review, publish, and read your statement",
  "doors.sell.key": "Key in the demo: <code>seller_key</code>",

  "footer.ready": "Readiness",
  "footer.metrics": "Metrics",
  "footer.licence": "Open source, Apache-2.0",
} as const;

export type MessageId = keyof typeof en;
