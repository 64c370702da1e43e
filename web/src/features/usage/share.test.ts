import { expect, test } from "vitest";
import { perMille } from "./share";

test("a share never says more than there is, and of nothing it is nothing", () => {
  expect([perMille("1", "3"), perMille("2", "3"), perMille("3", "3"), perMille("0", "0")]).toEqual(["0.333", "0.666", "1.000", "0"]);
  expect(perMille("9007199254740993", "9007199254740993000")).toBe("0.001");
});
