// Receipts as tests look at them: the steps of a proof, and what a forger would do to the file.
import { expect, type Locator, type Page } from "@playwright/test";
import { receiptEn } from "../src/messages/receipt.en";
import { receiptZh } from "../src/messages/receipt.zh";
import type { Language } from "./people";

/** The steps of a proof, in their order. */
const STEPS = ["file", "record", "event", "signature", "origin"] as const;
type Step = (typeof STEPS)[number];

/** What receipts say in a language, by message id. */
export const RECEIPT: Record<Language, typeof receiptEn> = { en: receiptEn, zh: receiptZh as typeof receiptEn };

/** Every step tells what it computed, and holds: or the named one fails, and none after it is reached. */
export async function expectSteps(within: Page | Locator, language: Language, failed?: Step): Promise<void> {
  const says = RECEIPT[language];
  const at = failed === undefined ? STEPS.length : STEPS.indexOf(failed);
  await expect(within.locator("[data-step]")).toHaveCount(STEPS.length);
  for (const [index, step] of STEPS.entries()) {
    const state = index < at ? "passed" : index === at ? "failed" : "notReached";
    const shown = within.locator(`[data-step="${step}"]`);
    await expect(shown).toHaveAttribute("data-state", state);
    for (const text of [`receipt.step.${step}`, `receipt.step.${step}.told`, `receipt.state.${state}`] as const) {
      await expect(shown).toContainText(says[text]);
    }
  }
}

/** A receipt's file with the last bit of its record turned round. */
export function forged(file: string): string {
  const receipt = JSON.parse(file) as { record: string };
  const record = Buffer.from(receipt.record, "base64");
  record[record.length - 1] = (record.at(-1) ?? 0) ^ 1;
  return JSON.stringify({ ...receipt, record: record.toString("base64") });
}
