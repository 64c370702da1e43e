// A visitor: finds a capability while typing, tries it for real, signs up.
import { capabilityEn } from "../src/messages/capability.en";
import { capabilityZh } from "../src/messages/capability.zh";
import { LANGUAGES, SAYS, expectAccessible, filled, type Language } from "./people";
import { expect, test } from "./platform";

const CAPABILITY: Record<Language, typeof capabilityEn> = { en: capabilityEn, zh: capabilityZh as typeof capabilityEn };
const SEGMENTATION: Record<Language, { typed: string; name: string }> = {
  en: { typed: "chinese word s", name: "Chinese word segmentation" },
  zh: { typed: "中文分", name: "中文分词" },
};

interface Left {
  sandbox: { remaining: string; callsPerAddressPerDay: string };
}

const LEFT = `{ sandbox { remaining callsPerAddressPerDay } }`;

for (const language of LANGUAGES) {
  const says = { ...SAYS[language], ...CAPABILITY[language] };
  const { typed, name } = SEGMENTATION[language];

  test(`a visitor finds a capability, tries it and signs up (${language})`, async ({ page, platform }) => {
    const { sandbox } = await platform.ask<Left>("", LEFT);
    await page.goto(`/?lang=${language}`);
    await page.getByRole("combobox", { name: says["store.search.label"] }).pressSequentially(typed);
    await page.getByRole("listbox", { name: says["store.search.hits"] }).getByRole("option", { name }).click();
    await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();

    const trial = page.getByRole("region", { name: says["store.try.title"] });
    await expect(trial).toContainText(leftOf(language, Number(sandbox.remaining), sandbox.callsPerAddressPerDay));
    await trial.getByRole("button", { name: says["store.try.call"], exact: true }).click();
    await expect(trial.getByRole("region", { name: says["store.result.output"] })).toContainText("人工智能");
    const used = trial.getByRole("table", { name: says["store.result.usage"] });
    await expect(used).toContainText(new RegExp(`${says["ui.class.FREE"]}|${says["ui.class.VALUE_ADDED"]}`, "u"));
    await expect(trial).toContainText(leftOf(language, Number(sandbox.remaining) - 1, sandbox.callsPerAddressPerDay));
    await expectAccessible(page);

    await page.getByRole("banner").getByRole("link", { name: says["nav.signUp"] }).click();
    await page.getByLabel(says["store.signUp.name"]).fill("Wang Fang");
    await page.getByLabel(says["store.sign.email"]).fill(`wang.fang.${language}@example.org`);
    await page.getByLabel(says["store.sign.password"]).fill("a long enough password");
    await page.getByLabel(says["store.signUp.organizationName"]).fill(`Riverside ${language}`);
    await page.getByRole("main").getByRole("button", { name: says["store.signUp.submit"] }).click();
    await expect(page.getByRole("button", { name: says["nav.signOut"] })).toBeVisible();
    await expect(page.getByRole("banner")).toContainText("Wang Fang");
  });
}

/** What the page says of the sandbox's calls that are left. */
function leftOf(language: Language, remaining: number, of: string): string {
  return filled(CAPABILITY[language]["store.try.sandbox.left"], { remaining, of });
}

test("a chosen language is remembered, and no words of another one are loaded", async ({ page }) => {
  await page.goto("/?lang=en");
  await page.getByRole("banner").getByRole("button", { name: "中文" }).click();
  await expect(page.getByRole("banner").getByRole("link", { name: SAYS.zh["nav.signUp"] })).toBeVisible();
  const words: string[] = [];
  page.on("request", (request) => words.push(...(/\/assets\/(?:[\w-]+\.)?(en|zh)-[\w-]+\.js$/u.exec(request.url())?.slice(1) ?? [])));
  const response = await page.goto("/capabilities/chinese-word-segmentation");
  expect(await response?.text()).toContain('<html lang="zh-CN">');
  await expect(page.getByRole("heading", { level: 1, name: "中文分词" })).toBeVisible();
  await page.waitForLoadState("networkidle");
  expect(new Set(words)).toEqual(new Set(["zh"]));
});

test("whoever wants less motion gets none", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  for (const address of ["/", "/capabilities/chinese-word-segmentation"]) {
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 2 }).first()).toBeVisible();
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll("*")].filter((element) => {
        const { animationName, animationDuration, animationIterationCount, transitionDuration } = getComputedStyle(element);
        const longest = Math.max(...`${transitionDuration},${animationName === "none" ? "0s" : animationDuration}`.split(",").map(parseFloat));
        return longest > 0.02 || (animationName !== "none" && animationIterationCount === "infinite" && longest > 0);
      }).map(({ tagName, className }) => `${tagName} ${String(className)}`),
    );
    expect(moving).toEqual([]);
  }
});
