// What a usage record says: a `Record` of schema/usage.proto, read from its bytes.
import type { MeterName } from "../meters";
import type { Bytes } from "./bytes";

export interface UsageLine {
  /** As the API names it; null where this program doesn't know it. */
  meter: MeterName | null;
  free: bigint;
  valueAdded: bigint;
}

export interface UsageRecord {
  /** Whether the seller reported it; a call otherwise. */
  isReport: boolean;
  /** The call, or the report. */
  invocation: string;
  agreement: string;
  sequence: bigint;
  buyer: string;
  seller: string;
  capability: string;
  listing: string;
  principal: string;
  lines: UsageLine[];
  priceVersion: number;
  /** Of a call its admission, of a report when it was used; milliseconds since 1970. */
  admittedAt: number;
}

const METERS: readonly MeterName[] = ["REQUEST", "INPUT_TOKEN", "OUTPUT_TOKEN", "CHARACTER", "IMAGE", "PAGE", "SECOND", "BYTE", "ROW", "LEASE_SECOND", "DEVICE_MONTH", "JOB"];
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const VARINT = 0;
const BYTES = 2;

type Field = { number: number; value: bigint | Bytes };

/** Reads a record; null where the bytes are none. */
export function readRecord(bytes: Bytes): UsageRecord | null {
  const fields = readFields(bytes);
  if (fields === null) return null;
  const whole = (number: number) => fields.find((field) => field.number === number && typeof field.value === "bigint")?.value as bigint | undefined;
  const part = (number: number) => fields.find((field) => field.number === number && typeof field.value !== "bigint")?.value as Bytes | undefined;
  const text = (number: number) => new TextDecoder().decode(part(number) ?? new Uint8Array());
  const lines = fields.filter(({ number }) => number === 9).map(({ value }) => (typeof value === "bigint" ? null : readLine(value)));
  const [invocation, agreement, buyer, seller, listing] = [typed("ivk", part(1)), typed("agr", part(2)), typed("org", part(4)), typed("org", part(5)), typed("lst", part(7))];
  if (invocation === null || agreement === null || buyer === null || seller === null || listing === null) return null;
  if (!lines.every((line) => line !== null)) return null;
  return {
    ...{ invocation, agreement, buyer, seller, listing, lines },
    isReport: whole(16) === 1n,
    sequence: whole(3) ?? 0n,
    capability: text(6),
    principal: text(8),
    priceVersion: Number(whole(10) ?? 0n),
    admittedAt: Number(signed(whole(11) ?? 0n) / 1000n),
  };
}

function readLine(bytes: Bytes): UsageLine | null {
  const fields = readFields(bytes);
  if (fields === null) return null;
  const whole = (number: number) => {
    const value = fields.find((field) => field.number === number)?.value;
    return typeof value === "bigint" ? value : 0n;
  };
  return { meter: METERS[Number(whole(1)) - 1] ?? null, free: whole(2), valueAdded: whole(3) };
}

/** The fields of a protobuf message; null where it is none, or has other kinds of fields than ours. */
function readFields(bytes: Bytes): Field[] | null {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint | null => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) return null;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    return null;
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag === null) return null;
    const [number, kind] = [Number(tag >> 3n), Number(tag & 7n)];
    const value = kind === VARINT || kind === BYTES ? varint() : null;
    if (value === null) return null;
    if (kind === VARINT) {
      fields.push({ number, value });
      continue;
    }
    if (value > BigInt(bytes.length - at)) return null;
    fields.push({ number, value: bytes.slice(at, at + Number(value)) });
    at += Number(value);
  }
  return fields;
}

/** A number that protobuf wrote zigzag. */
function signed(value: bigint): bigint {
  return (value >> 1n) ^ -(value & 1n);
}

/** An id as the API writes it: a prefix, `_`, and 26 digits of Crockford base 32 over the UUID. */
function typed(prefix: string, uuid: Bytes | undefined): string | null {
  if (uuid?.length !== 16) return null;
  const value = uuid.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const digits = Array.from({ length: 26 }, (_, place) => ALPHABET[Number((value >> BigInt(5 * (25 - place))) & 31n)]);
  return `${prefix}_${digits.join("")}`;
}
