/**
 * Randomness that a decision's seed decides (SPEC 8.3): the same in every engine
 * that evaluates in process.
 *
 * @module
 */

/** `rand.intn`: 0 up to, not including, `size`; `hex` are 64 digits of `R("rand.intn", …)`. */
export function integerFrom(hex: string, size: bigint): bigint {
  return BigInt(`0x${hex}`) % size;
}

/** `uuid.rfc4122`: the UUID of version 4 in 64 digits of `R("uuid.rfc4122", …)`. */
export function uuidFrom(hex: string): string {
  const variant = "89ab"[parseInt(hex[16]!, 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-` +
    `${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
