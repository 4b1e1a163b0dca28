/**
 * H_bind: the hashes that tie an entry to its inputs and its parents (SPEC 3.3,
 * 3.4).
 *
 * @module
 */

import { canonicalize } from "../bytes/canonical.ts";
import { utf8, writeHex } from "../bytes/encoding.ts";
import { sha256 } from "../bytes/sha256.ts";
import type { EntryBody, Input } from "./entry.ts";

const INGRESS_DOMAIN = utf8("kest/v1/ingress\0");
const ENTRY_DOMAIN = utf8("kest/v1/entry\0");
const INPUT_DOMAIN = "kest/v1/input\0";
const HASH_BYTES = 32;

// Two encoders of one buffer each: a fresh array per hash costs more than the hash.
const encoder = new TextEncoder();
let scratch = new Uint8Array(16 * 1024);

function room(bytes: number): Uint8Array {
  if (scratch.length < bytes) scratch = new Uint8Array(bytes * 2);
  return scratch;
}

/** `SHA-256("kest/v1/input\0" ‖ RFC 8785 form of the descriptors)` (SPEC 3.3). */
export function inputStateHash(inputs: readonly Input[]): string {
  return sha256(INPUT_DOMAIN + JSON.stringify(inputs));
}

/**
 * H_ingress: `SHA-256("kest/v1/ingress\0" ‖ raw parent hashes)` (SPEC 3.4).
 *
 * @param parentHashes Ascending and unique, 64 hex digits each.
 */
export function ingressHash(parentHashes: readonly string[]): string {
  const length = INGRESS_DOMAIN.length + parentHashes.length * HASH_BYTES;
  const buffer = room(length);
  buffer.set(INGRESS_DOMAIN);
  let offset = INGRESS_DOMAIN.length;
  for (const hash of parentHashes) {
    writeHex(hash, buffer, offset);
    offset += HASH_BYTES;
  }
  return sha256(buffer.subarray(0, length));
}

/**
 * The RFC 8785 text of an entry without its hash.
 *
 * Entries are laid out with their members in RFC 8785 order, the hash behind
 * them, and no name that looks like an array index. So the runtime's own writer
 * already produces canonical text; only `extensions` hold arbitrary JSON.
 */
export function canonicalEntry(entry: EntryBody & { readonly entry_hash?: string }): string {
  if (entry.extensions === undefined && entry.entry_hash !== undefined) {
    const text = JSON.stringify(entry);
    const end = `,"entry_hash":"${entry.entry_hash}"}`;
    if (text.endsWith(end)) return text.slice(0, -end.length) + "}";
  }
  const { entry_hash: _, ...body } = entry;
  return canonicalize(body);
}

/** H_entry: `SHA-256("kest/v1/entry\0" ‖ H_ingress ‖ RFC 8785 form)` (SPEC 3.4). */
export function entryHash(entry: EntryBody & { readonly entry_hash?: string }): string {
  const ingress = ingressHash(entry.parent_hashes);
  const text = canonicalEntry(entry);
  const prefix = ENTRY_DOMAIN.length + HASH_BYTES;
  const buffer = room(prefix + text.length * 3);
  buffer.set(ENTRY_DOMAIN);
  writeHex(ingress, buffer, ENTRY_DOMAIN.length);
  const { written } = encoder.encodeInto(text, buffer.subarray(prefix));
  return sha256(buffer.subarray(0, prefix + written));
}
