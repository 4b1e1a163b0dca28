/**
 * Checks one seal of untrusted JSON (SPEC 5.2).
 *
 * @module
 */

import { isWellFormed } from "../bytes/canonical.ts";
import { fromBase64url, isHash } from "../bytes/encoding.ts";
import { isKeyId } from "./names.ts";
import { freezeDeep } from "./node.ts";
import { checkExtensions, isStrictlyAscending } from "./read_entry.ts";
import type { JsonObject, Reader } from "./reader.ts";
import { type Seal, SEAL_VERSION, type SealHead } from "./seal.ts";

const SEAL = new Set([
  ...["algorithm", "base", "heads", "public_key", "public_key_id", "sealed_at_ms"],
  ...["signature", "version"],
]);
const OPTIONAL = new Set([
  ...["anchors", "audience", "critical", "expires_at_ms", "extensions", "nonce"],
]);
const HEAD = new Set(["entries", "entry_hash"]);

/** Whether text is 64 bytes in canonical base64url: each signature has one form. */
function isSignature(text: string): boolean {
  return text.length === 86 && fromBase64url(text) !== undefined;
}

function isShort(text: string): boolean {
  return text.length >= 1 && text.length <= 256 && isWellFormed(text);
}

function checkHead(r: Reader, value: unknown, index: number): void {
  const head = r.object(value, index, HEAD);
  if (head === undefined) return;
  r.at(index, () => {
    r.count(head["entries"], "entries");
    r.hash(head["entry_hash"], "entry_hash");
  });
}

function checkHeads(r: Reader, value: unknown): void {
  const before = r.issues.length;
  const heads = r.array<SealHead>(value, "heads", r.limits.sealHeads, checkHead);
  if (r.issues.length > before) return;
  if (heads.length === 0) r.issue("DAG_SHAPE", "A seal needs at least one head", "heads");
  if (!isStrictlyAscending(heads.map((head) => head.entry_hash))) {
    r.issue("DAG_SHAPE", "Must be sorted by hash and unique", "heads");
  }
}

function checkBase(r: Reader, value: unknown): void {
  const base = r.array<string>(value, "base", r.limits.entries, (reader, item, index) => {
    reader.hash(item, index);
  });
  if (base.every(isHash) && !isStrictlyAscending(base)) {
    r.issue("DAG_SHAPE", "Must be sorted and unique", "base");
  }
}

function checkMembers(r: Reader, s: JsonObject): void {
  if (s["algorithm"] !== "Ed25519") r.issue("ALG", "Only Ed25519 is known", "algorithm");
  if (s["version"] !== SEAL_VERSION) r.issue("VERSION", `Only ${SEAL_VERSION} is known`, "version");
  if (Object.hasOwn(s, "anchors")) r.issue("FIELD", "Reserved for a later version", "anchors");
  for (const name of ["audience", "nonce"]) {
    if (Object.hasOwn(s, name)) r.match(s[name], name, "a string of 1 to 256 characters", isShort);
  }
  for (const name of ["public_key", "public_key_id"]) {
    r.match(s[name], name, "32 bytes in base64url", isKeyId);
  }
  if (Object.hasOwn(s, "expires_at_ms")) r.count(s["expires_at_ms"], "expires_at_ms");
  r.count(s["sealed_at_ms"], "sealed_at_ms");
  r.match(s["signature"], "signature", "64 bytes in base64url", isSignature, "SIG_ENCODING");
  checkHeads(r, s["heads"]);
  checkBase(r, s["base"]);
  checkExtensions(r, s);
}

/** Checks one seal. `undefined` if it cannot be used; the reader knows why. */
export function readSeal(r: Reader, value: unknown, index: number): Seal | undefined {
  const s = r.object(value, index, SEAL, OPTIONAL);
  if (s === undefined) return undefined;
  const before = r.issues.length;
  r.at(index, () => checkMembers(r, s));
  return r.issues.length === before ? freezeDeep(s) as unknown as Seal : undefined;
}
