// One whole journey without a mouse: signing in, reading an agreement, making an API key.
import type { Page } from "@playwright/test";
import { usageEn } from "../src/messages/usage.en";
import { PEOPLE, SAYS } from "./people";
import { expect, test } from "./platform";

const TABS_MAX = 80;

/** Presses Tab until the focus is on what is named. */
async function tabTo(page: Page, target: ReturnType<Page["locator"]>): Promise<void> {
  await expect(target).toBeVisible();
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  await expect(target).toBeFocused();
}

test("from signing in to an API key by keyboard only", async ({ page, platform }) => {
  const says = SAYS.en;
  const main = page.getByRole("main");
  await page.goto("/sign-in?return=%2Fusage%2Fagreements&lang=en");
  await tabTo(page, page.getByRole("textbox", { name: says["store.sign.email"] }));
  await page.keyboard.type(PEOPLE.buyer);
  await tabTo(page, page.getByRole("textbox", { name: says["store.sign.password"] }));
  await page.keyboard.type(platform.passwords[PEOPLE.buyer] ?? "");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/usage\/agreements/);
  await tabTo(page, main.locator('a[href^="/usage/agreements/"]').first());
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/usage\/agreements\/agr_/);
  await tabTo(page, main.getByRole("link", { name: usageEn["usage.keys.title"] }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: usageEn["usage.keys.title"] })).toBeVisible();
  const create = main.getByRole("button", { name: usageEn["usage.keys.create"] });
  await tabTo(page, create);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("textbox", { name: usageEn["usage.keys.label"] })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(create).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("textbox", { name: usageEn["usage.keys.label"] })).toBeFocused();
  await page.keyboard.type("Nightly batch");
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await tabTo(page, main.getByRole("button", { name: usageEn["usage.keys.made.kept"] }));
  await page.keyboard.press("Enter");
  await expect(main.getByText("Nightly batch").first()).toBeVisible();
});
