// The operator's own acts: stopping an organization and letting it act again, reading the log, setting market terms.
import { operateEn } from "../src/messages/operate.en";
import { expectAccessible, signIn } from "./people";
import { expect, test, type Platform } from "./platform";

const say = operateEn;

/** Founds an organization of its own for one test, and answers its id. */
async function found(platform: Platform, name: string): Promise<string> {
  const document = "mutation($input: SignUpInput!) { signUp(input: $input) { organization { id } errors { code } } }";
  const email = `${name.toLowerCase().replaceAll(" ", ".")}@found.example`;
  const owner = { name: "Owner", email, password: "a long enough password" };
  const input = { organizationName: name, country: "CN", timeZone: "Asia/Shanghai", currency: "CNY", ...owner };
  const { signUp } = await platform.ask<{ signUp: { organization: { id: string } } }>("", document, { input });
  return signUp.organization.id;
}

test("the operator suspends an organization with a reason, asked once, and reinstates it", async ({ page, platform }) => {
  const name = "Quay Analytics";
  const id = await found(platform, name);
  await signIn(page, platform, "operator", `/operate/organizations/${id}`);
  await page.getByRole("button", { name: say["operate.organizations.suspend"], exact: true }).click();
  const dialog = page.getByRole("dialog");
  const confirm = dialog.getByRole("button", { name: say["operate.organizations.suspend"], exact: true });
  await expect(confirm).toBeDisabled();
  await dialog.getByRole("textbox", { name: say["operate.column.reason"] }).fill("Calls with stolen data");
  await confirm.click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("main").getByText("Calls with stolen data")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: say["operate.organizations.reinstate"], exact: true }).click();
  await expect(page.getByRole("button", { name: say["operate.organizations.suspend"], exact: true })).toBeVisible();
  await expect(page.getByText("Calls with stolen data")).toHaveCount(0);
});

test("the operator opens the event log and follows what one request led to", async ({ page, platform }) => {
  await signIn(page, platform, "operator", "/operate/log");
  const first = page.getByRole("main").locator('a[href^="/operate/log/correlations/"]').first();
  await first.click();
  await expect(page.getByRole("heading", { level: 1, name: say["operate.log.correlation.title"] })).toBeVisible();
  const events = page.getByRole("main").getByRole("listitem").filter({ hasText: say["operate.log.data"] });
  await expect(events.first()).toContainText(say["operate.log.fromRequest"]);
  await events.first().locator('a[href^="/operate/log/"]').click();
  await expect(page.getByRole("heading", { level: 2, name: say["operate.log.facts"] })).toBeVisible();
  await expectAccessible(page);
});

test("the operator sets market terms, for agreements to come", async ({ page, platform }) => {
  await signIn(page, platform, "operator", "/operate/settings");
  const commission = page.getByRole("textbox", { name: say["operate.settings.commission"] });
  await commission.fill("12.5");
  await commission.press("Enter");
  await expect(page.getByText(/12\.5\d?\s?%/).first()).toBeVisible();
  await page.reload();
  await expect(commission).toHaveValue(/^12\.50?$/);
  const terms = await platform.ask<{ marketTerms: { commissionBasisPoints: number } }>("", "{ marketTerms { commissionBasisPoints } }");
  expect(terms.marketTerms.commissionBasisPoints).toBe(1250);
});

test("the operator builds the views anew and takes a backup, and finds both when coming back", async ({ page, platform }) => {
  await signIn(page, platform, "operator", "/operate/health");
  const section = (name: string) => page.getByRole("region", { name, exact: true });
  await section(say["operate.upkeep.rebuild"]).getByRole("button", { name: say["operate.upkeep.rebuild.begin"] }).click();
  await section(say["operate.upkeep.backups"]).getByRole("button", { name: say["operate.upkeep.backup.begin"] }).click();
  for (const name of [say["operate.upkeep.rebuild"], say["operate.upkeep.backups"]]) {
    await expect(section(name).getByText(say["operate.upkeep.ended"])).toBeVisible({ timeout: 30_000 });
  }
  await page.reload();
  await expect(section(say["operate.upkeep.backups"]).getByRole("rowheader")).toHaveCount(1);
  await expect(section(say["operate.upkeep.backups"]).getByText(say["operate.upkeep.history.this"])).toBeVisible();
  await expectAccessible(page);
});
