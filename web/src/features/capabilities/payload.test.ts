import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { payloadFields, toPayload, toTexts } from "./payload";
import { contractFields, type Schema } from "./schema";

const FOLDER = "../schema/capabilities";
const contracts = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(`${FOLDER}/${name}`, "utf8")) as Contract);

interface Contract {
  slug: string;
  input_schema: Schema;
  output_schema: Schema;
  examples: { input: unknown; output: unknown }[];
}

test.each(contracts)("$slug: every example survives the form", ({ input_schema, examples }) => {
  const fields = payloadFields(input_schema);
  for (const { input } of examples) {
    expect(toPayload(fields, toTexts(fields, input))).toEqual({ payload: input, problems: {} });
  }
});

test.each(contracts)("$slug: every top-level field is a line of the contract", ({ input_schema, output_schema }) => {
  for (const schema of [input_schema, output_schema]) {
    const top = contractFields(schema).filter(({ depth }) => depth === 0);
    expect(top.map(({ path }) => path).sort()).toEqual(Object.keys(schema.properties ?? {}).sort());
  }
});

test("what is typed and is no value is told, and an empty optional field is left out", () => {
  const schema: Schema = {
    type: "object",
    required: ["text", "limit"],
    properties: {
      text: { type: "string" },
      limit: { type: "integer" },
      values: { type: "array", items: { type: "number" } },
      mode: { enum: ["a", "b"] },
    },
  };
  const fields = payloadFields(schema);
  expect(toPayload(fields, { text: "", limit: "1.5", values: "1, x", mode: "" })).toEqual({
    payload: {},
    problems: { text: "missing", limit: "integer", values: "numbers" },
  });
  expect(toPayload(fields, { text: "好", limit: "2", values: "1，2.5 3", mode: '"b"' }).payload).toEqual({
    text: "好",
    limit: 2,
    values: [1, 2.5, 3],
    mode: "b",
  });
});
