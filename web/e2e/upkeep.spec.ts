// Work on the platform's own files, as the operator sees it: views built anew beside those in use, and backups.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { operateEn } from "../src/messages/operate.en";
import { expectAccessible, signIn } from "./people";
import { expect, test, type Platform } from "./platform";
import { accept, call, foundBuyer, recorded, report, type Buyer } from "./trade";

const say = operateEn;
/** Reports in the log before the views are built anew, so that it takes several looks. */
const REPORTS = 1_500;

function section(page: Page, name: string): Locator {
  return page.getByRole("region", { name, exact: true });
}

/** Notes everything that the progress bar says from now on; the answer reads the notes. */
async function watchProgress(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const told: string[] = [];
    const look = () => {
      const text = document.querySelector("[role=progressbar]")?.getAttribute("aria-valuetext");
      if (text != null && text !== told.at(-1)) told.push(text);
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributeFilter: ["aria-valuetext"] });
    Object.assign(window, { told });
  });
  return () => page.evaluate(() => (window as unknown as { told: string[] }).told);
}

/** Calls one after another until told to stop: what was called is read at once. Answers how many there were. */
async function traffic(platform: Platform, buyer: Buyer, agreement: string, goesOn: () => boolean): Promise<number> {
  const before = await recorded(platform, buyer, agreement);
  let calls = 0;
  while (goesOn()) {
    await call(platform, buyer, { agreement: { id: agreement, capability: "chinese-word-segmentation" } });
    calls += 1;
    expect(await recorded(platform, buyer, agreement)).toBe(before + calls);
  }
  return calls;
}

test("the operator sees the views being built anew while calls go on, and a backup with its outcome", async ({ page, platform }) => {
  test.slow();
  const buyer = await foundBuyer(platform, "upkeep");
  const agreement = await accept(platform, buyer);
  await report(platform, agreement, REPORTS);
  await signIn(page, platform, "operator", "/operate/health");
  const [rebuild, backups] = [section(page, say["operate.upkeep.rebuild"]), section(page, say["operate.upkeep.backups"])];
  await page.clock.install();
  const told = await watchProgress(page);
  let isBuilding = true;
  const calling = traffic(platform, buyer, agreement, () => isBuilding);
  const begin = rebuild.getByRole("button", { name: say["operate.upkeep.rebuild.begin"] });
  const walk = platform.limp();
  await begin.click();
  const ended = rebuild.getByText(say["operate.upkeep.ended"]);
  // From one look at the work to the next takes no longer than the looking.
  while (!(await ended.isVisible())) await page.clock.fastForward(1_000);
  walk();
  isBuilding = false;
  const calls = await calling;

  const steps = (await told()).map((text) => text.split(" of ").map((number) => Number(number.replaceAll(",", ""))));
  const moved = steps.filter(([done = 0, total = 0]) => done > 0 && done < total).map(([done = 0]) => done);
  expect(moved.length, `it is seen moving: ${JSON.stringify(steps)}`).toBeGreaterThan(1);
  expect(moved, "and only forwards").toEqual([...moved].sort((one, other) => one - other));
  expect(calls).toBeGreaterThan(0);
  expect(await recorded(platform, buyer, agreement), "the new views know every report and call").toBe(REPORTS + calls);
  await expect(begin).toBeEnabled();

  await expect(backups.getByText(say["operate.upkeep.noBackups"])).toBeVisible();
  await backups.getByRole("button", { name: say["operate.upkeep.backup.begin"] }).click();
  await expect(backups.getByText(say["operate.upkeep.ended"])).toBeVisible();
  await expect(backups.getByRole("rowheader")).toHaveCount(1);
  const { upkeep } = await platform.ask<{ upkeep: { backups: { name: string; events: string }[] } }>("operator_key", "{ upkeep { backups { name events } } }");
  const [kept] = upkeep.backups;
  expect(Number(kept?.events)).toBeGreaterThan(REPORTS);
  await page.reload();
  for (const work of [rebuild, backups]) await expect(work.getByText(say["operate.upkeep.ended"])).toBeVisible();
  for (const text of [kept?.name ?? "", Number(kept?.events).toLocaleString("en"), say["operate.upkeep.history.this"]]) {
    await expect(backups.getByRole("cell").filter({ hasText: text })).toBeVisible();
  }
  await expectAccessible(page);
});

test("the operator sees that views could not be built, and builds them once that is mended", async ({ page, platform }) => {
  // As `tallystick rebuild` holds the right to build, which one process has at a time.
  const other = spawn("flock", [join(platform.data, "views-building.lock"), "-c", "echo held; cat"], { stdio: ["pipe", "pipe", "ignore"] });
  await once(other.stdout, "data");
  await signIn(page, platform, "operator", "/operate/health");
  const rebuild = section(page, say["operate.upkeep.rebuild"]);
  const begin = rebuild.getByRole("button", { name: say["operate.upkeep.rebuild.begin"] });
  await begin.click();
  await expect(rebuild.getByText(`${say["operate.upkeep.failed"]} · `)).toBeVisible();
  await expect(rebuild.getByText(say["operate.upkeep.failed.body"])).toBeVisible();
  await expectAccessible(page);
  other.stdin.end();
  await once(other, "exit");
  await begin.click();
  await expect(rebuild.getByText(say["operate.upkeep.ended"])).toBeVisible();
  await expect(rebuild.getByText(`${say["operate.upkeep.failed"]} · `)).toHaveCount(0);
});
