// The operator console in Chinese.
import type { operateEn } from "./operate.en";

export const operateZh: Record<keyof typeof operateEn, string> = {
  "operate.title": "运营控制台",
};
