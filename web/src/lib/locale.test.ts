import { expect, test } from "vitest";
import { chooseLocale, localeIn } from "./locale";

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

test("the saved choice is found among other cookies", () => {
  expect(localeIn("theme=dark; tallystick_language=zh; a=b")).toBe("zh");
  expect(localeIn("my_tallystick_language=zh; tallystick_language")).toBeNull();
  expect(localeIn("")).toBeNull();
});

test("a browser that speaks neither gets English", () => {
  expect(chooseLocale(null, ["de-DE", "zhx"])).toBe("en");
  expect(chooseLocale(null, [])).toBe("en");
});
