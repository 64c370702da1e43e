// The message catalogues by area and locale, each loaded where it is needed, and their ids made known to react-intl.
import type { Locale } from "../lib/locale";
import type { capabilityEn } from "./capability.en";
import type { en } from "./en";
import type { invoiceEn } from "./invoice.en";
import type { operateEn } from "./operate.en";
import type { receiptEn } from "./receipt.en";
import type { sellEn } from "./sell.en";
import type { storeEn } from "./store.en";
import type { usageEn } from "./usage.en";

/** Every id of every catalogue; an area may use its own and the common ones. */
export type MessageId =
  | keyof typeof en
  | keyof typeof storeEn
  | keyof typeof capabilityEn
  | keyof typeof receiptEn
  | keyof typeof invoiceEn
  | keyof typeof sellEn
  | keyof typeof usageEn
  | keyof typeof operateEn;

/** Messages by id. */
export type Messages = Record<string, string>;

/** A part of the pages with a catalogue of its own; `common` is there everywhere. */
export type Area = "common" | "store" | "capability" | "receipt" | "invoice" | "sell" | "usage" | "operate";

/** How to load each catalogue. */
export const CATALOGUES: Record<Area, Record<Locale, () => Promise<Messages>>> = {
  common: {
    en: async () => (await import("./en")).en,
    zh: async () => (await import("./zh")).zh,
  },
  store: {
    en: async () => (await import("./store.en")).storeEn,
    zh: async () => (await import("./store.zh")).storeZh,
  },
  capability: {
    en: async () => (await import("./capability.en")).capabilityEn,
    zh: async () => (await import("./capability.zh")).capabilityZh,
  },
  receipt: {
    en: async () => (await import("./receipt.en")).receiptEn,
    zh: async () => (await import("./receipt.zh")).receiptZh,
  },
  invoice: {
    en: async () => (await import("./invoice.en")).invoiceEn,
    zh: async () => (await import("./invoice.zh")).invoiceZh,
  },
  sell: {
    en: async () => (await import("./sell.en")).sellEn,
    zh: async () => (await import("./sell.zh")).sellZh,
  },
  usage: {
    en: async () => (await import("./usage.en")).usageEn,
    zh: async () => (await import("./usage.zh")).usageZh,
  },
  operate: {
    en: async () => (await import("./operate.en")).operateEn,
    zh: async () => (await import("./operate.zh")).operateZh,
  },
};

declare global {
  namespace FormatjsIntl {
    interface Message {
      ids: MessageId;
    }
    interface IntlConfig {
      locale: Locale;
    }
  }
}
