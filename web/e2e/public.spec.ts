// Every page that needs no sign-in, in both languages, wide and narrow, light and dark: accessible, and never wider than
// the screen.
import type { Page } from "@playwright/test";
import { SAYS, SIZES, expectAccessible, settle, type Language } from "./people";
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

/** English at both widths; Chinese, whose pages are the same but for the words, on a phone. */
const VISITS = [
  { language: "en", width: "wide" },
  { language: "en", width: "narrow" },
  { language: "zh", width: "narrow" },
] as const;

for (const { language, width } of VISITS) {
  test(`public pages are accessible (${language}, ${width})`, async ({ page, platform }) => {
    // Some twenty pages, each read whole by axe, and its contrasts once more in the other theme.
    test.setTimeout(240_000);
    await page.setViewportSize(SIZES[width]);
    for (const address of [...PAGES, await comparison(platform)]) {
      await test.step(address, () => visit(page, address, language));
    }
  });
}

async function visit(page: Page, address: string, language: Language): Promise<void> {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  const localized = `${address}${address.includes("?") ? "&" : "?"}lang=${language}`;
  await (address === STILL_READING ? page.goto(localized) : settle(page, localized));
  await expect(page.locator("html")).toHaveAttribute("lang", language === "en" ? /^en/ : /^zh/);
  if (address === DATASET) await expectRows(page, language);
  await expectAccessible(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page, ["color-contrast"]);
}

/** The first rows of a dataset are there. */
async function expectRows(page: Page, language: Language): Promise<void> {
  const preview = page.getByRole("table", { name: SAYS[language]["store.preview.title"] });
  await expect(preview.getByRole("row").nth(1)).toBeVisible();
}
