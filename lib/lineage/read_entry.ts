/**
 * Checks one entry of untrusted JSON and lays it out: members in RFC 8785 order
 * and the hash behind them (SPEC 4.1).
 *
 * @module
 */

import { type ErrorCode, KestError, type ParseCode } from "../base/errors.ts";
import { canonicalize, isSorted } from "../bytes/canonical.ts";
import { CONTENT_KINDS } from "../bytes/content.ts";
import { type DenyCause, type Entry, ENTRY_KINDS, ROLES } from "./entry.ts";
import {
  INLINE_LENGTH,
  isEntryId,
  isKeyId,
  isNodeId,
  isPrototypeName,
  isRecordKey,
  isTaint,
  MAX_INPUTS,
  MAX_TAINTS,
} from "./names.ts";
import type { JsonObject, Reader } from "./reader.ts";

const ENTRY = new Set([
  ...["accumulated_taint", "added_taint", "async_context", "content_hash"],
  ...["content_hash_algorithm", "content_kind", "decisions", "entry_hash", "entry_id"],
  ...["environment", "input_state_hash", "inputs", "kind", "labels", "node_id"],
  ...["node_trust_score", "origin", "parent_entry_ids", "parent_hashes", "parent_roles"],
  ...["public_key_id", "raw_arguments", "reason", "removed_taint", "stream", "timestamp_ms"],
  ...["trust_rule", "trust_score"],
]);
/** The members of an entry as this module lays them out. */
const LAYOUT = [...[...ENTRY].filter((name) => name !== "entry_hash").sort(), "entry_hash"];
/** Members in which objects can lie. */
const NESTED = ["decisions", "environment", "inputs", "labels", "origin"];
const EXTENSIBLE = new Set(["critical", "extensions"]);
const ORIGIN = new Set(["policies", "session_id", "user_id"]);
const POLICIES = new Set(["curated_refs", "inline_rules"]);
const DECISION = new Set([
  ...["cause", "decision_id", "engine", "input_digest", "input_version", "policy_digest"],
  ...["profile", "reference", "result", "rule", "seed", "source", "time_ms", "trust_score"],
]);
const TRACKED_INPUT = new Set(["arg", "entry_hash", "path"]);
const RAW_INPUT = new Set(["alg", "arg", "hash", "kind"]);
const OPAQUE_INPUT = new Set(["arg", "kind", "type"]);

const CAUSES: readonly (DenyCause | null)[] = [
  null,
  "undefined",
  "not-boolean",
  "error",
  "timeout",
  "no-engine",
  "unresolved",
];
const PROFILES = ["basic", "history", "arguments"];
const SHA256 = ["sha256"];
const STREAMS = [null, "complete", "cancelled"];
const TAINTS = ["accumulated_taint", "added_taint", "removed_taint"];
const HASHES = ["content_hash", "entry_hash", "input_state_hash"];
const RECORDS = ["environment", "labels"];
const SCORES = ["node_trust_score", "trust_score"];
const COUNTS = ["raw_arguments", "timestamp_ms"];
const NULLABLE_TEXTS = ["decision_id", "engine", "policy_digest", "reference"];
const TEXTS = ["input_version", "rule", "seed"];
const TRUST_RULES = ["min", "custom"];
const RESULTS = ["allow", "deny"];
const SOURCES = ["enforced", "origin"];
const FLAGS = [true, false];
const MAX_LIST = 10_000;

/** Whether strings are sorted and unique. */
export function isStrictlyAscending(items: readonly string[]): boolean {
  for (let index = 1; index < items.length; index++) {
    if (!(items[index - 1]! < items[index]!)) return false;
  }
  return true;
}

function checkAscending(r: Reader, items: readonly string[], part: string): void {
  if (!isStrictlyAscending(items)) r.issue("DAG_SHAPE", "Must be sorted and unique", part);
}

function checkTaint(r: Reader, item: unknown, index: number): void {
  r.match(item, index, "a taint (a-z 0-9 _ . -)", isTaint, "TAINT_NAME");
}

function checkTaints(r: Reader, value: unknown, part: string): void {
  checkAscending(r, r.array(value, part, MAX_TAINTS, checkTaint), part);
}

function checkStrings(r: Reader, value: unknown, part: string): void {
  const record = r.record(value, part);
  if (record === undefined) return;
  for (const key of Object.keys(record)) {
    if (isRecordKey(key)) r.at(part, () => r.text(record[key], key));
    else if (isPrototypeName(key)) {
      r.issue("JSON_PROTO", "Name is reserved by JavaScript", part, key);
    } else r.issue("FIELD", "Name is outside the alphabet of SPEC 4.2", part, key);
  }
}

function checkReference(r: Reader, item: unknown, index: number): void {
  r.text(item, index);
}

/** Checks an origin, or `null`. */
export function checkOrigin(r: Reader, value: unknown, part: string): void {
  if (value === null) return;
  const origin = r.object(value, part, ORIGIN);
  if (origin === undefined) return;
  r.at(part, () => {
    r.text(origin["session_id"], "session_id");
    r.text(origin["user_id"], "user_id");
    const policies = r.object(origin["policies"], "policies", POLICIES);
    if (policies === undefined) return;
    r.at("policies", () => {
      const refs = policies["curated_refs"];
      checkAscending(r, r.array(refs, "curated_refs", MAX_LIST, checkReference), "curated_refs");
      r.nullableText(policies["inline_rules"], "inline_rules", INLINE_LENGTH);
    });
  });
}

function checkDecision(r: Reader, value: unknown, index: number): void {
  const d = r.object(value, index, DECISION);
  if (d === undefined) return;
  r.at(index, () => {
    r.oneOf(d["cause"], "cause", CAUSES);
    for (const name of NULLABLE_TEXTS) {
      r.nullableText(d[name], name);
    }
    for (const name of TEXTS) r.text(d[name], name);
    if (d["input_digest"] !== null) r.hash(d["input_digest"], "input_digest");
    r.oneOf(d["profile"], "profile", PROFILES);
    r.oneOf(d["result"], "result", RESULTS);
    r.oneOf(d["source"], "source", SOURCES);
    r.count(d["time_ms"], "time_ms");
    r.score(d["trust_score"], "trust_score");
  });
}

function checkInput(r: Reader, value: unknown, index: number): void {
  const shape = typeof value === "object" && value !== null ? value as JsonObject : {};
  const isTracked = Object.hasOwn(shape, "entry_hash");
  const isOpaque = !isTracked && shape["kind"] === "opaque";
  const members = isTracked ? TRACKED_INPUT : isOpaque ? OPAQUE_INPUT : RAW_INPUT;
  const input = r.object(value, index, members);
  if (input === undefined) return;
  r.at(index, () => {
    r.count(input["arg"], "arg");
    if (isTracked) {
      r.hash(input["entry_hash"], "entry_hash");
      r.text(input["path"], "path");
    } else if (isOpaque) {
      r.text(input["type"], "type");
    } else {
      r.oneOf(input["alg"], "alg", SHA256);
      r.hash(input["hash"], "hash");
      r.oneOf(input["kind"], "kind", CONTENT_KINDS);
    }
  });
}

function checkRole(r: Reader, item: unknown, index: number): void {
  r.oneOf(item, index, ROLES);
}

function checkRoles(r: Reader, value: unknown, index: number): void {
  const roles = r.array<string>(value, index, ROLES.length, checkRole);
  if (roles.length === 0 || !isStrictlyAscending(roles)) {
    r.issue("DAG_SHAPE", "A parent needs roles, sorted and unique", index);
  }
}

function checkId(r: Reader, item: unknown, part: string | number): void {
  r.match(item, part, "a UUID of version 4", isEntryId, "ENTRY_ID");
}

function checkHash(r: Reader, item: unknown, index: number): void {
  r.hash(item, index);
}

function checkParents(r: Reader, e: JsonObject): void {
  const max = r.limits.parents;
  const ids = r.array(e["parent_entry_ids"], "parent_entry_ids", max, checkId);
  const hashes = r.array<string>(e["parent_hashes"], "parent_hashes", max, checkHash);
  const roles = r.array(e["parent_roles"], "parent_roles", max, checkRoles);
  checkAscending(r, hashes, "parent_hashes");
  if (hashes.length !== ids.length || roles.length !== ids.length) {
    const message = "parent_entry_ids, parent_hashes and parent_roles differ in length";
    // Where two of the three agree, the third is what was changed.
    const odd = roles.length === ids.length
      ? "parent_hashes"
      : hashes.length === ids.length
      ? "parent_roles"
      : "parent_entry_ids";
    r.issue("DAG_SHAPE", message, odd);
  }
  if (ids.length > 1 && new Set(ids).size !== ids.length) {
    r.issue("DAG_SHAPE", "A parent is listed twice", "parent_entry_ids");
  }
}

/** What parsed JSON can hold although it has no canonical form. */
const JSON_CODES: Readonly<Partial<Record<ErrorCode, ParseCode>>> = {
  CONTENT_SURROGATE: "UTF8",
  CONTENT_NUMBER: "JSON",
  CONTENT_DEPTH: "LIMIT",
  CONTENT_SIZE: "LIMIT",
};

/** Checks `extensions` and `critical` (SPEC 2.4). This version understands no extension. */
export function checkExtensions(r: Reader, object: JsonObject): void {
  if (Object.hasOwn(object, "critical")) {
    r.issue("CRITICAL", "Names extensions that must be understood; none are known", "critical");
  }
  if (!Object.hasOwn(object, "extensions")) return;
  const extensions = r.record(object["extensions"], "extensions");
  if (extensions === undefined) return;
  try {
    canonicalize({ extensions });
  } catch (error) {
    if (!(error instanceof KestError)) throw error;
    r.issue(JSON_CODES[error.code] ?? "FIELD_TYPE", error.message, "extensions");
  }
  countMembers(r, Object.values(extensions));
}

function countMembers(r: Reader, values: readonly unknown[]): void {
  for (const value of values) {
    if (typeof value !== "object" || value === null) continue;
    if (!Array.isArray(value)) r.members += Object.keys(value).length;
    countMembers(r, Object.values(value));
  }
}

function checkMembers(r: Reader, e: JsonObject): void {
  checkExtensions(r, e);
  checkParents(r, e);
  for (const name of TAINTS) {
    checkTaints(r, e[name], name);
  }
  for (const name of HASHES) r.hash(e[name], name);
  for (const name of RECORDS) checkStrings(r, e[name], name);
  for (const name of SCORES) r.score(e[name], name);
  for (const name of COUNTS) r.count(e[name], name);
  r.oneOf(e["async_context"], "async_context", FLAGS);
  r.oneOf(e["content_hash_algorithm"], "content_hash_algorithm", SHA256);
  r.oneOf(e["content_kind"], "content_kind", CONTENT_KINDS);
  r.array(e["decisions"], "decisions", MAX_LIST, checkDecision);
  checkId(r, e["entry_id"], "entry_id");
  r.array(e["inputs"], "inputs", MAX_INPUTS, checkInput);
  r.oneOf(e["kind"], "kind", ENTRY_KINDS);
  r.match(e["node_id"], "node_id", "a node id (SPEC 4.2)", isNodeId);
  checkOrigin(r, e["origin"], "origin");
  if (e["public_key_id"] !== null) {
    r.match(e["public_key_id"], "public_key_id", "a key thumbprint", isKeyId);
  }
  r.nullableText(e["reason"], "reason");
  r.oneOf(e["stream"], "stream", STREAMS);
  r.oneOf(e["trust_rule"], "trust_rule", TRUST_RULES);
}

/** Whether an entry lies as this module writes it: almost all do. */
function isLaidOut(entry: JsonObject): boolean {
  const names = Object.keys(entry);
  return names.length === LAYOUT.length && names.every((name, index) => name === LAYOUT[index]) &&
    NESTED.every((name) => isSorted(entry[name]));
}

/** The entry as all layers expect it: RFC 8785 order, the hash behind. */
function layOut(entry: JsonObject): Entry {
  if (isLaidOut(entry)) return entry as unknown as Entry;
  const { entry_hash, ...body } = entry;
  return { ...JSON.parse(canonicalize(body)), entry_hash };
}

/** Checks one entry. `undefined` if it cannot be used; the reader knows why. */
export function readEntry(r: Reader, value: unknown, id: string): Entry | undefined {
  const e = r.object(value, id, ENTRY, EXTENSIBLE);
  if (e === undefined) return undefined;
  const before = r.issues.length;
  r.at(id, () => checkMembers(r, e));
  return r.issues.length === before ? layOut(e) : undefined;
}
