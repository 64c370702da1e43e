import { expect, test } from "vitest";
import { approximate, perMille } from "./share";

test("a share never says more than there is, and of nothing it is nothing", () => {
  expect([perMille("1", "3"), perMille("2", "3"), perMille("3", "3"), perMille("0", "0")]).toEqual(["0.333", "0.666", "1.000", "0"]);
  expect(perMille("9007199254740993", "9007199254740993000")).toBe("0.001");
});

test("a forecast is rounded once, be it a decimal or a fraction", () => {
  expect([approximate("1.005", 2), approximate("0.004", 2), approximate("517/19200", 4), approximate("-2.5", 0)]).toEqual(["1.01", "0.00", "0.0269", "-3"]);
});
