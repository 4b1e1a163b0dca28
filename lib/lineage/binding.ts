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

const PREFIX_BYTES = ENTRY_DOMAIN.length + HASH_BYTES;
const CLOSING_BRACE = 0x7d;

// Buffers are kept: a fresh array per hash costs more than the hash. The entry
// buffer starts with its domain, which is never overwritten.
const encoder = new TextEncoder();
let ingressBuffer = new Uint8Array(INGRESS_DOMAIN.length + HASH_BYTES);
ingressBuffer.set(INGRESS_DOMAIN);
let entryBuffer = new Uint8Array(0);
let entryText = entryBuffer;

function entryRoom(bytes: number): void {
  if (entryText.length >= bytes) return;
  entryBuffer = new Uint8Array(PREFIX_BYTES + bytes * 2);
  entryBuffer.set(ENTRY_DOMAIN);
  entryText = entryBuffer.subarray(PREFIX_BYTES);
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
  if (ingressBuffer.length < length) {
    ingressBuffer = new Uint8Array(length * 2);
    ingressBuffer.set(INGRESS_DOMAIN);
  }
  let offset = INGRESS_DOMAIN.length;
  for (const hash of parentHashes) {
    writeHex(hash, ingressBuffer, offset);
    offset += HASH_BYTES;
  }
  return sha256(
    length === ingressBuffer.length ? ingressBuffer : ingressBuffer.subarray(0, length),
  );
}

/** The end of a laid-out entry's text: its hash, behind everything that it covers. */
function hashMember(entryHash: string): string {
  return `,"entry_hash":"${entryHash}"}`;
}

/** An entry, or one whose hash is still to be computed. */
export type Hashable = EntryBody & { readonly entry_hash?: string | undefined };

/**
 * The RFC 8785 text of an entry without its hash.
 *
 * Entries are laid out with their members in RFC 8785 order, the hash behind
 * them, and no name that looks like an array index. So the runtime's own writer
 * already produces canonical text; only `extensions` hold arbitrary JSON.
 */
export function canonicalEntry(entry: Hashable): string {
  const { entry_hash: hash } = entry;
  if (entry.extensions === undefined && hash !== undefined) {
    const text = JSON.stringify(entry);
    const end = hashMember(hash);
    if (text.endsWith(end)) return text.slice(0, -end.length) + "}";
  }
  const { entry_hash: _, ...body } = entry;
  return canonicalize(body);
}

/** H_entry: `SHA-256("kest/v1/entry\0" ‖ H_ingress ‖ RFC 8785 form)` (SPEC 3.4). */
export function entryHash(entry: Hashable): string {
  const { entry_hash: hash } = entry;
  if (entry.extensions === undefined && hash !== undefined) {
    const text = JSON.stringify(entry);
    const end = hashMember(hash);
    if (text.endsWith(end)) return textHash(entry.parent_hashes, text, end.length);
  }
  return textHash(entry.parent_hashes, canonicalEntry(entry));
}

/** The hash of an entry that this module has just laid out, its hash still `undefined`. */
export function newEntryHash(entry: Hashable): string {
  return textHash(entry.parent_hashes, JSON.stringify(entry));
}

/** Hashes a text; of one that ends in its hash, that is cut off where the bytes lie. */
function textHash(parentHashes: readonly string[], text: string, cut = 0): string {
  entryRoom(text.length * 3);
  writeHex(ingressHash(parentHashes), entryBuffer, ENTRY_DOMAIN.length);
  let { written } = encoder.encodeInto(text, entryText);
  if (cut > 0) {
    written -= cut - 1;
    entryText[written - 1] = CLOSING_BRACE;
  }
  return sha256(entryBuffer.subarray(0, PREFIX_BYTES + written));
}
