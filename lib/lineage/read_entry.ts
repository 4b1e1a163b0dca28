/**
 * Reads one entry of untrusted JSON into its frozen form, with members in RFC
 * 8785 order (SPEC 4.1).
 *
 * @module
 */

import { canonicalize } from "../bytes/canonical.ts";
import { CONTENT_KINDS } from "../bytes/content.ts";
import { fromBase64url, isHash } from "../bytes/encoding.ts";
import {
  type Decision,
  type DenyCause,
  ENTRY_KINDS,
  type EntryBody,
  type Input,
  type InputProfile,
  type Origin,
  type Role,
  ROLES,
} from "./entry.ts";
import { isEntryId, isNodeId, isRecordKey, isTaint, VALUE_LENGTH } from "./names.ts";
import type { JsonObject, Reader } from "./reader.ts";

/** An entry as it was read: what its hash should cover, and the hash it claims. */
export interface ReadEntry {
  /** The body. */
  readonly body: EntryBody;
  /** The stored `entry_hash`. */
  readonly hash: string;
}

const ENTRY = new Set([
  ...["accumulated_taint", "added_taint", "async_context", "content_hash"],
  ...["content_hash_algorithm", "content_kind", "decisions", "entry_hash", "entry_id"],
  ...["environment", "input_state_hash", "inputs", "kind", "labels", "node_id"],
  ...["node_trust_score", "origin", "parent_entry_ids", "parent_hashes", "parent_roles"],
  ...["public_key_id", "raw_arguments", "reason", "removed_taint", "stream", "timestamp_ms"],
  ...["trust_rule", "trust_score"],
]);
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
const PROFILES: readonly InputProfile[] = ["basic", "history", "arguments"];
const SHA256 = ["sha256"] as const;
const STREAMS = [null, "complete", "cancelled"] as const;
const MAX_LIST = 10_000;

/** Whether an array of strings is sorted and has no duplicates. */
export function isStrictlyAscending(items: readonly string[]): boolean {
  return items.every((item, index) => index === 0 || items[index - 1]! < item);
}

function ascending(r: Reader, items: readonly string[], what: string): readonly string[] {
  if (!isStrictlyAscending(items)) {
    r.issue("DAG_SHAPE", `${what} must be sorted and unique`);
  }
  return items;
}

function readTaints(r: Reader, value: unknown): readonly string[] {
  const taints = r.array(
    value,
    MAX_LIST,
    (item) => r.string(item, "a taint (a-z 0-9 _ . -)", isTaint, "TAINT_NAME"),
  );
  return ascending(r, taints, "Taints");
}

/** A thumbprint: 32 bytes in canonical base64url. */
export function isKeyId(text: string): boolean {
  return text.length === 43 && fromBase64url(text) !== undefined;
}

function readText(r: Reader, value: unknown): string {
  const text = r.string(value);
  if (text.length > VALUE_LENGTH) {
    r.issue("LIMIT", `String of ${text.length} characters; at most ${VALUE_LENGTH} are read`);
  }
  return text;
}

function readStrings(r: Reader, value: unknown): Readonly<Record<string, string>> {
  const record = r.record(value);
  const read: Record<string, string> = {};
  for (const key of Object.keys(record ?? {}).sort()) {
    if (!isRecordKey(key)) r.issue("FIELD", "Name is outside the alphabet of SPEC 4.2", key);
    else read[key] = r.at(key, () => readText(r, record![key]));
  }
  return Object.freeze(read);
}

/** Reads an origin, or `null` where there is none. */
export function readOrigin(r: Reader, value: unknown): Origin | null {
  if (value === null) return null;
  const origin = r.object(value, ORIGIN);
  if (origin === undefined) return null;
  return Object.freeze({
    policies: r.at("policies", () => readPolicies(r, origin["policies"])),
    session_id: r.at("session_id", () => readText(r, origin["session_id"])),
    user_id: r.at("user_id", () => readText(r, origin["user_id"])),
  });
}

function readPolicies(r: Reader, value: unknown): Origin["policies"] {
  const policies = r.object(value, POLICIES);
  return Object.freeze({
    curated_refs: r.at("curated_refs", () =>
      ascending(
        r,
        r.array(policies?.["curated_refs"] ?? [], MAX_LIST, (item) => readText(r, item)),
        "Policy references",
      )),
    inline_rules: r.at(
      "inline_rules",
      () => r.nullable(policies?.["inline_rules"] ?? null, (text) => r.string(text)),
    ),
  });
}

function readDecision(r: Reader, value: unknown): Decision | undefined {
  const d = r.object(value, DECISION);
  if (d === undefined) return undefined;
  const text = (name: string) => r.at(name, () => readText(r, d[name]));
  const nullable = (name: string) =>
    r.at(name, () => r.nullable(d[name], (item) => readText(r, item)));
  return Object.freeze({
    cause: r.at("cause", () => r.oneOf(d["cause"], CAUSES)),
    decision_id: nullable("decision_id"),
    engine: nullable("engine"),
    input_digest: r.at("input_digest", () => r.nullable(d["input_digest"], (h) => r.hash(h))),
    input_version: text("input_version"),
    policy_digest: nullable("policy_digest"),
    profile: r.at("profile", () => r.oneOf(d["profile"], PROFILES)),
    reference: nullable("reference"),
    result: r.at("result", () => r.oneOf(d["result"], ["deny", "allow"] as const)),
    rule: text("rule"),
    seed: text("seed"),
    source: r.at("source", () => r.oneOf(d["source"], ["enforced", "origin"] as const)),
    time_ms: r.at("time_ms", () => r.count(d["time_ms"])),
    trust_score: r.at("trust_score", () => r.score(d["trust_score"])),
  });
}

function readInput(r: Reader, value: unknown): Input | undefined {
  const shape = typeof value === "object" && value !== null ? value as JsonObject : {};
  if (Object.hasOwn(shape, "entry_hash")) return readTrackedInput(r, value);
  if (shape["kind"] === "opaque") return readOpaqueInput(r, value);
  return readRawInput(r, value);
}

function readTrackedInput(r: Reader, value: unknown): Input | undefined {
  const input = r.object(value, TRACKED_INPUT);
  return input && Object.freeze({
    arg: r.at("arg", () => r.count(input["arg"])),
    entry_hash: r.at("entry_hash", () => r.hash(input["entry_hash"])),
    path: r.at("path", () => r.string(input["path"])),
  });
}

function readOpaqueInput(r: Reader, value: unknown): Input | undefined {
  const input = r.object(value, OPAQUE_INPUT);
  return input && Object.freeze({
    arg: r.at("arg", () => r.count(input["arg"])),
    kind: "opaque",
    type: r.at("type", () => readText(r, input["type"])),
  });
}

function readRawInput(r: Reader, value: unknown): Input | undefined {
  const input = r.object(value, RAW_INPUT);
  return input && Object.freeze({
    alg: r.at("alg", () => r.oneOf(input["alg"], SHA256)),
    arg: r.at("arg", () => r.count(input["arg"])),
    hash: r.at("hash", () => r.hash(input["hash"])),
    kind: r.at("kind", () => r.oneOf(input["kind"], CONTENT_KINDS)),
  });
}

const ROLE_SETS = new Map<string, readonly Role[]>();

/** One frozen array per set of roles: there are few sets and many entries. */
export function sharedRoles(roles: readonly Role[]): readonly Role[] {
  const key = roles.join();
  const known = ROLE_SETS.get(key);
  if (known) return known;
  const shared = Object.freeze([...roles]);
  ROLE_SETS.set(key, shared);
  return shared;
}

function readRoles(r: Reader, value: unknown): readonly Role[] {
  const roles = r.array(value, ROLES.length, (item) => r.oneOf(item, ROLES));
  if (roles.length === 0) r.issue("DAG_SHAPE", "A parent needs a role");
  return sharedRoles(ascending(r, roles, "Roles") as readonly Role[]);
}

/** What every signed object may carry beside its own members. */
export interface Extensible {
  critical?: readonly string[];
  extensions?: Readonly<Record<string, unknown>>;
}

/** Reads `extensions` and `critical` (SPEC 2.4). This version understands no extension. */
export function readExtensions(r: Reader, object: JsonObject): Extensible {
  const read: Extensible = {};
  if (Object.hasOwn(object, "extensions")) {
    read.extensions = r.at("extensions", () => readAnyJson(r, object["extensions"]));
  }
  if (Object.hasOwn(object, "critical")) {
    r.issue("CRITICAL", "Names extensions that must be understood; none are known", "critical");
  }
  return read;
}

function readAnyJson(r: Reader, value: unknown): Readonly<Record<string, unknown>> {
  const record = r.record(value) ?? {};
  try {
    canonicalize(record);
  } catch (error) {
    r.issue("UTF8", error instanceof Error ? error.message : String(error));
  }
  countMembers(r, Object.values(record));
  return Object.freeze(record);
}

function countMembers(r: Reader, values: readonly unknown[]): void {
  for (const value of values) {
    if (typeof value !== "object" || value === null) continue;
    if (!Array.isArray(value)) r.members += Object.keys(value).length;
    countMembers(r, Object.values(value));
    Object.freeze(value);
  }
}

function readParents(r: Reader, e: JsonObject) {
  const max = r.limits.parents;
  const ids = r.at("parent_entry_ids", () =>
    r.array(
      e["parent_entry_ids"],
      max,
      (item) => r.string(item, "a UUID of version 4", isEntryId, "ENTRY_ID"),
    ));
  const hashes = r.at(
    "parent_hashes",
    () => ascending(r, r.array(e["parent_hashes"], max, (item) => r.hash(item)), "Hashes"),
  );
  const roles = r.at(
    "parent_roles",
    () => r.array(e["parent_roles"], max, (item) => readRoles(r, item)),
  );
  if (hashes.length !== ids.length || roles.length !== ids.length) {
    r.issue("DAG_SHAPE", "parent_entry_ids, parent_hashes and parent_roles differ in length");
  }
  if (new Set(ids).size !== ids.length) {
    r.issue("DAG_SHAPE", "A parent is listed twice", "parent_entry_ids");
  }
  return { ids, hashes, roles };
}

/** Reads one entry. `undefined` if members are missing. */
export function readEntry(r: Reader, value: unknown): ReadEntry | undefined {
  const e = r.object(value, ENTRY, EXTENSIBLE);
  if (e === undefined) return undefined;
  const at = <T>(name: string, read: (value: unknown) => T) => r.at(name, () => read(e[name]));
  const extensible = readExtensions(r, e);
  const parents = readParents(r, e);
  const body: EntryBody = {
    accumulated_taint: at("accumulated_taint", (v) => readTaints(r, v)),
    added_taint: at("added_taint", (v) => readTaints(r, v)),
    async_context: at("async_context", (v) => r.oneOf(v, [false, true])),
    content_hash: at("content_hash", (v) => r.hash(v)),
    content_hash_algorithm: at("content_hash_algorithm", (v) => r.oneOf(v, SHA256)),
    content_kind: at("content_kind", (v) => r.oneOf(v, CONTENT_KINDS)),
    decisions: at("decisions", (v) => r.array(v, MAX_LIST, (item) => readDecision(r, item))),
    entry_id: at("entry_id", (v) => r.string(v, "a UUID of version 4", isEntryId, "ENTRY_ID")),
    environment: at("environment", (v) => readStrings(r, v)),
    ...(extensible.extensions && { extensions: extensible.extensions }),
    input_state_hash: at("input_state_hash", (v) => r.hash(v)),
    inputs: at("inputs", (v) => r.array(v, MAX_LIST * 10, (item) => readInput(r, item))),
    kind: at("kind", (v) => r.oneOf(v, ENTRY_KINDS)),
    labels: at("labels", (v) => readStrings(r, v)),
    node_id: at("node_id", (v) => r.string(v, "a node id (SPEC 4.2)", isNodeId)),
    node_trust_score: at("node_trust_score", (v) => r.score(v)),
    origin: at("origin", (v) => readOrigin(r, v)),
    parent_entry_ids: parents.ids,
    parent_hashes: parents.hashes,
    parent_roles: parents.roles,
    public_key_id: at(
      "public_key_id",
      (v) => r.nullable(v, (id) => r.string(id, "a key thumbprint", isKeyId)),
    ),
    raw_arguments: at("raw_arguments", (v) => r.count(v)),
    reason: at("reason", (v) => r.nullable(v, (text) => readText(r, text))),
    removed_taint: at("removed_taint", (v) => readTaints(r, v)),
    stream: at("stream", (v) => r.oneOf(v, STREAMS)),
    timestamp_ms: at("timestamp_ms", (v) => r.count(v)),
    trust_rule: at("trust_rule", (v) => r.oneOf(v, ["min", "custom"] as const)),
    trust_score: at("trust_score", (v) => r.score(v)),
  };
  const hash = e["entry_hash"];
  if (!isHash(hash)) r.at("entry_hash", () => r.hash(hash));
  return { body: Object.freeze(body), hash: hash as string };
}
