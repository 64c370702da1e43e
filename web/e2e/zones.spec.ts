// Days where midnight is not on the hour: usage is summed by whole hours, and the pages say from when a day is counted.
import { usageEn } from "../src/messages/usage.en";
import { usageZh } from "../src/messages/usage.zh";
import { LANGUAGES, SAYS, SIZES, expectAccessible, filled, settle, signInAs } from "./people";
import { expect, test } from "./platform";
import { accept, call, foundBuyer } from "./trade";

const ZONES = { "Asia/Kolkata": "23:30", "Asia/Shanghai": null } as const;
const USAGE = { en: usageEn, zh: usageZh };

for (const language of LANGUAGES) {
  for (const [zone, from] of Object.entries(ZONES)) {
    test(`a day is counted from ${from ?? "midnight"} in ${zone}, and the page says so (${language})`, async ({ page, platform }) => {
      const says = { ...SAYS[language], ...USAGE[language] };
      const who = `zone.${zone.replace("/", ".").toLowerCase()}.${language}`;
      const buyer = await foundBuyer(platform, who, zone);
      await accept(platform, buyer);
      for (let each = 0; each < 2; each += 1) await call(platform, buyer);
      await signInAs(page, platform, `${who}@join.example`, "/usage/explore", language);
      await settle(page, `/usage/explore?lang=${language}`);
      const note = from === null ? filled(says["ui.range.zone"], { zone }) : filled(says["ui.range.counted"], { from, zone });
      await expect(page.getByText(note)).toBeVisible();
      await expect(page.getByText(filled(says["ui.period.counted"], { period: "", from: "23:30" }))).toHaveCount(from === null ? 0 : 1);
      await page.getByRole("button", { name: says["ui.range.today"], exact: true }).click();
      await page.getByRole("button", { name: says["ui.chart.table"] }).click();
      const chart = page.getByRole("figure").getByRole("row").filter({ has: page.getByRole("rowheader") });
      await expect(chart).toHaveCount(1);
      await expect(chart.getByRole("cell").last(), "what was called now counts to today").toHaveText("2");
      for (const size of [SIZES.narrow, SIZES.wide]) {
        await page.setViewportSize(size);
        await expectAccessible(page);
      }
    });
  }
}
