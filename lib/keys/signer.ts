/**
 * Signers: whoever holds a private key (SPEC 5.1). A key service or a hardware
 * module is a signer by implementing two members.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { toBase64url } from "../bytes/encoding.ts";
import { publicKeyOf, randomSeed, signWithNoble } from "./ed25519.ts";
import {
  ed25519Jwk,
  isPrivateJwk,
  jwkBytes,
  type PrivateJwk,
  type PublicKey,
  publicKeyFromBytes,
} from "./public_key.ts";

/** Signs with one Ed25519 key. Implement it for a KMS or an HSM. */
export interface Signer {
  /** The public half; `publicKeyFromJwk` or `publicKeyFromBytes` makes one. */
  readonly publicKey: PublicKey;
  /** The 64-byte Ed25519 signature of `message` (RFC 8032; not Ed25519ph). */
  sign(message: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/** A signer whose private key lies in this process and can be exported. */
export interface LocalSigner extends Signer {
  /** The private key as a JWK. Store it with mode 0600. */
  exportPrivateJwk(): PrivateJwk;
}

/** PKCS #8 wraps the seed behind 16 constant bytes (RFC 8410, section 7). */
const PKCS8_PREFIX = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];

async function webCryptoSigningKey(
  seed: Uint8Array<ArrayBuffer>,
): Promise<CryptoKey | undefined> {
  try {
    const pkcs8 = new Uint8Array([...PKCS8_PREFIX, ...seed]);
    return await globalThis.crypto?.subtle?.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
  } catch {
    return undefined;
  }
}

async function signerFromSeed(seed: Uint8Array<ArrayBuffer>): Promise<LocalSigner> {
  const publicKey = publicKeyFromBytes(publicKeyOf(seed));
  const key = await webCryptoSigningKey(seed);
  return Object.freeze({
    publicKey,
    async sign(message: Uint8Array<ArrayBuffer>) {
      if (!key) return signWithNoble(message, seed);
      return new Uint8Array(await globalThis.crypto.subtle.sign("Ed25519", key, message));
    },
    exportPrivateJwk: () => Object.freeze({ ...publicKey.jwk, d: toBase64url(seed) }),
  });
}

/**
 * A new Ed25519 key (SPEC 5.1).
 *
 * @example
 * ```ts
 * import { generateKey, importPrivateJwk } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const signer = await generateKey();
 * const again = await importPrivateJwk(signer.exportPrivateJwk());
 * assert.equal(again.publicKey.id, signer.publicKey.id);
 * ```
 */
export function generateKey(): Promise<LocalSigner> {
  return signerFromSeed(randomSeed());
}

/**
 * A signer from a private JWK (RFC 8037).
 *
 * @throws {KestError} `KEY_FORMAT` if it is not an Ed25519 JWK, `KEY_PRIVATE` if
 * it lacks the private part or its halves do not belong together.
 */
export async function importPrivateJwk(jwk: unknown): Promise<LocalSigner> {
  const record = ed25519Jwk(jwk);
  if (!isPrivateJwk(jwk)) {
    throw new KestError("KEY_PRIVATE", "JWK has no private part: member d is missing");
  }
  const signer = await signerFromSeed(jwkBytes(record, "d"));
  if (signer.publicKey.jwk.x !== record["x"]) {
    throw new KestError("KEY_PRIVATE", "JWK members x and d do not belong to one key");
  }
  return signer;
}
