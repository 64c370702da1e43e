import { expect, test } from "vitest";
import { chooseLocale } from "./locale";

test("a saved choice wins over the browser's languages", () => {
  expect(chooseLocale("en", ["zh-CN"])).toBe("en");
  expect(chooseLocale("zh", ["en-GB"])).toBe("zh");
});

test("without a choice the first language that the page speaks is taken", () => {
  expect(chooseLocale(null, ["zh-Hant-TW", "en"])).toBe("zh");
  expect(chooseLocale(null, ["de-DE", "zh"])).toBe("zh");
});

test("a damaged saved value is passed over", () => {
  expect(chooseLocale("<b>", ["zh-CN"])).toBe("zh");
});

test("a browser that speaks neither gets English", () => {
  expect(chooseLocale(null, ["de-DE", "zhx"])).toBe("en");
  expect(chooseLocale(null, [])).toBe("en");
});
