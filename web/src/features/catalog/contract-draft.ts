// A contract as it is typed, and everything that is wrong with it, by the platform's rules and its own schemas.
import { Validator, type Schema } from "@cfworker/json-schema";
import type { DefineContractInput, Meter } from "@/gql/types";
import { jsonBreak } from "@/lib/json-place";
import { localizedInput, localizedProblem, type Localized } from "@/lib/localized";

export const COUNTS = ["one", "characters", "items"] as const;

export interface ContractDraft {
  summary: Localized;
  meter: Meter;
  count: (typeof COUNTS)[number];
  /** JSON pointers, one a line. */
  pointers: string;
  inputSchema: string;
  outputSchema: string;
  /** A JSON array of `{ input, output }`. */
  examples: string;
}

export type ContractField = "summary" | "pointers" | "inputSchema" | "outputSchema" | "examples";

/** What is wrong with a field: the message `operate.contract.problem.<kind>` and its values. */
export interface ContractProblem {
  field: ContractField;
  kind:
    | "syntax"
    | "empty"
    | "tooLong"
    | "control"
    | "notObject"
    | "tooLarge"
    | "notSchema"
    | "notExamples"
    | "exampleCount"
    | "exampleInput"
    | "exampleOutput"
    | "pointer"
    | "pointerCount"
    | "uncountable";
  values: Record<string, string | number>;
}

/** The counting rule of a contract as the API has it: one per call where both are absent. */
export interface Counting {
  countCharactersAt: readonly string[] | null;
  countItemsAt: string | null;
}

/** A counting rule as it is typed. */
export function countOf({ countCharactersAt, countItemsAt }: Counting): Pick<ContractDraft, "count" | "pointers"> {
  if (countCharactersAt !== null) return { count: "characters", pointers: countCharactersAt.join("\n") };
  if (countItemsAt !== null) return { count: "items", pointers: countItemsAt };
  return { count: "one", pointers: "" };
}

const SUMMARY_LENGTH_MAX = 1_000;
const SCHEMA_BYTES_MAX = 65_536;
const EXAMPLES_MAX = 20;
const EXAMPLES_BYTES_MAX = 524_288;
const POINTERS_MAX = 16;
const POINTER_LENGTH_MAX = 200;

interface Example {
  input: unknown;
  output: unknown;
}

/** Reads a draft: the input of `defineContract` without capability and version, or what stands in its way. */
export function readContract(draft: ContractDraft): { input: Omit<DefineContractInput, "capability" | "version"> | null; problems: ContractProblem[] } {
  const inputSchema = readSchema("inputSchema", draft.inputSchema);
  const outputSchema = readSchema("outputSchema", draft.outputSchema);
  const examples = readExamples(draft.examples);
  const pointers = readPointers(draft);
  const problems = [
    ...summaryProblems(draft.summary),
    ...inputSchema.problems,
    ...outputSchema.problems,
    ...examples.problems,
    ...pointers.problems,
    ...exampleProblems(examples.value ?? [], inputSchema.value, outputSchema.value),
    ...(draft.count === "one" ? [] : countingProblems(draft.count, pointers.value, examples.value ?? [])),
  ];
  if (problems.length > 0) return { input: null, problems };
  return {
    input: {
      summary: localizedInput(draft.summary),
      meter: draft.meter,
      ...(draft.count === "characters" ? { countCharactersAt: pointers.value } : {}),
      ...(draft.count === "items" ? { countItemsAt: pointers.value[0] ?? "" } : {}),
      inputSchema: inputSchema.value,
      outputSchema: outputSchema.value,
      examples: (examples.value ?? []).map(({ input, output }) => ({ input, output })),
    },
    problems,
  };
}

function problem(field: ContractField, kind: ContractProblem["kind"], values: ContractProblem["values"] = {}): ContractProblem {
  return { field, kind, values };
}

function summaryProblems(summary: Localized): ContractProblem[] {
  const found = localizedProblem(summary, SUMMARY_LENGTH_MAX);
  if (found === null) return [];
  return [problem("summary", found === "too-long" ? "tooLong" : found, { max: SUMMARY_LENGTH_MAX })];
}

interface Read<Value> {
  value: Value | null;
  problems: ContractProblem[];
}

function readJson(field: ContractField, text: string, bytesMax: number): Read<unknown> {
  if (text.trim() === "") return { value: null, problems: [problem(field, "empty")] };
  const place = jsonBreak(text);
  if (place !== null) return { value: null, problems: [problem(field, "syntax", { ...place })] };
  const value: unknown = JSON.parse(text);
  const bytes = new TextEncoder().encode(JSON.stringify(value)).length;
  return bytes > bytesMax ? { value: null, problems: [problem(field, "tooLarge", { bytes, max: bytesMax })] } : { value, problems: [] };
}

function readSchema(field: ContractField, text: string): Read<object> {
  const { value, problems } = readJson(field, text, SCHEMA_BYTES_MAX);
  if (problems.length > 0) return { value: null, problems };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { value: null, problems: [problem(field, "notObject")] };
  try {
    check(value, {});
    return { value, problems: [] };
  } catch (cause) {
    return { value: null, problems: [problem(field, "notSchema", { detail: cause instanceof Error ? cause.message : String(cause) })] };
  }
}

function readExamples(text: string): Read<Example[]> {
  const { value, problems } = readJson("examples", text, EXAMPLES_BYTES_MAX);
  if (problems.length > 0) return { value: null, problems };
  if (!Array.isArray(value) || !value.every(isExample)) return { value: null, problems: [problem("examples", "notExamples")] };
  if (value.length < 1 || value.length > EXAMPLES_MAX) return { value: null, problems: [problem("examples", "exampleCount", { max: EXAMPLES_MAX })] };
  return { value, problems: [] };
}

function isExample(value: unknown): value is Example {
  return typeof value === "object" && value !== null && "input" in value && "output" in value;
}

function exampleProblems(examples: Example[], input: object | null, output: object | null): ContractProblem[] {
  return examples.flatMap((example, index) => [
    ...violations(input, example.input).map((detail) => problem("examples", "exampleInput", { number: index + 1, detail })),
    ...violations(output, example.output).map((detail) => problem("examples", "exampleOutput", { number: index + 1, detail })),
  ]);
}

/** The first thing by which a value breaks a schema. */
function violations(schema: object | null, value: unknown): string[] {
  const first = schema === null ? undefined : check(schema, value).at(-1);
  return first === undefined ? [] : [`${first.instanceLocation}: ${first.error}`];
}

function check(schema: object, value: unknown) {
  return new Validator(schema as Schema, "2020-12", true).validate(value).errors;
}

function readPointers({ count, pointers }: ContractDraft): { value: string[]; problems: ContractProblem[] } {
  if (count === "one") return { value: [], problems: [] };
  const value = pointers.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const most = count === "items" ? 1 : POINTERS_MAX;
  if (value.length < 1 || value.length > most || new Set(value).size < value.length) {
    return { value, problems: [problem("pointers", "pointerCount", { max: most })] };
  }
  const wrong = value.find((pointer) => !/^(\/([^~]|~[01])*)+$/u.test(pointer) || pointer.length > POINTER_LENGTH_MAX);
  return { value, problems: wrong === undefined ? [] : [problem("pointers", "pointer", { pointer: wrong })] };
}

function countingProblems(count: "characters" | "items", pointers: string[], examples: Example[]): ContractProblem[] {
  const failing = examples.findIndex(({ input }) => pointers.some((pointer) => !isCountable(count, resolve(input, pointer))));
  return failing < 0 || pointers.length === 0 ? [] : [problem("pointers", "uncountable", { number: failing + 1 })];
}

/** Characters are counted in a text or a list of texts, and a missing one counts nothing; items are counted in a list. */
function isCountable(count: "characters" | "items", value: unknown): boolean {
  if (count === "items") return Array.isArray(value);
  return value === undefined || typeof value === "string" || (Array.isArray(value) && value.every((each) => typeof each === "string"));
}

/** What a JSON pointer (RFC 6901) leads to; undefined where nothing is. */
function resolve(value: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((at, step) => (typeof at === "object" && at !== null ? (at as Record<string, unknown>)[step] : undefined), value);
}
