/**
 * Hashes, without keys and with.
 *
 * @module
 */

import { hmac } from "@noble/hashes/hmac.js";
import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { type Builtins, stringAt, textsBuiltin } from "../builtin.ts";
import { toHex } from "../../bytes/encoding.ts";
import { bytesOf } from "./octets.ts";

type Hash = Parameters<typeof hmac>[0];

function digest(hash: Hash): Builtins[string] {
  return (args, context) => {
    const text = stringAt(args, 0);
    context.spend(1 + text.length / 4);
    return toHex(hash(bytesOf(text)));
  };
}

function keyed(hash: Hash): Builtins[string] {
  return (args, context) => {
    const text = stringAt(args, 0);
    const key = stringAt(args, 1);
    context.spend(4 + (text.length + key.length) / 4);
    return toHex(hmac(hash, bytesOf(key), bytesOf(text)));
  };
}

/** Takes as long wherever two texts of one length differ. */
function isSame(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

export const CRYPTO: Builtins = {
  "crypto.hmac.equal/2": textsBuiltin(isSame),
  "crypto.hmac.md5/2": keyed(md5),
  "crypto.hmac.sha1/2": keyed(sha1),
  "crypto.hmac.sha256/2": keyed(sha256),
  "crypto.hmac.sha512/2": keyed(sha512),
  "crypto.md5/1": digest(md5),
  "crypto.sha1/1": digest(sha1),
  "crypto.sha256/1": digest(sha256),
};
