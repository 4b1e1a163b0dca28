/**
 * Public keys: JWK in, thumbprint ids, one gate for weak ones (SPEC 5.1).
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { fromBase64url, printable, toBase64url, writeHex } from "../bytes/encoding.ts";
import { sha256 } from "../bytes/sha256.ts";
import { importForWebCrypto, KEY_BYTES, verifyEd25519, weakness } from "./ed25519.ts";

/** An Ed25519 public key as a JWK (RFC 8037): what a trust policy holds. */
export interface PublicJwk {
  /** Always `OKP`. */
  readonly kty: "OKP";
  /** Always `Ed25519`. */
  readonly crv: "Ed25519";
  /** 32 bytes in unpadded base64url: 43 characters. */
  readonly x: string;
}

/** An Ed25519 private key as a JWK (RFC 8037). Keep it secret. */
export interface PrivateJwk extends PublicJwk {
  /** The 32-byte seed in unpadded base64url: 43 characters. */
  readonly d: string;
}

/** A public key that passed the gate. */
export interface PublicKey {
  /** RFC 7638 thumbprint (SHA-256, base64url, 43 characters): `public_key_id`. */
  readonly id: string;
  /** 32 bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The key as a JWK. */
  readonly jwk: PublicJwk;
  /** Whether `signature` (64 bytes) is this key's over `message`. */
  verify(signature: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>): Promise<boolean>;
}

/** The RFC 7638 thumbprint of a public key, from its `x`. */
function thumbprint(x: string): string {
  const digest = new Uint8Array(32);
  writeHex(sha256(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`), digest, 0);
  return toBase64url(digest);
}

/**
 * A public key from its 32 raw bytes.
 *
 * @throws {KestError} `KEY_FORMAT` if it is not 32 bytes; `KEY_WEAK` if it is
 * not canonical, of small order, or outside the prime-order group.
 */
export function publicKeyFromBytes(bytes: Uint8Array): PublicKey {
  if (bytes.length !== KEY_BYTES) {
    throw new KestError("KEY_FORMAT", `Public key must be 32 bytes: got ${bytes.length}`);
  }
  // One copy is handed out, the other is what verifies.
  const own = new Uint8Array(bytes);
  const weak = weakness(own);
  if (weak) throw new KestError("KEY_WEAK", `Public key refused: it is ${weak}`);
  const x = toBase64url(own);
  let webCryptoKey: Promise<CryptoKey | undefined> | undefined;
  return Object.freeze({
    id: thumbprint(x),
    bytes: new Uint8Array(bytes),
    jwk: Object.freeze({ kty: "OKP", crv: "Ed25519", x }),
    async verify(signature: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>) {
      webCryptoKey ??= importForWebCrypto(own);
      return await verifyEd25519(signature, message, own, await webCryptoKey);
    },
  });
}

/** A string member of a JWK-like object, or a coded error. */
function jwkMember(jwk: Record<string, unknown>, name: string, expected?: string): string {
  const value = Object.hasOwn(jwk, name) ? jwk[name] : undefined;
  if (typeof value !== "string" || (expected !== undefined && value !== expected)) {
    const found = name === "d" ? "another value" : printable(String(value)).slice(0, 80);
    throw new KestError(
      "KEY_FORMAT",
      `JWK member ${name} must be ${
        expected ? JSON.stringify(expected) : "a string"
      }: got ${found}`,
      { path: `/${name}` },
    );
  }
  return value;
}

/** 32 bytes of a JWK member, strictly decoded. */
export function jwkBytes(jwk: Record<string, unknown>, name: "x" | "d"): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64url(jwkMember(jwk, name));
  if (bytes?.length !== KEY_BYTES) {
    throw new KestError("KEY_FORMAT", `JWK member ${name} must be 32 bytes in base64url`, {
      path: `/${name}`,
    });
  }
  return bytes;
}

/** Whether a JWK holds a private key. */
export function isPrivateJwk(jwk: unknown): boolean {
  return typeof jwk === "object" && jwk !== null && Object.hasOwn(jwk, "d");
}

/** Checks the type of a JWK and returns it as a record. */
export function ed25519Jwk(jwk: unknown): Record<string, unknown> {
  if (typeof jwk !== "object" || jwk === null || Array.isArray(jwk)) {
    throw new KestError("KEY_FORMAT", "A key must be a JWK: an object with kty, crv and x");
  }
  const record = jwk as Record<string, unknown>;
  jwkMember(record, "kty", "OKP");
  jwkMember(record, "crv", "Ed25519");
  return record;
}

/**
 * A public key from a JWK (RFC 8037). A private part is ignored.
 *
 * @throws {KestError} `KEY_FORMAT` if it is not an Ed25519 JWK; `KEY_WEAK` if the
 * key is weak.
 *
 * @example
 * ```ts
 * import { generateKey, publicKeyFromJwk } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const signer = await generateKey();
 * assert.equal(publicKeyFromJwk(signer.publicKey.jwk).id, signer.publicKey.id);
 * ```
 */
export function publicKeyFromJwk(jwk: unknown): PublicKey {
  return publicKeyFromBytes(jwkBytes(ed25519Jwk(jwk), "x"));
}
