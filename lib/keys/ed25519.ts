/**
 * Ed25519 (RFC 8032) with one answer in every runtime (SPEC 5.1).
 *
 * Engines disagree on weak input: all of them accept the identity point as a
 * key. So keys and signatures pass one gate first: canonical encoding, no small
 * order, no torsion. What is left is the case on which WebCrypto and
 * @noble/ed25519 agree.
 *
 * @module
 */

import * as noble from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";

noble.hashes.sha512 = sha512;

/** Bytes of a public key, and of a private key (its seed). */
export const KEY_BYTES = 32;

/** Bytes of a signature: R, then S. */
export const SIGNATURE_BYTES = 64;

/** The group order L, little-endian (RFC 8032, 5.1). */
const ORDER = [
  ...[0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde],
  ...[0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10],
];

/** Whether S is below the group order, so that a signature has no twin (RFC 8032, 5.1.7). */
function isScalarCanonical(scalar: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    if (scalar[i]! !== ORDER[i]!) return scalar[i]! < ORDER[i]!;
  }
  return false;
}

/** The point of a canonical encoding (y below p), or `undefined`. */
function decodePoint(bytes: Uint8Array): noble.Point | undefined {
  try {
    return noble.Point.fromBytes(bytes, false);
  } catch {
    return undefined;
  }
}

/** Why a public key is refused, or `undefined` if it is sound (SPEC 5.1). */
export function weakness(publicKey: Uint8Array): string | undefined {
  const point = decodePoint(publicKey);
  if (!point) return "not the canonical encoding of a point";
  if (point.isSmallOrder()) return "a point of small order";
  if (!point.isTorsionFree()) return "a point outside the prime-order group";
  return undefined;
}

/** Whether R and S of a signature are canonical and R is not of small order. */
function isSignatureSound(signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  if (!isScalarCanonical(signature.subarray(32))) return false;
  const r = decodePoint(signature.subarray(0, 32));
  return r !== undefined && !r.isSmallOrder();
}

/** A public key that WebCrypto can use, or `undefined` where it lacks Ed25519. */
export async function importForWebCrypto(
  publicKey: Uint8Array<ArrayBuffer>,
): Promise<CryptoKey | undefined> {
  try {
    return await globalThis.crypto?.subtle?.importKey("raw", publicKey, "Ed25519", true, [
      "verify",
    ]);
  } catch {
    return undefined;
  }
}

function verifyWithNoble(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  // noble's equation is multiplied by the cofactor, WebCrypto's is not. With A
  // in the prime-order group they differ only where R is outside of it.
  const r = decodePoint(signature.subarray(0, 32));
  return r !== undefined && r.isTorsionFree() &&
    noble.verify(signature, message, publicKey, { zip215: false });
}

/**
 * Whether `signature` is one of `message` by a public key that
 * {@linkcode weakness} accepted (SPEC 5.1).
 *
 * @param signature 64 bytes; any other length is `false`.
 * @param key The key as WebCrypto holds it, or `undefined` to use noble.
 */
export async function verifyEd25519(
  signature: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
  publicKey: Uint8Array,
  key: CryptoKey | undefined,
): Promise<boolean> {
  if (!isSignatureSound(signature)) return false;
  return key
    ? await globalThis.crypto.subtle.verify("Ed25519", key, signature, message)
    : verifyWithNoble(signature, message, publicKey);
}

/** A new 32-byte private key (seed). */
export function randomSeed(): Uint8Array<ArrayBuffer> {
  return globalThis.crypto.getRandomValues(new Uint8Array(KEY_BYTES));
}

/** The 32-byte public key of a 32-byte private key (RFC 8032, 5.1.5). */
export function publicKeyOf(seed: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(noble.getPublicKey(seed));
}

/** A 64-byte signature (RFC 8032, 5.1.6), by noble. */
export function signWithNoble(
  message: Uint8Array,
  seed: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(noble.sign(message, seed));
}
