// The seller desk in Chinese.
import type { sellEn } from "./sell.en";

export const sellZh: Record<keyof typeof sellEn, string> = {
  "sell.title": "卖家工作台",
};
