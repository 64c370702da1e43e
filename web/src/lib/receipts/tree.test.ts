// The eight leaves, a root and proofs of the reference tests of Certificate Transparency.
import { expect, test } from "vitest";
import { fromHex, type Bytes } from "./bytes";
import { includes, leafHash } from "./tree";

const bytes = (text: string): Bytes => fromHex(text) ?? new Uint8Array();
const ROOT = bytes("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
const CASES: [string, bigint, string[]][] = [
  [
    "",
    0n,
    [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  ],
  [
    "40414243",
    5n,
    [
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  ],
];

test.each(CASES)("leaf %s is included where it is and nowhere else", async (input, index, texts) => {
  const leaf = await leafHash(bytes(input));
  const proof = texts.map(bytes);
  expect(await includes({ leaf, index, size: 8n, proof }, ROOT)).toBe(true);
  expect(await includes({ leaf, index: index ^ 1n, size: 8n, proof }, ROOT)).toBe(false);
  expect(await includes({ leaf, index, size: 4n, proof }, ROOT)).toBe(false);
  expect(await includes({ leaf, index, size: 8n, proof: proof.slice(1) }, ROOT)).toBe(false);
  expect(await includes({ leaf, index, size: 8n, proof: [...proof, ROOT] }, ROOT)).toBe(false);
  expect(await includes({ leaf, index: 8n, size: 8n, proof }, ROOT)).toBe(false);
});

test("the only leaf of a tree is its root", async () => {
  const leaf = await leafHash(bytes(""));
  expect(await includes({ leaf, index: 0n, size: 1n, proof: [] }, leaf)).toBe(true);
  expect(await includes({ leaf, index: 0n, size: 0n, proof: [] }, leaf)).toBe(false);
});
