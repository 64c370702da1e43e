// Every page behind sign-in, in both languages, wide and narrow, light and dark: accessible, and never wider than the screen.
import type { Page } from "@playwright/test";
import { LANGUAGES, SIZES, expectAccessible, settle, signIn, type Language, type PEOPLE } from "./people";
import { expect, test } from "./platform";

interface Area {
  who: keyof typeof PEOPLE;
  home: string;
  pages: readonly string[];
  /** Pages about one thing: where such things are listed, and what the addresses of their pages begin with. */
  details: readonly string[];
}

const AREAS: readonly Area[] = [
  {
    who: "seller",
    home: "/sell",
    pages: ["/sell/store", "/sell/listings", "/sell/listings/new", "/sell/analytics", "/sell/statements"],
    details: ["/sell/listings"],
  },
  {
    who: "buyer",
    home: "/usage",
    pages: ["/usage/explore", "/usage/calls", "/usage/invoices", "/usage/agreements", "/usage/keys", "/usage/members", "/usage/profile"],
    details: ["/usage/agreements"],
  },
  {
    who: "operator",
    home: "/operate",
    pages: [
      "/operate/review",
      "/operate/capabilities",
      "/operate/capabilities/new",
      "/operate/organizations",
      "/operate/periods",
      "/operate/invoices",
      "/operate/statements",
      "/operate/ledger",
      "/operate/settings",
      "/operate/log",
      "/operate/checkpoints",
      "/operate/health",
    ],
    details: ["/operate/organizations", "/operate/log"],
  },
];

for (const { who, home, pages, details } of AREAS) {
  for (const language of LANGUAGES) {
    test(`${home} is accessible (${language})`, async ({ page, platform }) => {
      // Up to twenty pages, each read whole by axe.
      test.setTimeout(120_000);
      await signIn(page, platform, who, home, language);
      const found: string[] = [];
      for (const list of details) found.push(await firstBelow(page, list));
      // Neighbouring pages differ in width and theme, and so do the two languages of one page.
      const turn = language === "en" ? 0 : 1;
      for (const [index, address] of [home, ...pages, ...found].entries()) {
        await test.step(address, () => visit(page, address, language, (index + turn) % 2 === 0));
      }
    });
  }
}

async function visit(page: Page, address: string, language: Language, isWide: boolean): Promise<void> {
  await page.setViewportSize(isWide ? SIZES.wide : SIZES.narrow);
  await page.emulateMedia({ colorScheme: isWide ? "light" : "dark", reducedMotion: "reduce" });
  await settle(page, `${address}?lang=${language}`);
  expect(new URL(page.url()).pathname).toBe(address);
  await expect(page.locator("html")).toHaveAttribute("lang", language === "en" ? /^en/ : /^zh/);
  await expectAccessible(page);
}

/** The address of the first thing that a list leads to. */
async function firstBelow(page: Page, list: string): Promise<string> {
  await settle(page, list);
  const link = page.getByRole("main").locator(`a[href^="${list}/"]:not([href$="/new"])`).first();
  await expect(link).toBeVisible({ timeout: 5_000 });
  return (await link.getAttribute("href")) ?? list;
}
