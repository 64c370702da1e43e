// A seller: opens a store, lists a model, is asked for changes, is published, sells, and reads what is owed down to the
// single call. The operator reviews it and closes the period.
import type { Locator, Page } from "@playwright/test";
import { operateEn } from "../src/messages/operate.en";
import { operateZh } from "../src/messages/operate.zh";
import { sellEn } from "../src/messages/sell.en";
import { sellZh } from "../src/messages/sell.zh";
import { LANGUAGES, SAYS, expectAccessible, filled, signIn, signInAs, type Language } from "./people";
import { expect, test, type Platform } from "./platform";
import { accept, call, foundBuyer } from "./trade";
import { MANDARIN, Upstream } from "./upstream";

type Words = typeof SAYS.en & typeof sellEn & typeof operateEn;

const WORDS: Record<Language, Words> = {
  en: { ...SAYS.en, ...sellEn, ...operateEn },
  zh: { ...SAYS.zh, ...sellZh, ...operateZh } as Words,
};
const CAPABILITY: Record<Language, string> = { en: "Language Identification", zh: "语种识别" };
const NOTE = "Say which scripts it can’t tell apart.";
const LIMITS = "Cannot tell Bosnian from Croatian.";
/** One call a month is free; each one past it costs this much, in CNY. */
const PRICE = "0.5";

// The model of these tests answers on this machine.
test.use({ options: ["--allow-private-networks"] });

let upstream: Upstream;

test.beforeAll(async () => {
  upstream = await Upstream.start(MANDARIN);
});

test.afterAll(() => upstream.stop());

for (const language of LANGUAGES) {
  const says = WORDS[language];
  const locale = language === "en" ? "en-GB" : "zh-CN";

  test(`a seller lists a model, is asked for changes, sells, and reads the statement (${language})`, async ({ platform, openPage }) => {
    test.setTimeout(240_000);
    const who = `seller.${language}`;
    const listing = { slug: `tongues-${language}`, name: `Tongues ${language}` };
    await platform.join(who, `Tongue works ${language}`);
    const page = await openPage(locale);
    const console = await openPage(locale);
    await signIn(console, platform, "operator", "/operate/review", language);

    await test.step("a store is opened from the checklist", async () => {
      await signInAs(page, platform, `${who}@join.example`, "/sell", language);
      await main(page).getByRole("link", { name: says["sell.check.store.action"] }).click();
      await page.getByRole("textbox", { name: says["sell.store.slug"] }).fill(`tongue-works-${language}`);
      await page.getByRole("textbox", { name: `${says["sell.store.name"]} (English)` }).fill(`Tongue works ${language}`);
      await page.getByRole("textbox", { name: `${says["sell.store.description"]} (English)` }).fill("Models that know languages.");
      await main(page).getByRole("button", { name: says["sell.store.open"] }).click();
      await told(page, says, says["sell.store.opened"]);
    });

    await test.step("a model is drafted", async () => {
      await page.getByRole("link", { name: says["sell.title"], exact: true }).click();
      await main(page).getByRole("link", { name: says["sell.check.draft.action"] }).click();
      await page.getByRole("textbox", { name: says["sell.listing.slug"] }).fill(listing.slug);
      await page.getByRole("textbox", { name: `${says["sell.listing.name"]} (English)` }).fill(listing.name);
      await page.getByRole("textbox", { name: `${says["sell.listing.summary"]} (English)` }).fill("Tells languages apart.");
      await page.getByRole("textbox", { name: says["sell.listing.endpoint"] }).fill(upstream.endpoint);
      await page.getByRole("combobox", { name: says["sell.listing.capabilities"] }).pressSequentially(CAPABILITY[language]);
      await page.getByRole("option", { name: CAPABILITY[language] }).click();
      await expect(page.getByRole("list", { name: says["sell.listing.capabilities.chosen"] })).toContainText(CAPABILITY[language]);
      await page.getByRole("textbox", { name: says["sell.listing.licence"] }).fill("Apache-2.0");
      await expectAccessible(page);
      await page.getByRole("button", { name: says["sell.listing.draft"] }).click();
      await expect(page.getByRole("heading", { level: 1, name: listing.name })).toBeVisible();
      await expect(page).toHaveURL(/\/sell\/listings\/lst_/);
    });

    await test.step("an offer shows what it comes to, and is made", async () => {
      await page.getByRole("navigation", { name: says["sell.listing.views"] }).getByRole("link", { name: says["sell.listing.offers"] }).click();
      const builder = page.getByRole("region", { name: says["sell.offer.new"] });
      await builder.getByRole("textbox", { name: `${says["sell.offer.name"]} (English)` }).fill("Starter");
      await builder.getByRole("textbox", { name: says["sell.offer.free"] }).fill("1");
      await builder.getByRole("textbox", { name: filled(says["sell.offer.unit"], { unit: language === "en" ? "call" : "调用" }) }).fill(PRICE);
      await builder.getByLabel(filled(says["sell.estimate.sample"], { unit: language === "en" ? "calls" : "调用" })).fill("3");
      await expect(builder.getByRole("region", { name: says["sell.estimate.title"] })).toContainText("1.00");
      await expectAccessible(page);
      await builder.getByRole("button", { name: says["sell.offer.publish"] }).click();
      await told(page, says, says["sell.offer.published"]);
      await expect(page.getByRole("table", { name: says["sell.offers.title"] })).toContainText("Starter");
    });

    await test.step("the endpoint is probed, and the listing submitted", async () => {
      await toContent(page, says);
      await probeAndSubmit(page, says);
    });

    await test.step("the operator asks for changes", async () => {
      await openReview(console, listing.name);
      await expectAccessible(console);
      await console.getByRole("button", { name: says["operate.review.request"] }).click();
      const dialog = console.getByRole("dialog");
      await dialog.getByRole("textbox", { name: says["operate.review.note"] }).fill(NOTE);
      await dialog.getByRole("button", { name: says["operate.review.request.send"] }).click();
      await told(console, says, says["operate.review.asked"]);
      await expect(console).toHaveURL(/\/operate\/review(\?|$)/);
      await expect(main(console).getByRole("link", { name: listing.name })).toHaveCount(0);
    });

    await test.step("the seller reads the note, revises and submits again", async () => {
      await page.goto("/sell");
      await expect(main(page)).toContainText(NOTE);
      await main(page).getByRole("link", { name: listing.name }).first().click();
      await expect(main(page).getByText(NOTE)).toBeVisible();
      await revise(page, says, says["sell.listing.summary"], LIMITS);
      await probeAndSubmit(page, says);
    });

    await test.step("the operator publishes", async () => {
      await openReview(console, listing.name);
      await expect(main(console)).toContainText(NOTE);
      await expect(differences(console, says)).toContainText(LIMITS);
      await publish(console, says, listing.name);
    });

    await test.step("the next version is reviewed by what differs", async () => {
      await page.reload();
      await expect(main(page).getByText(says["sell.review.published"], { exact: true })).toBeVisible();
      await page.getByRole("textbox", { name: says["sell.listing.licence"] }).fill("MIT");
      await save(page, says);
      await probeAndSubmit(page, says);
      await openReview(console, listing.name);
      const rows = differences(console, says).getByRole("row").filter({ has: console.getByRole("rowheader") });
      await expect(rows).toHaveCount(1);
      await expect(rows).toContainText("Apache-2.0");
      await expect(rows).toContainText("MIT");
      await publish(console, says, listing.name);
    });

    const buyer = await test.step("a buyer subscribes and calls", () => buy(platform, listing.slug, language));

    await test.step("the seller sees the sale", async () => {
      await page.getByRole("link", { name: says["sell.nav.analytics"], exact: true }).click();
      const agreements = page.getByRole("table", { name: says["sell.analytics.topAgreements"] });
      await expect(agreements.getByRole("row").filter({ hasText: buyer })).toContainText("1.00");
      await expectAccessible(page);
    });

    await test.step("the operator closes the period and sees the statement", async () => {
      await console.getByRole("link", { name: says["operate.periods.title"], exact: true }).click();
      await console.getByRole("table", { name: says["operate.periods.open"] }).getByRole("row").filter({ hasText: buyer }).getByRole("button").click();
      await console.getByRole("dialog").getByRole("button", { name: says["operate.periods.close.confirm"] }).click();
      await told(console, says, says["operate.periods.closed"]);
      await console.getByRole("region", { name: says["ui.notifications"] }).getByRole("button", { name: says["operate.periods.toInvoice"] }).click();
      await expect(console).toHaveURL(/\/operate\/invoices\/inv_/);
      await expect(main(console)).toContainText("2 × 0.5 = 1 CNY");
      await expectAccessible(console);
      await console.getByRole("link", { name: says["operate.statements.title"], exact: true }).click();
      await console.getByRole("row").filter({ hasText: `Tongue works ${language}` }).getByRole("rowheader").getByRole("link").click();
      await expect(console.getByRole("table", { name: says["operate.statements.lines"] })).toContainText(buyer);
      await expectAccessible(console);
    });

    await test.step("the seller reads the statement down to the single call", async () => {
      await page.getByRole("link", { name: says["sell.nav.statements"], exact: true }).click();
      await page.getByRole("table", { name: says["sell.statements.list"] }).getByRole("rowheader").getByRole("link").click();
      const line = page.getByRole("table", { name: says["sell.statement.lines"] }).getByRole("row").filter({ hasText: buyer });
      await expect(line).toContainText("1.00");
      await expectAccessible(page);
      await line.getByRole("link").click();
      const lines = page.getByRole("region", { name: says["invoice.lines.table"] });
      await lines.getByRole("button", { expanded: false }).click();
      await expect(lines.getByText("2 × 0.5 = 1 CNY")).toBeVisible();
      await expect(lines.getByRole("table", { name: says["invoice.calls"] }).getByRole("rowheader")).toHaveCount(3);
      await expectAccessible(page);
    });
  });
}

test("a seller reprices an offer and withdraws it", async ({ page, platform }) => {
  const says = WORDS.en;
  const seller = await platform.join("reprice", "Chip sheds");
  const store = { slug: "chip-sheds", page: { name: { en: "Chip sheds" }, description: { en: "Chips by the hour." }, kind: "ENTERPRISE" } };
  await platform.done(seller, "openStore", "provider { id }", store);
  const computeTier = { chip: "Ascend 910B", chipCount: 8, memoryGib: 512, purpose: "TRAIN", placement: "CLOUD" };
  const content = { name: { en: "Eight chips" }, summary: { en: "For training." }, details: { computeTier } };
  const { listing } = await platform.done<{ listing: { id: string } }>(seller, "draftListing", "listing { id }", { slug: "eight-chips", content });
  const terms = { currency: "CNY", period: "MONTH", meters: [{ meter: "LEASE_SECOND", price: { perUnit: "0.01" } }] };
  await platform.done(seller, "publishOffer", "offer { id }", { listingId: listing.id, name: { en: "By the second" }, terms });
  await signInAs(page, platform, "reprice@join.example", `/sell/listings/${listing.id}/offers`);
  const offers = page.getByRole("table", { name: says["sell.offers.title"] });
  const row = offers.getByRole("row").filter({ hasText: "By the second" });
  await row.getByRole("button", { name: says["sell.offer.reprice.start"] }).click();
  const price = page.getByRole("textbox", { name: filled(says["sell.offer.unit"], { unit: "lease second" }) });
  await expect(price).toHaveValue("0.01");
  await price.fill("0.008");
  await page.getByRole("button", { name: says["sell.offer.reprice"] }).click();
  await told(page, says, says["sell.offer.repriced"]);
  await expect(row).toContainText("0.008");
  await expect(row.getByRole("cell", { name: "2", exact: true })).toBeVisible();
  await row.getByRole("button", { name: says["sell.offer.withdraw"] }).click();
  await page.getByRole("dialog").getByRole("button", { name: says["sell.offer.withdraw"] }).click();
  await told(page, says, says["sell.offer.withdrawn.done"]);
  await expect(row).toContainText(says["sell.offer.withdrawn"]);
  await expect(row.getByRole("button")).toHaveCount(0);
  await expectAccessible(page);
});

function main(page: Page): Locator {
  return page.getByRole("main");
}

/** Waits until the page has said something in passing. */
async function told(page: Page, says: Words, text: string): Promise<void> {
  await expect(page.getByRole("region", { name: says["ui.notifications"] })).toContainText(text);
}

async function toContent(page: Page, says: Words): Promise<void> {
  await page.getByRole("navigation", { name: says["sell.listing.views"] }).getByRole("link", { name: says["sell.listing.content"] }).click();
}

async function save(page: Page, says: Words): Promise<void> {
  await page.getByRole("button", { name: says["sell.listing.save"] }).click();
  await told(page, says, says["sell.listing.saved"]);
}

/** Writes more into a text of the listing, and saves it. */
async function revise(page: Page, says: Words, field: string, text: string): Promise<void> {
  const box = page.getByRole("textbox", { name: `${field} (English)` });
  await box.fill(`${await box.inputValue()} ${text}`);
  await save(page, says);
}

async function probeAndSubmit(page: Page, says: Words): Promise<void> {
  const probe = page.getByRole("region", { name: says["sell.probe.title"] });
  await probe.getByRole("button", { name: new RegExp(`^(${says["sell.probe.start"]}|${says["sell.probe.again"]})$`, "u") }).click();
  await told(page, says, says["sell.probe.passed"]);
  await expect(probe.getByRole("table").getByRole("rowheader")).toHaveCount(2);
  await page.getByRole("button", { name: says["sell.review.submit"] }).click();
  await expect(page.getByRole("region", { name: says["sell.review.title"] })).toContainText(says["sell.review.waiting"]);
}

async function openReview(console: Page, name: string): Promise<void> {
  await console.goto("/operate/review");
  await main(console).getByRole("link", { name }).click();
  await expect(console.getByRole("heading", { level: 1, name })).toBeVisible();
}

function differences(console: Page, says: Words): Locator {
  return console.getByRole("table", { name: says["operate.review.differences"] });
}

async function publish(console: Page, says: Words, name: string): Promise<void> {
  await console.getByRole("button", { name: says["operate.review.publish"], exact: true }).click();
  await console.getByRole("dialog").getByRole("button", { name: says["operate.review.publish"], exact: true }).click();
  await told(console, says, filled(says["operate.review.published"], { name }));
}

/** An organization accepts the listing's only offer and calls three times; answers its name. */
async function buy(platform: Platform, slug: string, language: Language): Promise<string> {
  const buyer = await foundBuyer(platform, `reader.${language}`);
  const agreement = { id: await accept(platform, buyer, slug), capability: "language-identification" };
  const classes: string[] = [];
  for (const text of ["你好", "再见", "谢谢"]) {
    const usage = await call(platform, buyer, { agreement }, text);
    classes.push(...usage.map((each) => each.class));
  }
  expect(classes).toEqual(["FREE", "VALUE_ADDED", "VALUE_ADDED"]);
  return buyer.name;
}
