// Where a text stops being JSON (RFC 8259): engines name the place differently, or not at all.

/** The place of the first character that can't stand there, from 1; null where the text is JSON. */
export function jsonBreak(text: string): { line: number; column: number } | null {
  const end = value(text, 0);
  const broken = end < 0 ? ~end : spaces(text, end);
  if (end >= 0 && broken === text.length) return null;
  const before = text.slice(0, broken).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

// Each reader takes the text and where to begin; it gives where it ended, or the complement (~) of where it broke.

const LITERAL = /(true|false|null)|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const STRING = /"([^"\\\u0000-\u001f]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const STRING_START = /"([^"\\\u0000-\u001f]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;

function value(text: string, from: number): number {
  const at = spaces(text, from);
  if (text[at] === "{") return members(text, at + 1, "}", member);
  if (text[at] === "[") return members(text, at + 1, "]", value);
  return text[at] === '"' ? string(text, at) : literal(text, at);
}

function members(text: string, from: number, close: string, read: typeof value): number {
  let at = spaces(text, from);
  if (text[at] === close) return at + 1;
  for (;;) {
    at = read(text, at);
    if (at < 0) return at;
    at = spaces(text, at);
    if (text[at] === close) return at + 1;
    if (text[at] !== ",") return ~at;
    at += 1;
  }
}

function member(text: string, from: number): number {
  const name = string(text, spaces(text, from));
  if (name < 0) return name;
  const colon = spaces(text, name);
  return text[colon] === ":" ? value(text, colon + 1) : ~colon;
}

function string(text: string, at: number): number {
  const end = match(STRING, text, at);
  return end >= 0 ? end : ~Math.max(match(STRING_START, text, at), at);
}

function literal(text: string, at: number): number {
  const end = match(LITERAL, text, at);
  return end > at && !/[\w.]/.test(text[end] ?? "") ? end : ~Math.max(end, at);
}

function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

function spaces(text: string, from: number): number {
  let at = from;
  while (" \t\n\r".includes(text[at] ?? "x")) at += 1;
  return at;
}
