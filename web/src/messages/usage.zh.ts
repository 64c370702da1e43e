// The usage dashboard in Chinese.
import type { usageEn } from "./usage.en";

export const usageZh: Record<keyof typeof usageEn, string> = {
  "usage.title": "用量与账单",
};
