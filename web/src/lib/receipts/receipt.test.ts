import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { joined, sha256, toBase64, toHex, utf8 } from "./bytes";
import { check, STEPS } from "./receipt";

const schema = (name: string) => readFileSync(new URL(`../../../../schema/${name}`, import.meta.url), "utf8");
const FILE = schema("receipt.v1.json");
const KEY = schema("receipt.v1.key").trim();
const FOREIGN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

type Json = Record<string, Record<string, unknown> & string>;

/** The first step that fails, and why. */
async function failure(file: string, keys: string[] = [KEY]): Promise<string> {
  const { outcomes } = await check(file, keys);
  const failed = outcomes.find(({ state }) => state === "failed");
  return failed?.state === "failed" ? `${failed.step} ${failed.reason}` : "none";
}

function changed(change: (receipt: Json) => void): string {
  const receipt = JSON.parse(FILE) as Json;
  change(receipt);
  return JSON.stringify(receipt);
}

/** The golden receipt as of the log `origin`, signed with a fresh key that is `name`'s; and that key as verifiers write it. */
async function signedAnew(origin: string, name: string): Promise<{ file: string; key: string }> {
  const pair = (await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"])) as CryptoKeyPair;
  const typed = joined(Uint8Array.of(1), new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  const id = (await sha256(joined(utf8(`${name}\n`), typed))).slice(0, 4);
  const { checkpoint } = JSON.parse(FILE) as { checkpoint: string };
  const text = checkpoint.slice(0, checkpoint.indexOf("\n\n") + 1).replace("tallystick/sample\n", `${origin}\n`);
  const signature = new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, pair.privateKey, utf8(text)));
  const note = `${text}\n\u2014 ${name} ${toBase64(joined(id, signature))}\n`;
  return { file: changed((receipt) => Object.assign(receipt, { checkpoint: note })), key: `${name}+${toHex(id)}+${toBase64(typed)}` };
}

const HASH = `${"A".repeat(43)}=`;

test("the golden receipt holds, and says what it is of", async () => {
  const { outcomes, record, checkpoint, key } = await check(FILE, [FOREIGN, KEY]);
  expect(outcomes).toEqual(STEPS.map((step) => ({ step, state: "passed" })));
  expect(record?.invocation).toMatch(/^ivk_[0-9a-z]{26}$/u);
  expect(record?.isReport).toBe(false);
  expect(record?.lines.length).toBeGreaterThan(0);
  expect([checkpoint?.origin, checkpoint?.size, key]).toEqual(["tallystick/sample", 5n, KEY]);
});

describe("what was changed is named", () => {
  test.each<[string, (receipt: Json) => void]>([
    ["record recordNotInBatch", (receipt) => Object.assign(receipt, { salt: HASH })],
    ["record recordNotInBatch", ({ batch }) => Object.assign(batch ?? {}, { index: "0" })],
    ["record recordNotInBatch", ({ batch }) => Object.assign(batch ?? {}, { proof: [HASH] })],
    ["event eventNotInLog", ({ event }) => Object.assign(event ?? {}, { actor: "platform:n2" })],
    ["event eventNotInLog", ({ event }) => Object.assign(event ?? {}, { revision: "3" })],
    ["event eventNotInLog", ({ event }) => Object.assign(event ?? {}, { occurred_at_ns: "1" })],
    ["event eventNotInLog", ({ log }) => Object.assign(log ?? {}, { index: "2" })],
    ["event eventNotInLog", ({ log }) => Object.assign(log ?? {}, { proof: [] })],
    ["file notABatch", ({ event }) => Object.assign(event ?? {}, { kind: "invoice_issued" })],
    ["file notABatch", ({ event }) => Object.assign(event ?? {}, { header: "{}" })],
    ["file unknownFormat", (receipt) => Object.assign(receipt, { format: "tallystick-receipt/2" })],
    ["file checkpointMalformed", (receipt) => Object.assign(receipt, { checkpoint: "tallystick/sample\n5\n" })],
    ["file malformed", (receipt) => Object.assign(receipt, { comment: "not proved" })],
    ["file malformed", (receipt) => Object.assign(receipt, { record: "AAAA" })],
    ["file malformed", (receipt) => Object.assign(receipt, { salt: "AAAA" })],
    ["file malformed", ({ log }) => Object.assign(log ?? {}, { index: 3 })],
    ["file malformed", ({ log }) => Object.assign(log ?? {}, { index: "03" })],
    ["file malformed", ({ log }) => Object.assign(log ?? {}, { proof: Array.from({ length: 65 }, () => HASH) })],
    ["signature signatureWrong", (receipt) => Object.assign(receipt, { checkpoint: String(receipt["checkpoint"]).replace("\n\n", "\nextension\n\n") })],
  ])("%s", async (expected, change) => {
    expect(await failure(changed(change))).toBe(expected);
  });

  test("the checkpoint of another size", async () => {
    const other = changed((receipt) => Object.assign(receipt, { checkpoint: String(receipt["checkpoint"]).replace("\n5\n", "\n6\n") }));
    expect(await failure(other)).toMatch(/^(event|signature) /u);
  });
});

test("keys that are not trusted sign nothing", async () => {
  expect(await failure(FILE, [FOREIGN])).toBe("signature keyUnknown");
  expect(await failure(FILE, [])).toBe("signature keyUnknown");
  expect(await failure(FILE, ["nonsense"])).toBe("signature keyUnknown");
});

test.each([
  ["tallystick/sample", "tallystick/sample", "none"],
  ["tallystick/other", "tallystick/other", "none"],
  ["tallystick/other", "tallystick/sample", "origin originForeign"],
  ["tallystick/sample", "tallystick/other", "origin originForeign"],
])("a checkpoint of %s that the key of %s has signed: %s", async (origin, name, expected) => {
  const { file, key } = await signedAnew(origin, name);
  expect(await failure(file, [key])).toBe(expected);
});

test("a file that is cut off is no receipt", async () => {
  for (let end = 0; end < FILE.trim().length; end += 7) expect(await failure(FILE.slice(0, end))).toBe("file malformed");
});

test("no letter of a checkpoint can be changed", async () => {
  const { checkpoint } = JSON.parse(FILE) as { checkpoint: string };
  for (let at = 0; at < checkpoint.length; at++) {
    const letter = checkpoint[at] === "B" ? "C" : "B";
    const forged = changed((receipt) => Object.assign(receipt, { checkpoint: checkpoint.slice(0, at) + letter + checkpoint.slice(at + 1) }));
    expect(await failure(forged), `at ${at}`).not.toBe("none");
  }
});
