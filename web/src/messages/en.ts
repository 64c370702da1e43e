// Every sentence of the pages in English. The keys are the list that the other languages must match.
import { enUi } from "./ui.en";

export const en = {
  ...enUi,

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
  "hero.browse": "See what can be called",
  "hero.stick":
    "A tally stick split lengthwise. The seller’s half and the buyer’s half carry the same notches: six thin ones for free use, four broad ones for value-added use.",
  "hero.seller": "Seller’s half",
  "hero.buyer": "Buyer’s half",
  "hero.caption":
    "A tally stick was notched, then split in two, so that both sides of a trade held the same count. Here the stick is an append-only event log.",
  "class.free": "Free",
  "class.valueAdded": "Value-added",

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

  "footer.ready": "Readiness",
  "footer.metrics": "Metrics",
  "footer.licence": "Open source, Apache-2.0",
} as const;

export type MessageId = keyof typeof en;
