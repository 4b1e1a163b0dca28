/**
 * Random text.
 *
 * @module
 */

import { toHex } from "./encoding.ts";

const BYTES = 16;

// Asking the system costs as much as a hash, whatever the length: it is asked
// for 256 at a time.
const pool = new Uint8Array(BYTES * 256);
let next = pool.length;

/** 32 random hex digits. */
export function randomSeed(): string {
  if (next === pool.length) {
    globalThis.crypto.getRandomValues(pool);
    next = 0;
  }
  return toHex(pool.subarray(next, next += BYTES));
}
