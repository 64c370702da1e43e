// A buyer: subscribes, calls past the free allowance and sees it live, and reads the invoice down to the single call.
import type { Locator, Page } from "@playwright/test";
import { usageEn } from "../src/messages/usage.en";
import { usageZh } from "../src/messages/usage.zh";
import { LANGUAGES, SAYS, SIZES, expectAccessible, filled, signInAs, type Language } from "./people";
import { expect, test } from "./platform";
import { call, closePeriod, foundBuyer } from "./trade";

const USAGE: Record<Language, typeof usageEn> = { en: usageEn, zh: usageZh as typeof usageEn };
/** From the answer of the API to the row on the page, in milliseconds; generous, as test machines are slow. */
const LIVE_MS_MAX = 2_000;

async function subscribe(page: Page, language: Language) {
  const says = SAYS[language];
  const starter = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: language === "en" ? "Starter" : "入门" }) });
  await starter.getByRole("button", { name: says["store.subscribe"], exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: says["store.subscribe.accept"] }).click();
  await expect(page.getByRole("region", { name: says["ui.notifications"] })).toContainText(says["store.subscribe.done"]);
}

async function rightOf(locator: Locator): Promise<number> {
  const box = await locator.boundingBox();
  return box === null ? Number.POSITIVE_INFINITY : box.x + box.width;
}

for (const language of LANGUAGES) {
  const says = { ...SAYS[language], ...USAGE[language] };

  test(`a buyer subscribes, sees calls live, and reads the invoice (${language})`, async ({ page, platform }) => {
    test.slow();
    const who = `buyer.${language}`;
    const buyer = await foundBuyer(platform, who);
    await signInAs(page, platform, `${who}@join.example`, "/listings/reference-text", language);
    await subscribe(page, language);

    await page.getByRole("link", { name: says["nav.usage"], exact: true }).click();
    await expect(page.getByText(says["ui.live.live"], { exact: true })).toBeVisible();
    const rows = page.getByRole("table", { name: says["usage.live.table"] }).getByRole("row").filter({ has: page.getByRole("rowheader") });
    const allowance = page.getByRole("img", { name: spoken(language, "0") });
    await expect(allowance).toBeVisible();
    const classes: string[][] = [];
    for (const count of [1, 2, 3]) {
      const usage = await call(platform, buyer);
      const answered = performance.now();
      await expect(rows).toHaveCount(count);
      const milliseconds = Math.round(performance.now() - answered);
      console.log(`call ${count}: on the page ${milliseconds} ms after the answer`);
      expect(milliseconds).toBeLessThan(LIVE_MS_MAX);
      classes.push(usage.map((each) => `${each.class} ${each.quantity}`));
      await expect(rows.filter({ hasText: "nightly batch" })).toHaveCount(count);
    }
    expect(classes).toEqual([["FREE 50"], ["FREE 50"], ["VALUE_ADDED 50"]]);
    await expect(page.getByRole("img", { name: spoken(language, "100", "50") })).toBeVisible();
    await expectAccessible(page);

    const invoice = await closePeriod(platform, buyer);
    await page.getByRole("link", { name: says["usage.nav.invoices"], exact: true }).click();
    await page.locator(`main a[href="/usage/invoices/${invoice}"]`).click();
    const lines = page.getByRole("region", { name: says["invoice.lines.table"] });
    await lines.getByRole("button", { expanded: false }).click();
    await expect(lines.getByText("50 × 0.002 = 0.1 CNY")).toBeVisible();
    const calls = lines.getByRole("table", { name: says["invoice.calls"] });
    await expect(calls.getByRole("rowheader")).toHaveCount(3);
    const total = lines.getByRole("cell", { name: /0\.11/u });
    for (const size of [SIZES.narrow, SIZES.wide]) {
      await page.setViewportSize(size);
      await expectAccessible(page);
      expect(await rightOf(total), "what is owed is in sight without scrolling sideways").toBeLessThanOrEqual(size.width);
    }
    expect(await rightOf(calls.getByRole("button").first()), "and so are the receipts").toBeLessThanOrEqual(await rightOf(lines));
    await calls.getByRole("rowheader").first().getByRole("link").click();
    await expect(page).toHaveURL(/\/usage\/calls\//);
    await expectAccessible(page);
  });

  /** How the stick of the allowance reads: used of 100, and value-added past them. */
  function spoken(of: Language, used: string, valueAdded = "0"): string {
    const text = SAYS[of]["ui.allowance.spoken"];
    const unit = of === "en" ? "characters" : SAYS.zh["ui.meter.CHARACTER"];
    return filled(text, { included: "100", unit, used, held: "0", left: 100 - Number(used), valueAdded });
  }
}
