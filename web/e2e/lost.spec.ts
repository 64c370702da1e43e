// A lost connection: the page says so, and goes on from where it was, losing no call and counting none twice.
import type { Page } from "@playwright/test";
import { usageEn } from "../src/messages/usage.en";
import { SAYS, expectAccessible, filled, signInAs } from "./people";
import { Platform, expect, test } from "./platform";
import { accept, call, foundBuyer, type Buyer } from "./trade";
import { Wire } from "./wire";

const says = { ...SAYS.en, ...usageEn };

/** An organization with an agreement. */
async function subscribed(platform: Platform, who: string): Promise<Buyer> {
  const buyer = await foundBuyer(platform, who);
  await accept(platform, buyer);
  return buyer;
}

async function callOften(platform: Platform, buyer: Buyer, times: number): Promise<void> {
  for (let each = 0; each < times; each += 1) await call(platform, buyer);
}

/** Waits until the page has shown and counted so many calls. */
async function counted(page: Page, calls: number): Promise<void> {
  const rows = page.getByRole("table", { name: says["usage.live.table"] }).getByRole("rowheader");
  await expect(rows).toHaveCount(calls);
  await expect(page.getByText(filled(says["usage.live.spoken"], { count: calls }), { exact: true })).toBeAttached();
}

const stands = (page: Page, state: "live" | "lost") => expect(page.getByText(says[`ui.live.${state}`], { exact: true })).toBeVisible({ timeout: 30_000 });

// What the browser itself reports of a connection that is refused is no error of the page.
test.use({ isQuiet: false });

test("calls made while the connection was cut are all there when it is mended, each once", async ({ page, platform }) => {
  test.slow();
  const buyer = await subscribed(platform, "cut");
  const wire = await Wire.to(platform.url);
  await signInAs(page, { url: wire.url, passwords: platform.passwords }, "cut@join.example", "/usage");
  await stands(page, "live");
  await callOften(platform, buyer, 2);
  await counted(page, 2);
  wire.cut();
  await stands(page, "lost");
  await callOften(platform, buyer, 3);
  wire.mend();
  await stands(page, "live");
  await counted(page, 5);
  await callOften(platform, buyer, 1);
  await counted(page, 6);
  await wire.close();
});

test("a platform that is started again finds its pages where they were", async ({ page }) => {
  test.slow();
  const platform = await Platform.start();
  try {
    const buyer = await subscribed(platform, "again");
    await signInAs(page, platform, "again@join.example", "/usage");
    await stands(page, "live");
    await callOften(platform, buyer, 2);
    await counted(page, 2);
    await platform.halt();
    await stands(page, "lost");
    await platform.resume();
    await callOften(platform, buyer, 1);
    await stands(page, "live");
    await counted(page, 3);
  } finally {
    await platform.stop();
  }
});

test("a page that cannot be read says so under a heading, and can be tried again", async ({ page }) => {
  await page.route("**/graphql**", (route) => route.abort());
  await page.goto("/listings/reference-text?lang=en");
  await expect(page.getByRole("heading", { level: 1, name: says["ui.error.unreachable.title"] })).toBeVisible();
  await expectAccessible(page);
  await page.unroute("**/graphql**");
  await page.getByRole("button", { name: says["ui.retry"] }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Reference Text" })).toBeVisible();
});
