/**
 * Hashes and MACs, synchronous in all runtimes.
 *
 * @module
 */

import { hmac } from "@noble/hashes/hmac.js";
import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { toHex } from "../../bytes/encoding.ts";
import { sha256 } from "../../bytes/sha256.ts";
import type { Builtins } from "../builtin.ts";
import { bytesOf, paidString } from "./encoding.ts";

function digest(hash: (data: Uint8Array) => string): Builtins[string] {
  return (args, context) => hash(bytesOf(paidString(args, 0, context)));
}

function mac(hash: Parameters<typeof hmac>[0]): Builtins[string] {
  return (args, context) => {
    const message = bytesOf(paidString(args, 0, context));
    return toHex(hmac(hash, bytesOf(paidString(args, 1, context)), message));
  };
}

/** Takes the same time wherever the two differ. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ (b[i] ?? 0);
  return difference === 0;
}

export const CRYPTO: Builtins = {
  "crypto.md5": digest((data) => toHex(md5(data))),
  "crypto.sha1": digest((data) => toHex(sha1(data))),
  "crypto.sha256": digest(sha256),
  "crypto.hmac.md5": mac(md5),
  "crypto.hmac.sha1": mac(sha1),
  "crypto.hmac.sha256": mac(nobleSha256),
  "crypto.hmac.sha512": mac(sha512),
  "crypto.hmac.equal": (args, context) =>
    sameBytes(bytesOf(paidString(args, 0, context)), bytesOf(paidString(args, 1, context))),
};
