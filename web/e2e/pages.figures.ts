// How fast the pages are, from the local binary. Prints a table; run by `make figures`, and alone on the machine.
import { gzipSync } from "node:zlib";
import { expect, type Page } from "@playwright/test";
import { usageEn } from "../src/messages/usage.en";
import { SAYS, signInAs } from "./people";
import { test } from "./platform";
import { accept, call, foundBuyer } from "./trade";

// A trace would be part of what is measured.
test.use({ trace: "off" });

const LOADS = 10;
const SETTLE_MS = 1_000;
const CALLS = 15;
const SCROLL_SECONDS = 3;

const PAGES = { home: "/", capability: "/capabilities/chinese-word-segmentation", listings: "/listings" } as const;

const median = (values: readonly number[]) => [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
const worst = (values: readonly number[]) => Math.max(...values);
const report = (what: string, values: readonly number[], unit: string) => {
  console.log(`${what}: median ${median(values).toFixed(0)} ${unit}, worst ${worst(values).toFixed(0)} ${unit}, of ${values.length}`);
};

for (const [name, path] of Object.entries(PAGES)) {
  test(`${name} is interactive`, async ({ browser, platform }) => {
    test.setTimeout(180_000);
    // A window that opens takes half a second of the processor for the browser itself, which is no part of the page;
    // it is measured both with and without.
    const times = { "in an open window": [] as number[], "in a window that opens with it": [] as number[] };
    let [first, all] = ["", ""];
    for (let load = 0; load < LOADS; load += 1) {
      for (const [window, each] of Object.entries(times)) {
        // Nothing is cached: each load is somebody's first.
        const context = await browser.newContext();
        const page = await context.newPage();
        if (window === "in an open window") await page.waitForTimeout(SETTLE_MS);
        const scripts = new Map<string, Promise<Buffer>>();
        page.on("response", (response) => {
          if (response.request().resourceType() === "script") scripts.set(response.url(), response.body());
        });
        const { time, had } = await interactive(page, platform.url + path);
        each.push(time);
        first = await gzipped(had.flatMap((url) => scripts.get(url) ?? []));
        await page.waitForLoadState("networkidle");
        all = await gzipped([...scripts.values()]);
        await context.close();
      }
    }
    for (const [window, each] of Object.entries(times)) report(`${name}: interactive ${window} after`, each, "ms");
    console.log(`${name}: ${first} kB of script until then, ${all} kB with what comes when the page is idle, gzipped`);
  });
}

async function gzipped(scripts: readonly Promise<Buffer>[]): Promise<string> {
  const sizes = (await Promise.all(scripts)).map((script) => gzipSync(script).length);
  return (sizes.reduce((sum, each) => sum + each, 0) / 1000).toFixed(1);
}

/**
 * From the navigation until the heading is there, nothing on the screen is still being read, and the page answers to a
 * key. What is below the screen may come later. `had` are the scripts that had come when it was there.
 */
async function interactive(page: Page, address: string): Promise<{ time: number; had: string[] }> {
  const started = performance.now();
  await page.goto(address, { waitUntil: "commit" });
  const isThere = () => {
    const waiting = [...document.querySelectorAll("[aria-busy=true], [data-pending]")];
    const isSeen = (element: Element) => element.getBoundingClientRect().top < innerHeight;
    if (document.querySelector("h1") === null || waiting.some(isSeen)) return null;
    return performance.getEntriesByType("resource").map(({ name }) => name);
  };
  const had = await (await page.waitForFunction(isThere, undefined, { polling: "raf" })).jsonValue();
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => document.activeElement !== document.body, undefined, { polling: "raf" });
  return { time: performance.now() - started, had: had ?? [] };
}

test("a call is on the dashboard", async ({ page, platform }) => {
  test.setTimeout(120_000);
  const buyer = await foundBuyer(platform, "figures");
  await accept(platform, buyer);
  await signInAs(page, platform, "figures@join.example", "/usage");
  await expect(page.getByText(SAYS.en["ui.live.live"], { exact: true })).toBeVisible();
  const table = page.getByRole("table", { name: usageEn["usage.live.table"] });
  const times: number[] = [];
  for (let number = 0; number < CALLS; number += 1) {
    await call(platform, buyer);
    const answered = performance.now();
    await table.getByRole("rowheader").nth(number).waitFor();
    times.push(performance.now() - answered);
  }
  report("from a call's answer to its row on the page", times, "ms");
});

test("10,000 rows scroll", async ({ page, platform }) => {
  await page.goto(`${platform.url}/design`);
  const table = page.getByRole("grid").or(page.getByRole("table")).last();
  await table.scrollIntoViewIfNeeded();
  const frames = await table.evaluate(async (element, seconds) => {
    let box: Element | null = element;
    while (box !== null && box.scrollHeight <= box.clientHeight + 1) box = box.parentElement;
    const scrolled = box ?? document.scrollingElement ?? document.body;
    const gaps: number[] = [];
    let last = performance.now();
    const end = last + seconds * 1000;
    while (last < end) {
      scrolled.scrollTop += 120;
      const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
      gaps.push(now - last);
      last = now;
    }
    return gaps;
  }, SCROLL_SECONDS);
  report("between two frames while 10,000 rows scroll", frames.slice(1), "ms");
});
