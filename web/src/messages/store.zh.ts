// The storefront in Chinese.
import type { storeEn } from "./store.en";

export const storeZh: Record<keyof typeof storeEn, string> = {
  "store.title": "市场",
};
