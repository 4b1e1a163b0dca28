/**
 * SHA-256, by the fastest means the runtime has.
 *
 * Measured (`deno task bench`): `node:crypto.hash` takes 1 to 4 µs on small
 * inputs, @noble/hashes 6 to 13 µs, WebCrypto 30 to 150 µs a call. So small
 * inputs are hashed synchronously; only large ones are worth a WebCrypto call:
 * from {@linkcode LARGE_WITHOUT_NODE} bytes where it is ten times faster than
 * noble, and from {@linkcode LARGE_WITH_NODE} bytes where it merely keeps the
 * event loop free.
 *
 * @module
 */

import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { builtinModule } from "../base/runtime.ts";
import { toHex, utf8 } from "./encoding.ts";

const nodeCrypto = builtinModule("node:crypto");

/** From this many bytes on, WebCrypto is used although `node:crypto` exists. */
export const LARGE_WITH_NODE = 1 << 20;

/** From this many bytes on, WebCrypto beats noble in runtimes without `node:crypto`. */
export const LARGE_WITHOUT_NODE = 10 * 1024;

const LARGE = nodeCrypto ? LARGE_WITH_NODE : LARGE_WITHOUT_NODE;

function nobleHash(data: string | Uint8Array): string {
  return toHex(nobleSha256(typeof data === "string" ? utf8(data) : data));
}

/**
 * The fastest one-shot hash. Node's `crypto.hash` halves the cost of a `Hash`
 * object; Deno builds it from one, and copying an empty `Hash` is cheaper there.
 */
function pickHash(): (data: string | Uint8Array) => string {
  if (!nodeCrypto) return nobleHash;
  const oneShot = nodeCrypto.hash;
  if (oneShot && !("Deno" in globalThis)) return (data) => oneShot("sha256", data, "hex");
  const empty = nodeCrypto.createHash("sha256");
  return (data) => empty.copy().update(data).digest("hex");
}

/**
 * SHA-256 of bytes or of a string's UTF-8 form, as 64 lowercase hex digits,
 * synchronously. Strings must be well formed.
 */
export const sha256: (data: string | Uint8Array) => string = pickHash();

/** SHA-256 of bytes; a promise where the input is large enough for WebCrypto. */
export function sha256Large(data: Uint8Array): string | Promise<string> {
  const subtle = globalThis.crypto?.subtle;
  if (data.length < LARGE || !subtle) return sha256(data);
  return subtle.digest("SHA-256", data as Uint8Array<ArrayBuffer>)
    .then((digest) => toHex(new Uint8Array(digest)));
}

/** SHA-256 of bytes that arrive in pieces. */
export interface IncrementalHash {
  /** Takes the next bytes. */
  update(data: Uint8Array): void;
  /** 64 lowercase hex digits; the hash cannot be used afterwards. */
  digest(): string;
}

/** A new incremental SHA-256. */
export function sha256Incremental(): IncrementalHash {
  if (nodeCrypto) {
    const hash = nodeCrypto.createHash("sha256");
    return { update: (data) => void hash.update(data), digest: () => hash.digest("hex") };
  }
  const hash = nobleSha256.create();
  return { update: (data) => void hash.update(data), digest: () => toHex(hash.digest()) };
}
