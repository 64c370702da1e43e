// Every page that needs no sign-in, in both languages, wide and narrow, light and dark: accessible, and never wider than
// the screen.
import type { Page } from "@playwright/test";
import { LANGUAGES, SAYS, SIZES, expectAccessible, settle, type Language } from "./people";
import { expect, test, type Platform } from "./platform";

/** A dataset with a preview. */
const DATASET = "/listings/national-ai-strategies";
/** Shows, among the others, what a page looks like that is being read. */
const STILL_READING = "/design";
const PAGES = [
  "/",
  "/capabilities",
  "/capabilities?category=nlp",
  "/capabilities/chinese-word-segmentation",
  "/capabilities/speech-synthesis-standard",
  "/listings",
  "/listings?q=%E5%88%86%E8%AF%8D&order=PRICE",
  "/listings?q=no-such-thing",
  "/listings/reference-text",
  DATASET,
  "/stores",
  "/stores/reference-works",
  "/compare",
  "/receipts/verify",
  "/sign-in",
  "/sign-up",
  STILL_READING,
  "/no/such/page",
] as const;

interface Offered {
  listings: { nodes: { offers: { nodes: { id: string }[] } }[] };
}

/** The address at which the market's first offers stand side by side. */
async function comparison(platform: Platform): Promise<string> {
  const { listings } = await platform.ask<Offered>("", "{ listings { nodes { offers { nodes { id } } } } }");
  const ids = listings.nodes.flatMap(({ offers }) => offers.nodes.map(({ id }) => id));
  return `/compare?offers=${ids.slice(0, 3).join(",")}`;
}

for (const language of LANGUAGES) {
  test(`public pages are accessible (${language})`, async ({ page, platform }) => {
    // Some twenty pages, each read whole by axe, and its contrasts once more in the other theme.
    test.setTimeout(300_000);
    for (const address of [...PAGES, await comparison(platform)]) {
      await test.step(address, () => visit(page, address, language));
    }
  });
}

/** English at both widths, opened once; Chinese, whose pages are the same but for the words, on a phone. */
async function visit(page: Page, address: string, language: Language): Promise<void> {
  await page.setViewportSize(language === "en" ? SIZES.wide : SIZES.narrow);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await open(page, address, language);
  await expectAccessibleInBothThemes(page);
  if (language === "zh") return;
  await narrow(page);
  await expectAccessibleInBothThemes(page);
}

async function open(page: Page, address: string, language: Language): Promise<void> {
  const localized = `${address}${address.includes("?") ? "&" : "?"}lang=${language}`;
  await (address === STILL_READING ? page.goto(localized) : settle(page, localized));
  await expect(page.locator("html")).toHaveAttribute("lang", language === "en" ? /^en/ : /^zh/);
  if (address === DATASET) await expectRows(page, language);
}

/** The same page on a phone, once what is drawn to fit has been drawn again. */
async function narrow(page: Page): Promise<void> {
  await page.setViewportSize(SIZES.narrow);
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

/** Only colours differ between the themes. */
async function expectAccessibleInBothThemes(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: "light" });
  await expectAccessible(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page, ["color-contrast"]);
}

/** The first rows of a dataset are there. */
async function expectRows(page: Page, language: Language): Promise<void> {
  const preview = page.getByRole("table", { name: SAYS[language]["store.preview.title"] });
  await expect(preview.getByRole("row").nth(1)).toBeVisible();
}
