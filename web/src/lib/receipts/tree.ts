// The tree of RFC 6962: hashes of leaves and nodes, and whether a proof leads from a leaf to a root.
import { isSame, joined, sha256, type Bytes } from "./bytes";

/** The hash of a leaf: `SHA-256(0x00 ‖ parts…)`. */
export function leafHash(...parts: Uint8Array[]): Promise<Bytes> {
  return sha256(joined(Uint8Array.of(0), ...parts));
}

/** The hash of an inner node: `SHA-256(0x01 ‖ left ‖ right)`. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return sha256(joined(Uint8Array.of(1), left, right));
}

export interface Inclusion {
  leaf: Bytes;
  /** From 0. */
  index: bigint;
  /** How many leaves the tree has. */
  size: bigint;
  /** From the leaf up. */
  proof: Bytes[];
}

/** Whether the proof leads from the leaf to the root, as RFC 9162, section 2.1.3.2 writes the steps down. */
export async function includes({ leaf, index, size, proof }: Inclusion, root: Bytes): Promise<boolean> {
  if (index < 0n || index >= size) return false;
  let place = index;
  let last = size - 1n;
  let hash = leaf;
  for (const neighbour of proof) {
    if (last === 0n) return false;
    if ((place & 1n) === 1n || place === last) {
      hash = await nodeHash(neighbour, hash);
      while ((place & 1n) === 0n && place !== 0n) {
        place >>= 1n;
        last >>= 1n;
      }
    } else {
      hash = await nodeHash(hash, neighbour);
    }
    place >>= 1n;
    last >>= 1n;
  }
  return last === 0n && isSame(hash, root);
}
