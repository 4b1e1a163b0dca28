/**
 * Reads one seal of untrusted JSON into its frozen form (SPEC 5.2).
 *
 * @module
 */

import { fromBase64url } from "../bytes/encoding.ts";
import { isKeyId, isStrictlyAscending, readExtensions } from "./read_entry.ts";
import type { Reader } from "./reader.ts";
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
  return text.length >= 1 && text.length <= 256;
}

function readHead(r: Reader, value: unknown): SealHead | undefined {
  const head = r.object(value, HEAD);
  return head && Object.freeze({
    entries: r.at("entries", () => r.count(head["entries"])),
    entry_hash: r.at("entry_hash", () => r.hash(head["entry_hash"])),
  });
}

function readHeads(r: Reader, value: unknown): readonly SealHead[] {
  const heads = r.array(value, r.limits.sealHeads, (item) => readHead(r, item));
  if (heads.length === 0) r.issue("DAG_SHAPE", "A seal needs at least one head");
  if (!isStrictlyAscending(heads.map((head) => head.entry_hash))) {
    r.issue("DAG_SHAPE", "Heads must be sorted by hash and unique");
  }
  return heads;
}

function readBase(r: Reader, value: unknown): readonly string[] {
  const base = r.array(value, r.limits.entries, (item) => r.hash(item));
  if (!isStrictlyAscending(base)) r.issue("DAG_SHAPE", "Base must be sorted and unique");
  return base;
}

/** Reads one seal. `undefined` if members are missing. */
export function readSeal(r: Reader, value: unknown): Seal | undefined {
  const s = r.object(value, SEAL, OPTIONAL);
  if (s === undefined) return undefined;
  const at = <T>(name: string, read: (value: unknown) => T) => r.at(name, () => read(s[name]));
  const maybe = <T>(name: string, read: (value: unknown) => T) =>
    Object.hasOwn(s, name) ? { [name]: at(name, read) } : {};
  if (s["algorithm"] !== "Ed25519") r.issue("ALG", "Only Ed25519 is known", "algorithm");
  if (s["version"] !== SEAL_VERSION) r.issue("VERSION", `Only ${SEAL_VERSION} is known`, "version");
  if (Object.hasOwn(s, "anchors")) {
    r.issue("FIELD", "Reserved for a later version", "anchors");
  }
  const short = (v: unknown) => r.string(v, "a string of 1 to 256 characters", isShort);
  const key = (v: unknown) => r.string(v, "32 bytes in base64url", isKeyId);
  return Object.freeze({
    algorithm: "Ed25519",
    ...maybe("audience", short),
    base: at("base", (v) => readBase(r, v)),
    ...maybe("expires_at_ms", (v) => r.count(v)),
    ...readExtensions(r, s),
    heads: at("heads", (v) => readHeads(r, v)),
    ...maybe("nonce", short),
    public_key: at("public_key", key),
    public_key_id: at("public_key_id", key),
    sealed_at_ms: at("sealed_at_ms", (v) => r.count(v)),
    signature: at(
      "signature",
      (v) => r.string(v, "64 bytes in base64url", isSignature, "SIG_ENCODING"),
    ),
    version: SEAL_VERSION,
  });
}
