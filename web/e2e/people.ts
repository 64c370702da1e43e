// The people of the tests: who they are, and what they do on many pages.
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { en } from "../src/messages/en";
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

/** What the pages say in a language, by message id: the common texts and the storefront's. */
export const SAYS: Record<Language, typeof en & typeof storeEn> = {
  en: { ...en, ...storeEn },
  zh: { ...zh, ...storeZh } as typeof en & typeof storeEn,
};

/** Signs a person of the demo market in through the page, and goes on to an address. */
export async function signIn(page: Page, platform: Platform, who: keyof typeof PEOPLE, to: string, language: Language = "en") {
  await signInAs(page, platform, PEOPLE[who], to, language);
}

/** Signs whoever has an e-mail address in through the page, and goes on to an address. */
export async function signInAs(page: Page, platform: Platform, email: string, to: string, language: Language = "en") {
  const says = SAYS[language];
  await page.goto(`/sign-in?return=${encodeURIComponent(to)}&lang=${language}`);
  await page.getByLabel(says["store.sign.email"]).fill(email);
  await page.getByLabel(says["store.sign.password"]).fill(platform.passwords[email] ?? "");
  await page.getByRole("main").getByRole("button", { name: says["store.signIn.submit"] }).click();
  await page.waitForURL((url) => url.pathname === new URL(to, platform.url).pathname);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

/** No violation that axe can find, contrast included; and at no width does the page itself scroll sideways. */
export async function expectAccessible(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  // The live announcer of react-aria labels its images by elements that axe does not follow.
  const { violations } = await new AxeBuilder({ page }).exclude("[data-live-announcer]").analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
  expect(found).toEqual([]);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow, "pixels of sideways scroll").toBeLessThanOrEqual(0);
}
