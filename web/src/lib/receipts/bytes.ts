// Bytes and how they are written down: base64, hexadecimal, numbers. What isn't canonical is refused.

export type Bytes = Uint8Array<ArrayBuffer>;

/** Reads base64 (RFC 4648, section 4), with its padding; null for anything else. */
export function fromBase64(text: string): Bytes | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/u.test(text) || text.length % 4 !== 0) return null;
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  // Bits that the last letter has too many are zero, or two texts would be the same bytes.
  return toBase64(bytes) === text ? bytes : null;
}

/** Writes base64. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Reads lower-case hexadecimal; null for anything else. */
export function fromHex(text: string): Bytes | null {
  if (!/^([0-9a-f]{2})*$/u.test(text)) return null;
  return Uint8Array.from(text.match(/../gu) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Writes lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of a UUID; null for anything else. */
export function fromUuid(text: string): Bytes | null {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u.test(text) ? fromHex(text.replaceAll("-", "")) : null;
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** A whole number as 8 bytes, big-endian; negative ones in two's complement. */
export function eightBytes(number: bigint): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, number));
  return bytes;
}

export function joined(...parts: Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** A decimal without sign or leading zeros, or with a minus where it may be negative; null for anything else. */
export function wholeNumber(text: unknown, { min, max }: { min: bigint; max: bigint } = { min: 0n, max: (1n << 64n) - 1n }): bigint | null {
  if (typeof text !== "string" || !/^(0|-?[1-9][0-9]*)$/u.test(text) || text.length > 20) return null;
  const number = BigInt(text);
  return min <= number && number <= max ? number : null;
}
