// The example of Go's golang.org/x/mod/sumdb/note.
import { expect, test } from "vitest";
import { readCheckpoint, readKey, readNote, signedBy } from "./note";

const KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const NOTE = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;

test("the reference note is signed by its key, and a changed one is not", async () => {
  const key = await readKey(KEY);
  const note = readNote(NOTE);
  if (key === null || note === null) throw new Error("not read");
  expect(await signedBy(note, [key])).toEqual({ by: key });
  expect(await signedBy(note, [])).toBe("unknownKey");
  expect(await signedBy({ ...note, text: note.text.replace("answer", "Answer") }, [key])).toBe("wrongSignature");
});

test("a key whose base64 has a plus reads, and a changed one does not", async () => {
  const sum = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
  expect((await readKey(sum))?.name).toBe("sum.golang.org");
  for (const text of ["", "name", sum.replace("033d", "033e"), sum.replace("sum.", "sun."), "a b+00000000+AA=="]) expect(await readKey(text)).toBeNull();
});

test.each(["", "text\n", "text\n\n", "text\n\nsigned\n", "te\txt\n\n\u2014 name AAAAAAAA\n", "text\n\n\u2014 name AAAAAAAA"])("%j is no note", (text) => {
  expect(readNote(text)).toBeNull();
});

test("a checkpoint is an origin, a size and a root", () => {
  const root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
  expect(readCheckpoint(`example.com/behind-the-sofa\n20852163\n${root}\n`)).toMatchObject({ origin: "example.com/behind-the-sofa", size: 20_852_163n });
  for (const text of [`a\n01\n${root}\n`, `a\n-1\n${root}\n`, `\n1\n${root}\n`, `a\n1\n${root}`, "a\n1\nAAAA\n", `a\n1\n${root}\n\n`]) {
    expect(readCheckpoint(text)).toBeNull();
  }
});
