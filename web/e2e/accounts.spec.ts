// Keys and members: found, put in order, shared by their address, and exported.
import { readFile } from "node:fs/promises";
import { usageEn } from "../src/messages/usage.en";
import { expectAccessible, signInAs } from "./people";
import { expect, test } from "./platform";

const say = usageEn;

test("keys are found, put in order and exported, and the address holds the choice", async ({ page, platform }) => {
  const owner = await platform.join("keys", "Key ring");
  for (const [label, scope] of [["nightly", "INVOKE"], ["Books", "BILLING_READ"], ["audit", "USAGE_READ"]]) {
    await platform.done(owner, "createApiKey", "apiKey { id }", { label, scopes: [scope] });
  }
  await signInAs(page, platform, "keys@join.example", "/usage/keys");
  const names = page.getByRole("table", { name: say["usage.keys.title"] }).getByRole("rowheader");
  await expect(names).toHaveText(["audit", "Books", "nightly"]);
  await page.getByRole("combobox", { name: say["usage.order"] }).selectOption({ label: say["usage.keys.order.OLDEST"] });
  await expect(names).toHaveText(["nightly", "Books", "audit"]);
  await page.getByRole("searchbox", { name: say["usage.keys.search"] }).fill("BOOK");
  await expect(names).toHaveText(["Books"]);
  await expect(page).toHaveURL(/search=BOOK/);
  await page.reload();
  await expect(names).toHaveText(["Books"]);
  await expectAccessible(page);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV" }).click();
  const lines = (await readFile(await (await download).path(), "utf8")).trim().split(/\r?\n/u);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain("Books");
  expect(lines[1]).toContain("BILLING_READ");
});

test("members are listed by role", async ({ page, platform }) => {
  const owner = await platform.join("staff", "Staff room");
  const viewer = { email: "looks@join.example", name: "Looks Only", password: "a long enough password", role: "VIEWER" };
  await platform.done(owner, "addMember", "member { id }", viewer);
  await signInAs(page, platform, "staff@join.example", "/usage/members");
  const members = page.getByRole("table", { name: say["usage.members.title"] }).getByRole("row").filter({ has: page.getByRole("rowheader") });
  await expect(members).toHaveCount(2);
  await page.getByRole("combobox", { name: say["usage.members.role"] }).selectOption({ label: say["usage.role.VIEWER"] });
  await expect(members).toHaveCount(1);
  await expect(members).toContainText("looks@join.example");
  await expectAccessible(page);
});
