// Lighthouse on home, capability and dashboard of the release binary; fails below the aim. Run by `make lighthouse`.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "@playwright/test";
import lighthouse, { desktopConfig } from "lighthouse";

const AIM = 95;
const PORT = 9333;
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const PUBLIC = ["/", "/capabilities/chinese-word-segmentation"];
const SIGNED_IN = ["/usage"];

const directory = await mkdtemp(join(tmpdir(), "tallystick-lighthouse-"));
const binary = process.env.TALLYSTICK ?? join(import.meta.dirname, "../../target/release/tallystick");
const flags = ["serve", "--data", join(directory, "data"), "--listen", "127.0.0.1:0", "--seed", "demo"];
const platform = spawn(binary, flags, { stdio: ["ignore", "pipe", "ignore"] });
try {
  const url = await readyUrl();
  const scores = [...(await measure(url, PUBLIC)), ...(await measure(url, SIGNED_IN, await buyer()))];
  const low = scores.filter(({ score }) => score < AIM);
  console.log(low.length === 0 ? `all at or above ${AIM}` : `below ${AIM}: ${low.map(({ what }) => what).join(", ")}`);
  process.exitCode = low.length === 0 ? 0 : 1;
} finally {
  platform.kill("SIGTERM");
  await rm(directory, { recursive: true, force: true });
}

async function readyUrl() {
  for await (const line of createInterface(platform.stdout)) {
    const { ready, url } = JSON.parse(line);
    if (ready) return url;
  }
  throw new Error("the platform ended before it was ready");
}

async function buyer() {
  const { passwords } = JSON.parse(await readFile(join(directory, "data", "demo.json"), "utf8"));
  const email = Object.keys(passwords).find((each) => each.includes("bluebird"));
  return { email, password: passwords[email] };
}

/** Lighthouse opens its pages in the browser's default context, so that is where the person signs in. */
async function measure(url, paths, person) {
  const browser = await chromium.launchPersistentContext(join(directory, `browser-${paths.length}`), {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", `--remote-debugging-port=${PORT}`],
  });
  try {
    if (person !== undefined) await signIn(await browser.newPage(), url, person);
    const scores = [];
    for (const path of paths) scores.push(...(await audit(url + path, path)));
    return scores;
  } finally {
    await browser.close();
  }
}

async function signIn(page, url, { email, password }) {
  await page.goto(`${url}/sign-in?lang=en`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.locator("form").getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((now) => !now.pathname.startsWith("/sign-in"));
}

async function audit(url, path) {
  // Pages behind sign-in ask search engines to stay away, as they should.
  const skipAudits = SIGNED_IN.includes(path) ? ["is-crawlable"] : [];
  const options = { port: PORT, output: "json", onlyCategories: CATEGORIES, skipAudits, disableStorageReset: true };
  const { lhr } = await lighthouse(url, options, desktopConfig);
  return CATEGORIES.map((category) => {
    const score = Math.round((lhr.categories[category]?.score ?? 0) * 100);
    const failed = lhr.categories[category].auditRefs.filter(({ id, weight }) => weight > 0 && (lhr.audits[id]?.score ?? 1) < 1);
    console.log(`${path} ${category}: ${score}${score < 100 ? `  (${failed.map(({ id }) => id).join(", ")})` : ""}`);
    return { what: `${path} ${category}`, score };
  });
}
