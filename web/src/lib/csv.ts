// Comma-separated values by RFC 4180, safe to open in a spreadsheet.
const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;
const STARTS_FORMULA = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;

export interface CsvColumn<Row> {
  header: string;
  value: (row: Row) => string | null | undefined;
}

/** Writes one cell. What a spreadsheet would run as a formula gets an apostrophe before it; plain numbers stay numbers. */
export function csvCell(value: string): string {
  const safe = STARTS_FORMULA.test(value) && !PLAIN_NUMBER.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Writes header and rows, each line ended by CRLF. */
export function toCsv<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  const lines = [columns.map(({ header }) => header), ...rows.map((row) => columns.map(({ value }) => value(row) ?? ""))];
  return lines.map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}
