// A payload as a form holds it: one text per field, made from an example and turned back into JSON for the call.
import { inReadingOrder, type Schema } from "./schema";

/** How one field of a payload is filled in. */
export type FieldKind = "line" | "text" | "choice" | "integer" | "number" | "flag" | "image" | "lines" | "numbers" | "json";

/** One field of the form. */
export interface PayloadField {
  name: string;
  kind: FieldKind;
  schema: Schema;
  isRequired: boolean;
}

/** The texts of a form by field; an empty one is left out of the payload. */
export type Texts = Record<string, string>;

/** Why a text is no value of its field. */
export type Problem = "missing" | "number" | "integer" | "numbers" | "json" | "choice";

/** What is sent, or what stands in the way of it. */
export interface Payload {
  payload: Record<string, unknown>;
  problems: Record<string, Problem>;
}

const LINE_LENGTH_MAX = 200;

/** The fields of a contract's input, required ones first. */
export function payloadFields(schema: Schema): PayloadField[] {
  const required = schema.required ?? [];
  return inReadingOrder(Object.entries(schema.properties ?? {}), required).map(([name, property]) => ({
    name,
    kind: kindOf(property),
    schema: property,
    isRequired: required.includes(name),
  }));
}

function kindOf(schema: Schema): FieldKind {
  if (schema.contentEncoding === "base64") return "image";
  if (schema.enum !== undefined) return "choice";
  if (schema.type === "string") return (schema.maxLength ?? Infinity) <= LINE_LENGTH_MAX ? "line" : "text";
  if (schema.type === "integer") return "integer";
  if (schema.type === "number") return "number";
  if (schema.type === "boolean") return "flag";
  if (schema.type === "array" && schema.items?.type === "string") return "lines";
  if (schema.type === "array" && (schema.items?.type === "number" || schema.items?.type === "integer")) return "numbers";
  return "json";
}

/** The texts that stand for a payload. */
export function toTexts(fields: readonly PayloadField[], payload: unknown): Texts {
  const values = (typeof payload === "object" && payload !== null ? payload : {}) as Record<string, unknown>;
  return Object.fromEntries(fields.map(({ name, kind }) => [name, textOf(kind, values[name])]));
}

function textOf(kind: FieldKind, value: unknown): string {
  if (value === undefined) return "";
  if (kind === "choice" || kind === "json") return JSON.stringify(value, null, kind === "json" ? 1 : 0);
  if (kind === "lines" && Array.isArray(value)) return value.join("\n");
  if (kind === "numbers" && Array.isArray(value)) return value.join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The payload that texts stand for, and which of them stand for nothing. */
export function toPayload(fields: readonly PayloadField[], texts: Texts): Payload {
  const payload: Record<string, unknown> = {};
  const problems: Record<string, Problem> = {};
  for (const field of fields) {
    const text = texts[field.name] ?? "";
    if (text === "") {
      if (field.isRequired) problems[field.name] = "missing";
      continue;
    }
    const value = valueOf(field.kind, text);
    if ("problem" in value) problems[field.name] = value.problem;
    else payload[field.name] = value.value;
  }
  return { payload, problems };
}

type Value = { value: unknown } | { problem: Problem };

function valueOf(kind: FieldKind, text: string): Value {
  switch (kind) {
    case "line":
    case "text":
    case "image":
      return { value: text };
    case "flag":
      return { value: text === "true" };
    case "integer":
      return /^-?\d+$/.test(text.trim()) ? { value: Number(text) } : { problem: "integer" };
    case "number":
      return isNumber(text) ? { value: Number(text) } : { problem: "number" };
    case "lines":
      return { value: text.split("\n").filter((line) => line !== "") };
    case "numbers":
      return numbers(text);
    case "choice":
      return parsed(text, "choice");
    case "json":
      return parsed(text, "json");
  }
}

function numbers(text: string): Value {
  const parts = text.split(/[\s,，、;；]+/).filter((part) => part !== "");
  return parts.every(isNumber) ? { value: parts.map(Number) } : { problem: "numbers" };
}

function isNumber(text: string): boolean {
  return text.trim() !== "" && Number.isFinite(Number(text));
}

function parsed(text: string, problem: Problem): Value {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { problem };
  }
}
