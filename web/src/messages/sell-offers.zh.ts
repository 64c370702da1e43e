// Offers at the seller desk, in Chinese.
import type { sellOffersEn } from "./sell-offers.en";

export const sellOffersZh: Record<keyof typeof sellOffersEn, string> = {};
