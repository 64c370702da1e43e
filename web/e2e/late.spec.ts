// Usage that is reported after its period was billed: whoever reads the next invoice sees what it is, how it came to its
// amount and which reports it is made of; a report is no call, and a credit is nothing to pay.
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import { operateEn } from "../src/messages/operate.en";
import { operateZh } from "../src/messages/operate.zh";
import { sellEn } from "../src/messages/sell.en";
import { sellZh } from "../src/messages/sell.zh";
import { usageEn } from "../src/messages/usage.en";
import { usageZh } from "../src/messages/usage.zh";
import { LANGUAGES, PEOPLE, SAYS, SIZES, expectAccessible, filled, signIn, signInAs, type Language } from "./people";
import { expect, test, type Platform } from "./platform";
import { expectSteps, RECEIPT } from "./receipt";
import { accept, call, closePeriod, foundBuyer, report, type Buyer } from "./trade";

type Says = typeof usageEn & typeof sellEn & typeof operateEn;

const OWN: Record<Language, Says> = {
  en: { ...usageEn, ...sellEn, ...operateEn },
  zh: { ...usageZh, ...sellZh, ...operateZh } as Says,
};

/** Sells a period, has so many characters of it reported after its invoice, and answers the next invoice. */
async function billLate(platform: Platform, buyer: Buyer, agreement: string, quantity: string): Promise<string> {
  for (let each = 0; each < 3; each += 1) await call(platform, buyer);
  const inTime = new Date().toISOString();
  await closePeriod(platform, buyer);
  await report(platform, agreement, 1, inTime, quantity);
  await call(platform, buyer);
  return closePeriod(platform, buyer);
}

/** Accepts terms by which the 200th character makes all of a period cheaper: 1 CNY for 100, 0.2 CNY for 200. */
async function acceptVolume(platform: Platform, { owner }: Buyer): Promise<string> {
  const { listing } = await platform.ask<{ listing: { id: string } }>("", '{ listing(slug: "reference-text") { id } }');
  const person = { email: PEOPLE.seller, password: platform.passwords[PEOPLE.seller] };
  const { session } = await platform.done<{ session: { token: string } }>("", "signIn", "session { token }", person);
  const volume = [{ upTo: "199", unit: "0.01" }, { unit: "0.001" }];
  const terms = { currency: "CNY", period: "MONTH", meters: [{ meter: "CHARACTER", price: { volume } }] };
  const offering = { listingId: listing.id, name: { en: "By volume", zh: "按量" }, terms };
  const { offer } = await platform.done<{ offer: { id: string } }>(session.token, "publishOffer", "offer { id }", offering);
  const { agreement } = await platform.done<{ agreement: { id: string } }>(owner, "acceptOffer", "agreement { id }", { offerId: offer.id });
  await platform.done(session.token, "withdrawOffer", "offer { id }", { offerId: offer.id });
  return agreement.id;
}

/** The service period of the correction on an invoice, as the pages' title of it says. */
async function correctedPeriod(platform: Platform, { owner }: Buyer, id: string, title: string): Promise<string> {
  const query = "query($id: ID!) { invoice(id: $id) { lines { kind servicePeriod { start end } } } }";
  type Line = { kind: string; servicePeriod: { start: string; end: string } };
  const { invoice } = await platform.ask<{ invoice: { lines: Line[] } }>(owner, query, { id });
  const line = invoice.lines.find(({ kind }) => kind === "CORRECTION");
  return filled(title, line?.servicePeriod ?? {});
}

/** The rows of the file that a button saves, without its header. */
async function saved(page: Page, button: Locator): Promise<string[]> {
  const downloading = page.waitForEvent("download");
  await button.click();
  const text = await readFile(await (await downloading).path(), "utf8");
  return text.trim().split("\r\n").slice(1);
}

/** A term of the facts that a page tells. */
function term(within: Page | Locator, text: string): Locator {
  return within.getByRole("term").filter({ hasText: new RegExp(`^${text}$`, "u") });
}

for (const language of LANGUAGES) {
  const says = { ...SAYS[language], ...OWN[language], ...RECEIPT[language] };
  const locale = language === "en" ? "en-GB" : "zh-CN";

  test(`seller and operator read late usage as the buyer does (${language})`, async ({ page, platform, openPage }) => {
    test.slow();
    const buyer = await foundBuyer(platform, `sold.${language}`);
    const invoice = await billLate(platform, buyer, await accept(platform, buyer), "2000");
    const period = await correctedPeriod(platform, buyer, invoice, says["ui.period.title"]);
    const correction = (of: Page) => of.getByRole("region", { name: says["invoice.lines.table"] }).getByRole("row").filter({ hasText: says["invoice.kind.CORRECTION"] });
    const expectCorrection = async (of: Page) => {
      await expect(correction(of).getByTitle(period)).toBeVisible();
      await expect(correction(of)).toContainText("4.00");
      await correction(of).getByRole("button", { expanded: false }).click();
      const steps = of.getByRole("region", { name: says["invoice.lines.table"] }).getByRole("listitem").filter({ visible: true });
      await expect(steps.filter({ hasText: "2,050 × 0.002 = 4.1 CNY" })).toBeVisible();
      await expect(steps.filter({ hasText: `${says["invoice.billedBefore"]} − (50 × 0.002) = −0.1 CNY` })).toBeVisible();
      for (const size of [SIZES.narrow, SIZES.wide]) {
        await of.setViewportSize(size);
        await expectAccessible(of);
      }
    };

    await signIn(page, platform, "seller", `/sell/invoices/${invoice}`, language);
    await expectCorrection(page);
    const calls = page.getByRole("table", { name: says["invoice.calls"] });
    await expect(calls.getByText(says["sell.calls.report"])).toHaveCount(1);
    await expect(calls.getByRole("rowheader")).toHaveCount(1);
    await calls.getByRole("button").click();
    await expectSteps(page.getByRole("dialog"), language);
    await expect(page.getByRole("dialog").getByText(says["receipt.verdict.good"])).toBeVisible();
    await expect(term(page.getByRole("dialog"), says["receipt.used"])).toBeVisible();
    await page.getByRole("dialog").getByRole("button", { name: says["ui.close"] }).click();
    const rows = await saved(page, page.getByRole("button", { name: says["sell.calls.csv"] }));
    expect(rows.map((row) => row.split(",").slice(2, 4))).toEqual([["CALL", "5"], ["REPORT", "4"]]);

    const console = await openPage(locale);
    await signIn(console, platform, "operator", `/operate/invoices/${invoice}`, language);
    await expectCorrection(console);
  });

  test(`a report is shown as one: on its page, by capability and in files (${language})`, async ({ page, platform }) => {
    const who = `reported.${language}`;
    const buyer = await foundBuyer(platform, who);
    const invoice = await billLate(platform, buyer, await accept(platform, buyer), "20");
    await signInAs(page, platform, `${who}@join.example`, "/usage/explore?by=CAPABILITY", language);
    const groups = page.getByRole("table", { name: says["usage.explore.table"] });
    await expect(groups.getByRole("row").filter({ hasText: says["usage.explore.rest"] })).toBeVisible();
    const sums = await groups.locator("tbody td:nth-child(5)").allInnerTexts();
    expect(sums.map(Number)).toEqual([4, 1]);
    await expect(groups.locator("tfoot td:nth-child(5)")).toHaveText("5");
    await expectAccessible(page);

    await page.goto(`/usage/calls?lang=${language}`);
    const file = await saved(page, page.getByRole("button", { name: says["ui.csv"] }));
    expect(file.map((row) => row.split(",")[1]).sort()).toEqual(["CALL", "CALL", "CALL", "CALL", "REPORT"]);
    const row = page.getByRole("row").filter({ hasText: says["usage.call.report"] });
    await row.getByRole("rowheader").getByRole("link").click();
    const facts = page.getByRole("region", { name: says["usage.call.facts.report"] });
    for (const each of ["usage.call.usedAt", "usage.call.reportedAt", "usage.call.reportedBy"] as const) {
      await expect(term(facts, says[each])).toBeVisible();
    }
    for (const each of ["usage.call.requested", "usage.call.took"] as const) {
      await expect(term(facts, says[each])).toHaveCount(0);
    }
    await expectAccessible(page);

    await page.goto(`/usage/invoices/${invoice}?lang=${language}`);
    const lines = await saved(page, page.getByRole("button", { name: says["ui.csv"] }));
    const periods = lines.map((line) => line.split(",").slice(1, 4));
    expect(periods.map(([kind]) => kind)).toEqual(["USAGE", "CORRECTION"]);
    expect(periods[1]?.[2]).toBe(periods[0]?.[1]);
  });

  test(`a credit is nothing to pay (${language})`, async ({ page, platform, openPage }) => {
    test.slow();
    const who = `credit.${language}`;
    const buyer = await foundBuyer(platform, who);
    const agreement = await acceptVolume(platform, buyer);
    for (let each = 0; each < 2; each += 1) await call(platform, buyer);
    const inTime = new Date().toISOString();
    const first = await closePeriod(platform, buyer);
    await report(platform, agreement, 1, inTime, "100");
    const credit = await closePeriod(platform, buyer);

    await signInAs(page, platform, `${who}@join.example`, "/usage/invoices", language);
    const rowOf = (id: string) => page.getByRole("row").filter({ has: page.locator(`a[href="/usage/invoices/${id}"]`) });
    await expect(rowOf(credit)).toContainText("−");
    await expect(rowOf(credit)).toContainText(says["usage.invoices.isCredit"]);
    await expect(rowOf(first)).not.toContainText(says["usage.invoices.isCredit"]);
    await expectAccessible(page);
    await page.locator(`main a[href="/usage/invoices/${credit}"]`).click();
    await expect(page.getByText(says["usage.invoices.credit"])).toBeVisible();
    await expect(term(page, says["usage.invoices.issued"])).toBeVisible();
    await expect(term(page, says["usage.invoices.due"])).toHaveCount(0);
    await page.goto(`/usage?lang=${language}`);
    await expect(page.getByText(says["usage.glance.open"], { exact: true })).toBeVisible();

    const desk = await openPage(locale);
    await signIn(desk, platform, "seller", `/sell/invoices/${credit}`, language);
    await expect(desk.getByText(says["sell.invoice.total.credit"])).toBeVisible();
    await expectAccessible(desk);
    const console = await openPage(locale);
    await signIn(console, platform, "operator", `/operate/invoices/${first}`, language);
    await expect(term(console, says["operate.invoices.due"])).toBeVisible();
    await console.goto(`/operate/invoices/${credit}`);
    await expect(term(console, says["operate.invoices.issued"])).toBeVisible();
    await expect(term(console, says["operate.invoices.due"])).toHaveCount(0);
    await expectAccessible(console);
  });
}
