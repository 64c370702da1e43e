// The people of the tests: who they are, and what they do on many pages.
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { en } from "../src/messages/en";
import { invoiceEn } from "../src/messages/invoice.en";
import { invoiceZh } from "../src/messages/invoice.zh";
import { storeEn } from "../src/messages/store.en";
import { storeZh } from "../src/messages/store.zh";
import { zh } from "../src/messages/zh";
import type { Platform } from "./platform";

/** The demo market's people, by what they do there. */
export const PEOPLE = {
  buyer: "owner@library.example",
  seller: "owner@reference.example",
  operator: "operator@exchange.example",
} as const;

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The screens that pages are looked at on. */
export const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 375, height: 700 } } as const;

type Says = typeof en & typeof storeEn & typeof invoiceEn;

/** What the pages say in a language, by message id: the common texts, the storefront's and those of an invoice's lines. */
export const SAYS: Record<Language, Says> = {
  en: { ...en, ...storeEn, ...invoiceEn },
  zh: { ...zh, ...storeZh, ...invoiceZh } as Says,
};

/** A text of the catalogues with its values in place; plurals are beyond it. */
export function filled(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)(?:, number)?\}/gu, (hole, name: string) => String(values[name] ?? hole));
}

/** Signs a person of the demo market in through the page, and goes on to an address. */
export async function signIn(page: Page, platform: Platform, who: keyof typeof PEOPLE, to: string, language: Language = "en") {
  await signInAs(page, platform, PEOPLE[who], to, language);
}

/** A platform as its visitors know it. */
type Door = Pick<Platform, "url" | "passwords">;

/** Signs whoever has an e-mail address in through the page, and goes on to an address. */
export async function signInAs(page: Page, platform: Door, email: string, to: string, language: Language = "en") {
  const says = SAYS[language];
  await page.goto(`${platform.url}/sign-in?return=${encodeURIComponent(to)}&lang=${language}`);
  await page.getByLabel(says["store.sign.email"]).fill(email);
  await page.getByLabel(says["store.sign.password"]).fill(platform.passwords[email] ?? "");
  await page.getByRole("main").getByRole("button", { name: says["store.signIn.submit"] }).click();
  await page.waitForURL((url) => url.pathname === new URL(to, platform.url).pathname);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

/** Opens a page and waits until nothing on it is still being read. */
export async function settle(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator("[aria-busy=true], [data-pending]")).toHaveCount(0, { timeout: 15_000 });
}

/** No violation that axe can find, contrast included, or of some of its rules; and the page never scrolls sideways. */
export async function expectAccessible(page: Page, rules?: string[]): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  // No page holds a frame of another origin, so axe may stay within it and describe only what is wrong; else it carries
  // all that is fine into a blank page, which takes longer than looking. The live announcer of react-aria labels its
  // images by elements that axe does not follow.
  const axe = new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).setLegacyMode().exclude("[data-live-announcer]");
  const { violations } = await (rules === undefined ? axe : axe.withRules(rules)).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
  expect(found).toEqual([]);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow, "pixels of sideways scroll").toBeLessThanOrEqual(0);
}
