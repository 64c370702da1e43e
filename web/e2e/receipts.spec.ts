// Receipts: a real one verifies in the page and by file, a tampered one is shown failing with the step named.
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { operateEn } from "../src/messages/operate.en";
import { operateZh } from "../src/messages/operate.zh";
import { receiptEn } from "../src/messages/receipt.en";
import { receiptZh } from "../src/messages/receipt.zh";
import { usageEn } from "../src/messages/usage.en";
import { usageZh } from "../src/messages/usage.zh";
import { LANGUAGES, SAYS, expectAccessible, signIn, type Language } from "./people";
import { expect, test, type Platform } from "./platform";

type Says = typeof receiptEn & typeof usageEn & typeof operateEn;

const OWN: Record<Language, Says> = {
  en: { ...receiptEn, ...usageEn, ...operateEn },
  zh: { ...receiptZh, ...usageZh, ...operateZh } as Says,
};
const STEPS = ["file", "record", "event", "signature", "origin"];

/** Calls as the demo's buyer does, and answers the call's id. */
async function call(platform: Platform): Promise<string> {
  const input = { target: { capability: "chinese-word-segmentation" }, payload: { text: "算市" }, idempotencyKey: crypto.randomUUID() };
  const { invocation } = await platform.done<{ invocation: { id: string } }>("buyer_key", "invoke", "invocation { id }", input);
  return invocation.id;
}

async function expectStates(page: Page, failed?: string) {
  const at = failed === undefined ? STEPS.length : STEPS.indexOf(failed);
  for (const [index, step] of STEPS.entries()) {
    const state = index < at ? "passed" : index === at ? "failed" : "notReached";
    await expect(page.locator(`[data-step="${step}"]`)).toHaveAttribute("data-state", state);
  }
}

for (const language of LANGUAGES) {
  const says = { ...SAYS[language], ...OWN[language] };

  test(`a receipt verifies beside its call and by its file, and a forged one fails (${language})`, async ({ page, platform }) => {
    test.slow();
    const id = await call(platform);
    await signIn(page, platform, "buyer", `/usage/calls/${id}`, language);
    await expectStates(page);
    await expect(page.getByText(says["receipt.verdict.good"])).toBeVisible();
    await expectAccessible(page);
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: says["receipt.save"] }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe(`${id}.receipt.json`);
    const path = await download.path();

    await page.goto(`/receipts/verify?lang=${language}`);
    await page.getByLabel(says["receipt.verify.open"]).setInputFiles({ name: "receipt.json", mimeType: "application/json", buffer: await readFile(path) });
    await expectStates(page);
    await expect(page.getByText(id)).toBeVisible();
    await expectAccessible(page);

    const whole = JSON.parse(await readFile(path, "utf8")) as { record: string; event: object };
    const paste = page.getByLabel(says["receipt.verify.paste"]);
    const record = Buffer.from(whole.record, "base64");
    record[record.length - 1] = (record.at(-1) ?? 0) ^ 1;
    await paste.fill(JSON.stringify({ ...whole, record: record.toString("base64") }));
    await expectStates(page, "record");
    await expect(page.getByText(says["receipt.reason.recordNotInBatch"])).toBeVisible();
    await expectAccessible(page);
    await paste.fill(JSON.stringify({ ...whole, event: { ...whole.event, actor: "platform:forger" } }));
    await expectStates(page, "event");
    await paste.fill(JSON.stringify(whole).slice(0, 200));
    await expectStates(page, "file");
    await paste.fill(JSON.stringify(whole));
    await expectStates(page);
    await page.getByLabel(says["receipt.verify.own"]).fill("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    await expectStates(page, "signature");
  });

  test(`a receipt opens from the list of calls (${language})`, async ({ page, platform }) => {
    const id = await call(platform);
    await signIn(page, platform, "buyer", "/usage/calls", language);
    await page.getByRole("button", { name: says["ui.receipt.open.of"].replace("{of}", id) }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByText(says["receipt.verdict.good"])).toBeVisible();
    await expectAccessible(page);
  });

  test(`the operator sees checkpoints and keys (${language})`, async ({ page, platform }) => {
    await call(platform);
    await signIn(page, platform, "operator", "/operate/checkpoints", language);
    const { checkpoint } = await platform.ask<{ checkpoint: { key: string } }>("", "{ checkpoint { key } }");
    await expect(page.getByText(checkpoint.key)).toBeVisible();
    await expect(page.getByRole("table", { name: says["operate.checkpoints.title"] }).getByRole("rowheader").first()).toBeVisible();
    await expectAccessible(page);
  });
}
