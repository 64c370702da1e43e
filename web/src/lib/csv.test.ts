import { expect, test } from "vitest";
import { csvCell, toCsv } from "./csv";

test("a cell that a spreadsheet would run is disarmed", () => {
  expect(["=1+1", "+x", "-cmd", "@a", "\tx"].map(csvCell)).toEqual(["'=1+1", "'+x", "'-cmd", "'@a", "'\tx"]);
});

test("a negative amount stays a number", () => {
  expect(csvCell("-12.30")).toBe("-12.30");
});

test("quotes, commas and line breaks are quoted", () => {
  expect(csvCell('a "b", c')).toBe('"a ""b"", c"');
  expect(csvCell("a\nb")).toBe('"a\nb"');
  expect(csvCell('=HYPERLINK("x","y")')).toBe('"\'=HYPERLINK(""x"",""y"")"');
});

test("lines end with CRLF and absent values are empty", () => {
  const columns = [
    { header: "key", value: (row: { key: string; sum: string | null }) => row.key },
    { header: "sum", value: (row: { key: string; sum: string | null }) => row.sum },
  ];
  expect(toCsv(columns, [{ key: "翻译", sum: null }])).toBe("key,sum\r\n翻译,\r\n");
});
