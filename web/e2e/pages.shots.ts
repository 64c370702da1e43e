// Pictures of the main pages, to look at: both languages, light and dark, wide and narrow. Run by `make screenshots`.
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { LANGUAGES, signIn, type PEOPLE } from "./people";
import { test, type Platform } from "./platform";

const DIRECTORY = join(import.meta.dirname, "../screenshots");
const THEMES = ["light", "dark"] as const;
const WIDTHS = { wide: 1280, narrow: 375 } as const;
const TEXT = "算市是一个开放的人工智能市场与计费平台，消费者和提供者读的是同一块计量表，每一笔费用都有收据可查。";

const PAGES: Record<"visitor" | keyof typeof PEOPLE, Record<string, string>> = {
  visitor: {
    home: "/",
    capabilities: "/capabilities",
    capability: "/capabilities/chinese-word-segmentation",
    listings: "/listings",
    listing: "/listings/national-ai-strategies",
    store: "/stores/reference-works",
  },
  buyer: {
    usage: "/usage",
    explore: "/usage/explore",
    calls: "/usage/calls",
    invoices: "/usage/invoices",
    agreements: "/usage/agreements",
  },
  seller: { desk: "/sell", "desk-listings": "/sell/listings", analytics: "/sell/analytics", statements: "/sell/statements" },
  operator: { console: "/operate", review: "/operate/review", log: "/operate/log", health: "/operate/health" },
};

test.beforeAll(async ({ platform }) => {
  test.setTimeout(60_000);
  for (let number = 0; number < 9; number += 1) await call(platform, `picture ${number}`);
  await closePeriod(platform);
  for (let number = 9; number < 14; number += 1) await call(platform, `picture ${number}`);
});

for (const who of Object.keys(PAGES) as (keyof typeof PAGES)[]) {
  for (const language of LANGUAGES) {
    test(`${who} (${language})`, async ({ page, platform }) => {
      test.setTimeout(240_000);
      const [first] = Object.values(PAGES[who]);
      if (who === "visitor") await page.goto(`/?lang=${language}`);
      else await signIn(page, platform, who, first ?? "/", language);
      if (who === "buyer") await addInvoice(page);
      for (const [name, path] of Object.entries(PAGES[who])) await picture(page, `${name}-${language}`, path, language);
    });
  }
}

async function picture(page: Page, name: string, path: string, language: string): Promise<void> {
  for (const [width, pixels] of Object.entries(WIDTHS)) {
    await page.setViewportSize({ width: pixels, height: 900 });
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.goto(`${path}?lang=${language}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.waitForLoadState("networkidle");
      await page.screenshot({ path: join(DIRECTORY, `${name}-${colorScheme}-${width}.png`), fullPage: width === "narrow" });
    }
  }
}

/** The invoice that was issued before has no address that is known beforehand. */
async function addInvoice(page: Page): Promise<void> {
  await page.goto("/usage/invoices");
  const href = await page.getByRole("table").getByRole("link").first().getAttribute("href");
  if (href !== null) PAGES.buyer["invoice"] = href.split("?")[0] ?? href;
}

async function call(platform: Platform, idempotencyKey: string): Promise<void> {
  const target = { capability: "chinese-word-segmentation" };
  const input = { target, payload: { text: TEXT }, idempotencyKey };
  await platform.ask("buyer_key", "mutation($input: InvokeInput!) { invoke(input: $input) { errors { code } } }", { input });
}

async function closePeriod(platform: Platform): Promise<void> {
  const last = "{ invocations(first: 1) { nodes { agreement { id currentPeriod { start } } } } }";
  interface Last {
    invocations: { nodes: { agreement: { id: string; currentPeriod: { start: string } } }[] };
  }
  const { invocations } = await platform.ask<Last>("buyer_key", last);
  const agreement = invocations.nodes[0]?.agreement;
  const input = { agreementId: agreement?.id, periodStart: agreement?.currentPeriod.start };
  const close = "mutation($input: ClosePeriodInput!) { closePeriod(input: $input) { errors { code } } }";
  await platform.ask("operator_key", close, { input });
}

