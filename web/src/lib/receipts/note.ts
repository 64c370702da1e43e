// C2SP signed notes with Ed25519 signatures, and the checkpoints in them.
import { fromBase64, isSame, joined, sha256, toHex, utf8, wholeNumber, type Bytes } from "./bytes";

const ED25519 = 1;
const LINE = /^\u2014 ([^\s+]+) (\S+)$/u;
const NOTE_LENGTH_MAX = 64 * 1024;
const SIGNATURES_MAX = 16;

/** A public key as verifiers write it: `<name>+<id>+<base64>`. */
export interface VerifierKey {
  name: string;
  id: Bytes;
  bytes: Bytes;
}

interface Signature {
  name: string;
  id: Bytes;
  signature: Bytes;
}

export interface Note {
  /** What is signed, with its last line feed. */
  text: string;
  signatures: Signature[];
}

export interface Checkpoint {
  origin: string;
  size: bigint;
  root: Bytes;
}

/** Reads a key and checks the id in it; null for anything else. */
export async function readKey(text: string): Promise<VerifierKey | null> {
  const [name, id, ...rest] = text.trim().split("+");
  // Base64 may have a plus in it, too.
  const bytes = fromBase64(rest.join("+"));
  if (name === undefined || id === undefined || bytes?.length !== 33 || bytes[0] !== ED25519) return null;
  if (name === "" || /[\s\p{Cc}]/u.test(name)) return null;
  const own = await keyId(name, bytes);
  return toHex(own) === id ? { name, id: own, bytes: bytes.slice(1) } : null;
}

/** The first 4 bytes of `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)`. */
async function keyId(name: string, typed: Bytes): Promise<Bytes> {
  return (await sha256(joined(utf8(name), Uint8Array.of(0x0a), typed))).slice(0, 4);
}

/** Parts a note into text and signatures; null where it is none. */
export function readNote(note: string): Note | null {
  if (note.length > NOTE_LENGTH_MAX || /[\u0000-\u0009\u000b-\u001f]/u.test(note) || !note.endsWith("\n")) return null;
  const end = note.lastIndexOf("\n\n");
  if (end < 0) return null;
  const signatures = note.slice(end + 2, -1).split("\n").map(readSignature);
  if (signatures.length > SIGNATURES_MAX) return null;
  return signatures.every((each) => each !== null) ? { text: note.slice(0, end + 1), signatures } : null;
}

function readSignature(line: string): Signature | null {
  const [, name, stated] = LINE.exec(line) ?? [];
  const bytes = fromBase64(stated ?? "");
  if (name === undefined || bytes === null || bytes.length < 5) return null;
  return { name, id: bytes.slice(0, 4), signature: bytes.slice(4) };
}

/** Reads the text of a note; null where it is no checkpoint. */
export function readCheckpoint(text: string): Checkpoint | null {
  if (!text.endsWith("\n")) return null;
  const [origin, size, root, ...extensions] = text.slice(0, -1).split("\n");
  const count = wholeNumber(size);
  const hash = fromBase64(root ?? "");
  if (origin === undefined || origin === "" || count === null || hash?.length !== 32 || extensions.includes("")) return null;
  return { origin, size: count, root: hash };
}

export type Signed = { by: VerifierKey } | "unknownKey" | "wrongSignature" | "unsupported";

/** Which trusted key has signed a note. A wrong signature in the name of a trusted key spoils it. */
export async function signedBy({ text, signatures }: Note, keys: readonly VerifierKey[]): Promise<Signed> {
  let by: VerifierKey | null = null;
  for (const { name, id, signature } of signatures) {
    const key = keys.find((each) => each.name === name && isSame(each.id, id));
    if (key === undefined) continue;
    const good = await isSignature(key.bytes, signature, utf8(text));
    if (good === null) return "unsupported";
    if (!good) return "wrongSignature";
    by ??= key;
  }
  return by === null ? "unknownKey" : { by };
}

/** Null where the browser has no Ed25519. */
async function isSignature(publicKey: Bytes, signature: Bytes, message: Bytes): Promise<boolean | null> {
  let key;
  try {
    key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    return error instanceof DOMException && error.name === "NotSupportedError" ? null : false;
  }
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
}
