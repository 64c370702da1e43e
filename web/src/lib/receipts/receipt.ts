// A receipt's file, and the way from its record to the signature of a trusted key: the same steps, in the same order, as
// `tallystick receipt verify`. Nothing here asks the platform anything.
import { eightBytes, fromBase64, fromHex, fromUuid, joined, utf8, wholeNumber, type Bytes } from "./bytes";
import { readCheckpoint, readKey, readNote, signedBy, type Checkpoint, type Note } from "./note";
import { readRecord, type UsageRecord } from "./record";
import { includes, leafHash } from "./tree";

export const FORMAT = "tallystick-receipt/1";
export const FILE_BYTES_MAX = 512 * 1024;
export const STEPS = ["file", "record", "event", "signature", "origin"] as const;
export type StepName = (typeof STEPS)[number];

/** Why a step failed. */
export type Reason =
  | "malformed"
  | "tooLarge"
  | "unknownFormat"
  | "notABatch"
  | "checkpointMalformed"
  | "recordNotInBatch"
  | "eventNotInLog"
  | "keyUnknown"
  | "signatureWrong"
  | "noEd25519"
  | "noCryptography"
  | "originForeign";

export type Outcome = { step: StepName; state: "passed" | "notReached" } | { step: StepName; state: "failed"; reason: Reason };

export interface Checked {
  outcomes: Outcome[];
  /** What the file says; to be believed only where every step passed. */
  record: UsageRecord | null;
  checkpoint: Checkpoint | null;
  /** The key that signed, as verifiers write it. */
  key: string | null;
}

interface Place {
  index: bigint;
  proof: Bytes[];
}

interface Receipt {
  record: Bytes;
  salt: Bytes;
  batch: Place;
  event: Record<string, unknown>;
  log: Place;
  note: Note;
  checkpoint: Checkpoint;
  records: bigint;
  root: Bytes;
  bodySha256: Bytes;
  usage: UsageRecord;
}

class Failed extends Error {
  constructor(
    readonly step: StepName,
    readonly reason: Reason,
  ) {
    super(reason);
  }
}

/** Checks a receipt against the keys that are trusted, as verifiers write them. */
export async function check(file: string, trusted: readonly string[]): Promise<Checked> {
  const checked: Checked = { outcomes: [], record: null, checkpoint: null, key: null };
  try {
    const receipt = read(file);
    if ((crypto as Partial<Crypto>).subtle === undefined) throw new Failed("record", "noCryptography");
    checked.record = receipt.usage;
    checked.checkpoint = receipt.checkpoint;
    await checkRecord(receipt);
    await checkEvent(receipt);
    checked.key = await checkSignature(receipt, trusted);
    return { ...checked, outcomes: outcomes(null) };
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    return { ...checked, outcomes: outcomes(error) };
  }
}

function outcomes(failed: Failed | null): Outcome[] {
  const at = failed === null ? STEPS.length : STEPS.indexOf(failed.step);
  return STEPS.map((step, index) => {
    if (index < at) return { step, state: "passed" };
    return failed !== null && index === at ? { step, state: "failed", reason: failed.reason } : { step, state: "notReached" };
  });
}

async function checkRecord({ record, salt, batch, records, root }: Receipt) {
  const leaf = await leafHash(salt, record);
  if (!(await includes({ leaf, ...batch, size: records }, root))) throw new Failed("record", "recordNotInBatch");
}

async function checkEvent({ event, bodySha256, log, checkpoint: { size, root } }: Receipt) {
  const leaf = await eventLeaf(event, bodySha256);
  if (!(await includes({ leaf, ...log, size }, root))) throw new Failed("event", "eventNotInLog");
}

async function checkSignature({ note, checkpoint }: Receipt, trusted: readonly string[]): Promise<string> {
  const read = await Promise.all(trusted.map(async (text) => ({ text: text.trim(), key: await readKey(text) })));
  const keys = read.flatMap(({ key }) => (key === null ? [] : [key]));
  const signed = await signedBy(note, keys);
  if (signed === "unknownKey") throw new Failed("signature", "keyUnknown");
  if (signed === "wrongSignature") throw new Failed("signature", "signatureWrong");
  if (signed === "unsupported") throw new Failed("signature", "noEd25519");
  if (signed.by.name !== checkpoint.origin) throw new Failed("origin", "originForeign");
  return read.find(({ key }) => key === signed.by)?.text ?? "";
}

/** The leaf covers all that was appended: numbers as 8 bytes, texts and JSON behind their length. */
function eventLeaf(event: Record<string, unknown>, bodySha256: Bytes): Promise<Bytes> {
  const text = (value: unknown) => {
    const bytes = utf8(String(value));
    return joined(eightBytes(BigInt(bytes.length)), bytes);
  };
  const uuid = (value: unknown) => fromUuid(String(value)) ?? new Uint8Array();
  return leafHash(
    text("tallystick event v1"),
    text(event["stream"]),
    eightBytes(BigInt(String(event["revision"]))),
    uuid(event["id"]),
    text(event["kind"]),
    eightBytes(BigInt(Number(event["version"]))),
    eightBytes(BigInt(String(event["occurred_at_ns"]))),
    uuid(event["correlation"]),
    uuid(event["cause"]),
    text(event["actor"]),
    text(event["header"]),
    bodySha256,
  );
}

function read(file: string): Receipt {
  if (file.length > FILE_BYTES_MAX) throw new Failed("file", "tooLarge");
  const whole = object(parsed(file));
  if (typeof whole["format"] !== "string") throw malformed();
  if (whole["format"] !== FORMAT) throw new Failed("file", "unknownFormat");
  only(whole, ["format", "record", "salt", "batch", "event", "log", "checkpoint"]);
  const [record, salt] = [bytes(whole["record"]), hash(whole["salt"])];
  const [batch, log, event] = [place(whole["batch"]), place(whole["log"]), readEvent(whole["event"])];
  const note = readNote(string(whole["checkpoint"]));
  const checkpoint = note === null ? null : readCheckpoint(note.text);
  if (note === null || checkpoint === null) throw new Failed("file", "checkpointMalformed");
  const usage = readRecord(record);
  if (usage === null) throw malformed();
  return { record, salt, batch, log, event, note, checkpoint, usage, ...readHeader(event) };
}

function readEvent(value: unknown): Record<string, unknown> {
  const event = object(value);
  only(event, ["stream", "revision", "id", "kind", "version", "occurred_at_ns", "correlation", "cause", "actor", "header"]);
  for (const name of ["stream", "kind", "actor", "header"]) string(event[name]);
  for (const name of ["id", "correlation", "cause"]) if (fromUuid(string(event[name])) === null) throw malformed();
  if (wholeNumber(event["revision"]) === null) throw malformed();
  if (wholeNumber(event["occurred_at_ns"], { min: -(1n << 63n), max: (1n << 63n) - 1n }) === null) throw malformed();
  if (!Number.isInteger(event["version"])) throw malformed();
  return event;
}

function readHeader(event: Record<string, unknown>): Pick<Receipt, "records" | "root" | "bodySha256"> {
  const notABatch = () => new Failed("file", "notABatch");
  if (event["kind"] !== "usage_recorded" || event["version"] !== 1) throw notABatch();
  let header: Record<string, unknown>;
  try {
    header = object(JSON.parse(string(event["header"])));
  } catch {
    throw notABatch();
  }
  const { records, root, body_sha256: body } = header;
  const [rootBytes, bodySha256] = [root, body].map((each) => (typeof each === "string" ? fromHex(each) : null));
  if (!Number.isSafeInteger(records) || rootBytes?.length !== 32 || bodySha256?.length !== 32) throw notABatch();
  return { records: BigInt(records as number), root: rootBytes, bodySha256 };
}

function place(value: unknown): Place {
  const found = object(value);
  only(found, ["index", "proof"]);
  const { index, proof } = found;
  const number = wholeNumber(index);
  if (number === null || !Array.isArray(proof) || proof.length > 64) throw malformed();
  return { index: number, proof: proof.map(hash) };
}

function malformed() {
  return new Failed("file", "malformed");
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(file);
  } catch {
    throw malformed();
  }
}

function object(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed();
  return value as Record<string, unknown>;
}

/** What a receipt says beside these isn't proved. */
function only(value: Record<string, unknown>, names: readonly string[]) {
  if (!Object.keys(value).every((name) => names.includes(name))) throw malformed();
}

function string(value: unknown): string {
  if (typeof value !== "string") throw malformed();
  return value;
}

function bytes(value: unknown): Bytes {
  const read = fromBase64(string(value));
  if (read === null) throw malformed();
  return read;
}

function hash(value: unknown): Bytes {
  const read = bytes(value);
  if (read.length !== 32) throw malformed();
  return read;
}
