import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { samplesOf, type Door } from "./samples";

const PAYLOAD = { text: "It's \"quoted\"\n`twice` 你好 $HOME \\", flags: [true, null], nested: { deep: ["a".repeat(90)] } };

function sample(door: Door, id: string): string {
  const samples = samplesOf({ endpoint: "http://127.0.0.1:1/graphql", door, capability: "sentiment-analysis", payload: PAYLOAD });
  return samples.find((each) => each.id === id)?.code ?? "";
}

test.each<Door>(["key", "sandbox"])("the shell hands curl the payload as it is (%s)", (door) => {
  const script = `curl() { for each; do last=$each; done; printf %s "$last"; }\n${sample(door, "curl")}`;
  const body = JSON.parse(execFileSync("bash", ["-c", script], { encoding: "utf8" })) as { variables: { input: Record<string, unknown> } };
  expect(body.variables.input["payload"]).toEqual(PAYLOAD);
  expect(String(body.variables.input["idempotencyKey"]).length).toBeGreaterThan(10);
});

test.each<Door>(["key", "sandbox"])("JavaScript sends the payload as it is (%s)", async (door) => {
  let sent = "";
  const answer = { json: () => Promise.resolve({}) };
  const run = new Function("fetch", "crypto", "console", "process", `return (async () => {${sample(door, "javascript")}})()`) as (
    ...globals: unknown[]
  ) => Promise<void>;
  await run((_: string, init: { body: string }) => ((sent = init.body), Promise.resolve(answer)), crypto, { log: () => undefined }, { env: {} });
  expect((JSON.parse(sent) as { variables: { input: { payload: unknown } } }).variables.input.payload).toEqual(PAYLOAD);
});

test("Rust is what tests/it compiles; run vitest with -u where the sample has changed", async () => {
  await expect(sample("key", "rust")).toMatchFileSnapshot("../../../../tests/it/samples/call.rs");
});

test("a key is asked for only where one is needed", () => {
  for (const id of ["curl", "python", "javascript", "rust"]) {
    expect(sample("key", id), id).toContain("TALLYSTICK_KEY");
    expect(sample("sandbox", id), id).not.toContain("TALLYSTICK_KEY");
  }
});
