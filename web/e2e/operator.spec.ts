// The operator's own acts: stopping an organization and letting it act again, reading the log, setting market terms.
import type { Locator } from "@playwright/test";
import { groupDigits } from "../src/lib/numbers";
import { operateEn } from "../src/messages/operate.en";
import { enUi } from "../src/messages/ui.en";
import { expectAccessible, signIn } from "./people";
import { expect, test } from "./platform";
import { accept, call, closePeriod, foundBuyer } from "./trade";

const say = operateEn;

test("the operator suspends an organization with a reason, asked once, and reinstates it", async ({ page, platform }) => {
  const quay = await platform.join("quay", "Quay Analytics");
  const { organization } = await platform.ask<{ organization: { id: string } }>(quay, "{ organization { id } }");
  await signIn(page, platform, "operator", `/operate/organizations/${organization.id}`);
  await expect(page.getByRole("region", { name: say["operate.organizations.facts"] })).toContainText(`${say["operate.organizations.members"]}1`);
  const agreements = page.getByRole("region", { name: say["operate.organizations.agreements"] });
  await expect(agreements).toContainText(say["operate.organizations.noAgreements"]);
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
  const address = page.url();
  await page.getByRole("link", { name: enUi["ui.pager.previous"], exact: true }).click();
  await expect(page).not.toHaveURL(address);
  await page.getByRole("link", { name: enUi["ui.pager.next"], exact: true }).click();
  await expect(page).toHaveURL(address);
});

test("a list without rows offers no file of them", async ({ page, platform }) => {
  await signIn(page, platform, "operator", "/operate/log");
  const file = page.getByRole("main").getByRole("button", { name: "Download CSV" });
  await expect(file).toBeVisible();
  await page.getByRole("searchbox", { name: say["operate.log.stream"] }).fill("no-such-stream");
  await expect(page.getByText(say["operate.log.empty"])).toBeVisible();
  await expect(file).toHaveCount(0);
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

test("the operator voids an invoice with a reason, and nothing is owed any more", async ({ page, platform }) => {
  const buyer = await foundBuyer(platform, "void");
  await accept(platform, buyer);
  for (let each = 0; each < 3; each += 1) await call(platform, buyer);
  const id = await closePeriod(platform, buyer);
  await signIn(page, platform, "operator", `/operate/invoices/${id}`);
  await page.getByRole("button", { name: say["operate.invoices.void"], exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: say["operate.column.reason"] }).fill("Billed twice by a broken client");
  await dialog.getByRole("button", { name: say["operate.invoices.void"], exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("main")).toContainText("Billed twice by a broken client");
  await expect(page.getByRole("button", { name: say["operate.invoices.pay"] })).toHaveCount(0);
  await expectAccessible(page);
  const read = await platform.ask<{ invoice: { state: string } }>(buyer.owner, "query($id: ID!) { invoice(id: $id) { state } }", { id });
  expect(read.invoice.state).toBe("VOID");
});

test("the operator enters a capability, gives it a contract, and reads both back", async ({ page, platform }) => {
  test.slow();
  await signIn(page, platform, "operator", "/operate/capabilities/new");
  await page.getByRole("textbox", { name: say["operate.column.slug"] }).fill("letter-counting");
  await page.getByRole("textbox", { name: `${say["operate.column.name"]} (English)` }).fill("Letter counting");
  await page.getByRole("textbox", { name: `${say["operate.column.name"]} (中文)` }).fill("字母计数");
  await page.getByRole("combobox", { name: say["operate.column.category"] }).selectOption("nlp");
  await page.getByRole("textbox", { name: say["operate.capability.subcategory"] }).fill("lexical");
  await page.getByRole("textbox", { name: say["operate.capability.inputs"] }).fill("text");
  await page.getByRole("textbox", { name: say["operate.capability.outputs"] }).fill("number");
  await page.getByText(say["operate.capability.usuallyFree.yes"]).click();
  await page.getByRole("button", { name: say["operate.capabilities.define"] }).click();
  await expect(page).toHaveURL(/\/operate\/capabilities\/letter-counting$/);
  await expect(page.getByRole("main").getByText(say["operate.capability.usuallyFree.yes"])).toBeVisible();

  await page.getByRole("link", { name: say["operate.contract.first"] }).click();
  await page.getByRole("textbox", { name: `${say["operate.contract.summary"]} (English)` }).fill("Counts the letters of a text.");
  // The form may still be moving under the pointer while its capability is read.
  await expect(async () => {
    await page.getByText(say["operate.contract.count.items"]).click();
    await expect(page.getByRole("radio", { name: say["operate.contract.count.items"] })).toBeChecked({ timeout: 1_000 });
  }).toPass();
  await page.getByRole("textbox", { name: say["operate.contract.pointers"] }).fill("/texts");
  const texts = { type: "array", maxItems: 10, items: { type: "string", maxLength: 100 } };
  const input = { type: "object", additionalProperties: false, required: ["texts"], properties: { texts } };
  const output = { type: "object", required: ["letters"], properties: { letters: { type: "integer" } } };
  await page.getByRole("textbox", { name: say["operate.contract.inputSchema"] }).fill(JSON.stringify(input));
  await page.getByRole("textbox", { name: say["operate.contract.outputSchema"] }).fill(JSON.stringify(output));
  const examples = page.getByRole("textbox", { name: say["operate.contract.examples"] });
  await examples.fill(JSON.stringify([{ input: { texts: "no list" }, output: { letters: 6 } }]));
  const define = page.getByRole("button", { name: say["operate.contract.define"].replace("{version}", "1") });
  await expect(define).toBeDisabled();
  await examples.fill(JSON.stringify([{ input: { texts: ["a list"] }, output: { letters: 5 } }]));
  await define.click();
  await expect(page).toHaveURL(/\/operate\/capabilities\/letter-counting$/);
  const contract = page.getByRole("region", { name: say["operate.contract.titleOf"].replace("{version}", "1") });
  await expect(contract).toContainText("/texts");
  await expectAccessible(page);

  await contract.getByRole("link", { name: say["operate.contract.next"] }).click();
  await expect(page.getByRole("textbox", { name: say["operate.contract.pointers"] })).toHaveValue("/texts");
  await page.goto("/capabilities/letter-counting?lang=en");
  await expect(page.getByRole("main")).toContainText("/texts");
});

interface Status {
  log: { head: string; flushP50Microseconds: number | null };
  views: { name: "views" | "hot_state" | "keys" | "settlement"; position: string; lag: string }[];
  upstreams: { listing: { slug: string }; calls: string; failures: string }[];
}

test("the operator reads how the log, what follows it and an upstream fare, and sees them move", async ({ page, platform }) => {
  const status = async () => {
    const document = "{ platform { log { head flushP50Microseconds } views { name position lag } upstreams { listing { slug } calls failures } } }";
    return (await platform.ask<{ platform: Status }>("operator_key", document)).platform;
  };
  const buyer = await foundBuyer(platform, "health");
  const agreement = await accept(platform, buyer);
  const target = { agreement: { id: agreement, capability: "chinese-word-segmentation" } };
  await call(platform, buyer, target);
  await signIn(page, platform, "operator", "/operate/health");
  const [log, views, upstreams] = (["log", "views", "upstreams"] as const).map((name) =>
    page.getByRole("region", { name: say[`operate.health.${name}`], exact: true }),
  ) as [Locator, Locator, Locator];
  const reads = async () => {
    const { log: { head, flushP50Microseconds }, views: followers, upstreams: called } = await status();
    expect(flushP50Microseconds).toBeGreaterThan(0);
    await expect(figure(log, say["operate.health.head"])).toHaveText(groupDigits(head));
    await expect(figure(log, say["operate.health.flushP50"])).toHaveText(/\d/);
    expect(followers.map(({ name }) => name)).toEqual(["views", "hot_state", "keys", "settlement"]);
    for (const { name, position, lag } of followers) {
      expect({ name, position, lag }).toEqual({ name, position: head, lag: "0" });
      const row = views.getByRole("row", { name: say[`operate.health.view.${name}`] });
      await expect(row).toContainText(`${groupDigits(head)}0${say["operate.health.current"]}`);
    }
    for (const { listing, calls, failures } of called) {
      await expect(upstreams.getByRole("row", { name: listing.slug })).toContainText(`${groupDigits(calls)}${groupDigits(failures)} (`);
    }
    return { head: BigInt(head), calls: called.reduce((sum, { calls }) => sum + Number(calls), 0) };
  };
  let before: Awaited<ReturnType<typeof reads>> | undefined;
  await expect(async () => void (before = await reads())).toPass();
  await call(platform, buyer, target);
  await expect(async () => {
    const after = await reads();
    expect(after.head).toBeGreaterThan(before?.head ?? 0n);
    expect(after.calls).toBeGreaterThan(before?.calls ?? 0);
  }).toPass();
});

/** The value of a figure at a glance. */
function figure(within: Locator, label: string): Locator {
  return within.locator("dt", { hasText: label }).locator("xpath=following-sibling::dd[1]");
}
