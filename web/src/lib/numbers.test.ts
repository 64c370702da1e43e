import { describe, expect, test } from "vitest";
import {
  addDecimals,
  compactCount,
  compareDecimals,
  decimalProblem,
  formatMoney,
  formatPercent,
  groupDigits,
  isNegative,
  normalizeDecimal,
  padFraction,
  shareOf,
  subtractDecimals,
  trimZeros,
} from "./numbers";

describe("exact decimal strings", () => {
  test("are grouped without losing a digit that a float would", () => {
    expect(groupDigits("12345678901234567890.123456789")).toBe("12,345,678,901,234,567,890.123456789");
    expect(groupDigits("-1000")).toBe("−1,000");
    expect(groupDigits("999")).toBe("999");
    expect(groupDigits("n/a")).toBe("n/a");
  });
  test("lose only zeros that say nothing", () => {
    expect(["0.0020", "3.00", "100", "0.0"].map(trimZeros)).toEqual(["0.002", "3", "100", "0"]);
  });
  test("are filled, never rounded", () => {
    expect(padFraction("12", 2)).toBe("12.00");
    expect(padFraction("12.345", 2)).toBe("12.345");
  });
  test("compare by value, not by text", () => {
    expect(compareDecimals("10", "9")).toBe(1);
    expect(compareDecimals("1.50", "1.5")).toBe(0);
    expect(compareDecimals("-2", "1")).toBe(-1);
    expect(compareDecimals("9007199254740993", "9007199254740992")).toBe(1);
  });
  test("are below zero or not", () => {
    expect(["-0.01", "-0.00", "0.00", "5"].map((amount) => isNegative({ amount }))).toEqual([true, false, false, false]);
    expect(isNegative(null)).toBe(false);
  });
  test("add up exactly", () => {
    expect(addDecimals("0.1", "0.2")).toBe("0.3");
    expect(addDecimals("-0.05", "0.01")).toBe("-0.04");
    expect(addDecimals("9007199254740993", "1")).toBe("9007199254740994");
    expect(addDecimals()).toBe("0");
  });
  test("are taken off exactly", () => {
    expect(subtractDecimals("0.3", "0.1", "-0.05")).toBe("0.25");
    expect(subtractDecimals("9007199254740994", "1")).toBe("9007199254740993");
    expect(subtractDecimals("0.2", "0.20")).toBe("0.00");
  });
  test("give a share for the width of a bar", () => {
    expect(shareOf("1", "4")).toBe(0.25);
    expect(shareOf("5", "4")).toBe(1);
    expect(shareOf("1", "0")).toBe(0);
  });
});

describe("money", () => {
  test("carries its currency and at least its minor digits", () => {
    expect(formatMoney("1234.5", "CNY", "zh")).toBe("¥1,234.50");
    expect(formatMoney("1234.5", "CNY", "en")).toBe("CN¥1,234.50");
    expect(formatMoney("-12.30", "USD", "en")).toBe("−$12.30");
    expect(formatMoney("0.000002", "USD", "en")).toBe("$0.000002");
    expect(formatMoney("1200", "JPY", "en")).toBe("¥1,200");
  });
  test("of an unknown currency still shows both", () => {
    expect(formatMoney("12.30", "credits", "en")).toBe("12.30 credits");
  });
});

test("a ratio becomes a percentage by moving the point", () => {
  expect(["0.0525", "1", "0.6", "0", "0.999"].map(formatPercent)).toEqual(["5.25%", "100%", "60%", "0%", "99.9%"]);
});

test("a compact count speaks the language's own units", () => {
  expect(compactCount("1234567", "en")).toBe("1.2M");
  expect(compactCount("1234567", "zh")).toBe("123.5万");
});

describe("what was typed", () => {
  test("is read the way people write numbers", () => {
    expect(["1,234.5", " .5", "１２．５", "007", "2.", "+3"].map(normalizeDecimal)).toEqual([
      "1234.5",
      "0.5",
      "12.5",
      "7",
      "2",
      "3",
    ]);
    expect(normalizeDecimal("abc")).toBe("abc");
  });
  test("is refused with the reason", () => {
    expect(decimalProblem("abc", {})).toBe("not-a-number");
    expect(decimalProblem("", {})).toBe("not-a-number");
    expect(decimalProblem("1.234", { scale: 2 })).toBe("too-precise");
    expect(decimalProblem("1.230", { scale: 2 })).toBeNull();
    expect(decimalProblem("-1", { min: "0" })).toBe("too-small");
    expect(decimalProblem("101", { max: "100" })).toBe("too-large");
    expect(decimalProblem("5", { scale: 0, min: "0", max: "10" })).toBeNull();
  });
});
