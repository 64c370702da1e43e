// Analytics and statements at the seller desk, in Chinese.
import type { sellFiguresEn } from "./sell-figures.en";

export const sellFiguresZh: Record<keyof typeof sellFiguresEn, string> = {};
