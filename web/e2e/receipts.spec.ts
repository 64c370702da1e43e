// Receipts: a real one verifies in the page and by file, a tampered one is shown failing with the step named.
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { operateEn } from "../src/messages/operate.en";
import { operateZh } from "../src/messages/operate.zh";
import { usageEn } from "../src/messages/usage.en";
import { usageZh } from "../src/messages/usage.zh";
import { LANGUAGES, SAYS, SIZES, expectAccessible, signIn, signInAs, type Language } from "./people";
import { expect, test, type Platform } from "./platform";
import { RECEIPT, expectSteps, forged } from "./receipt";
import { accept, call as callAs, closePeriod, foundBuyer, report } from "./trade";

type Says = typeof usageEn & typeof operateEn;

const OWN: Record<Language, Says> = {
  en: { ...usageEn, ...operateEn },
  zh: { ...usageZh, ...operateZh } as Says,
};

/** Calls as the demo's buyer does, and answers the call's id. */
async function call(platform: Platform): Promise<string> {
  const input = { target: { capability: "chinese-word-segmentation" }, payload: { text: "算市" }, idempotencyKey: crypto.randomUUID() };
  const { invocation } = await platform.done<{ invocation: { id: string } }>("buyer_key", "invoke", "invocation { id }", input);
  return invocation.id;
}

/** Stands between the pages and the platform, and forges every receipt that passes. */
async function forgeReceipts(page: Page): Promise<void> {
  await page.route("**/graphql**", async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as { data?: { receipt?: { file: string } | null } };
    const receipt = body.data?.receipt;
    if (receipt) receipt.file = forged(receipt.file);
    await route.fulfill({ response, json: body });
  });
}

for (const language of LANGUAGES) {
  const says = { ...SAYS[language], ...OWN[language], ...RECEIPT[language] };

  test(`a receipt verifies beside its call and by its file, and a forged one fails (${language})`, async ({ page, platform }) => {
    test.slow();
    const id = await call(platform);
    await signIn(page, platform, "buyer", `/usage/calls/${id}`, language);
    await expectSteps(page, language);
    await expect(page.getByText(says["receipt.verdict.good"])).toBeVisible();
    await expectAccessible(page);
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: says["receipt.save"] }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe(`${id}.receipt.json`);
    const path = await download.path();

    await page.goto(`/receipts/verify?lang=${language}`);
    await page.getByLabel(says["receipt.verify.open"]).setInputFiles({ name: "receipt.json", mimeType: "application/json", buffer: await readFile(path) });
    await expectSteps(page, language);
    await expect(page.getByText(id)).toBeVisible();
    await expectAccessible(page);

    const file = await readFile(path, "utf8");
    const whole = JSON.parse(file) as { event: object };
    const paste = page.getByLabel(says["receipt.verify.paste"]);
    await paste.fill(forged(file));
    await expectSteps(page, language, "record");
    await expect(page.getByText(says["receipt.reason.recordNotInBatch"])).toBeVisible();
    await expectAccessible(page);
    await paste.fill(JSON.stringify({ ...whole, event: { ...whole.event, actor: "platform:forger" } }));
    await expectSteps(page, language, "event");
    await paste.fill(file.slice(0, 200));
    await expectSteps(page, language, "file");
    await paste.fill(file);
    await expectSteps(page, language);
    await page.getByLabel(says["receipt.verify.own"]).fill("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    await expectSteps(page, language, "signature");
  });

  test(`a receipt opens from the list of calls (${language})`, async ({ page, platform }) => {
    const id = await call(platform);
    await signIn(page, platform, "buyer", "/usage/calls", language);
    await page.getByRole("button", { name: says["ui.receipt.open.of"].replace("{of}", id) }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByText(says["receipt.verdict.good"])).toBeVisible();
    await expectAccessible(page);
  });

  test(`an invoice opens down to the receipts of its calls, and a forged one fails there (${language})`, async ({ page, platform }) => {
    const who = `receipts.${language}`;
    const buyer = await foundBuyer(platform, who);
    await accept(platform, buyer);
    for (let each = 0; each < 3; each += 1) await callAs(platform, buyer);
    const invoice = await closePeriod(platform, buyer);
    await signInAs(page, platform, `${who}@join.example`, `/usage/invoices/${invoice}`, language);
    const lines = page.getByRole("region", { name: says["invoice.lines.table"] });
    await lines.getByRole("button", { expanded: false }).click();
    const calls = lines.getByRole("table", { name: says["invoice.calls"] });
    await expect(calls.getByRole("button")).toHaveCount(3);
    const dialog = page.getByRole("dialog");
    const open = async (nth: number) => {
      const address = await calls.getByRole("rowheader").nth(nth).getByRole("link").getAttribute("href");
      const id = address?.split("/").at(-1) ?? "";
      await calls.getByRole("button", { name: says["ui.receipt.open.of"].replace("{of}", id) }).click();
      await expect(dialog.getByText(id)).toBeVisible();
    };
    await open(0);
    await expectSteps(dialog, language);
    await expect(dialog.getByText(says["receipt.verdict.good"])).toBeVisible();
    const { checkpoint } = await platform.ask<{ checkpoint: { key: string } }>("", "{ checkpoint { key } }");
    await expect(dialog.getByText(checkpoint.key)).toBeVisible();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: says["ui.close"] }).click();

    await forgeReceipts(page);
    await open(1);
    await expect(dialog.getByText(says["receipt.verdict.good"])).toHaveCount(0);
    await expectSteps(dialog, language, "record");
    await expect(dialog.getByText(says["receipt.reason.recordNotInBatch"])).toBeVisible();
    for (const size of [SIZES.narrow, SIZES.wide]) {
      await page.setViewportSize(size);
      await expectAccessible(page);
    }
  });

  test(`usage that was reported late opens down to its receipts (${language})`, async ({ page, platform }) => {
    const who = `late.${language}`;
    const buyer = await foundBuyer(platform, who);
    const agreement = await accept(platform, buyer);
    await callAs(platform, buyer);
    const inTime = new Date().toISOString();
    await closePeriod(platform, buyer);
    await report(platform, agreement, 2, inTime);
    const invoice = await closePeriod(platform, buyer);
    await signInAs(page, platform, `${who}@join.example`, `/usage/invoices/${invoice}`, language);
    const lines = page.getByRole("region", { name: says["invoice.lines.table"] });
    await lines.getByRole("button", { name: says["invoice.kind.CORRECTION"], expanded: false }).click();
    const reports = lines.getByRole("table", { name: says["invoice.calls"] });
    await expect(reports.getByText(says["usage.call.report"], { exact: true })).toHaveCount(2);
    await reports.getByRole("button").first().click();
    const dialog = page.getByRole("dialog");
    await expectSteps(dialog, language);
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
