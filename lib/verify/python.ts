/**
 * Passports of the Python package kest 0.1 and 0.2: read, and their Ed25519
 * signature rechecked. Such a passport is never verified: most of what it
 * declares is bound to nothing, and the report says so.
 *
 * @module
 */

import type { Issue, ParseCode } from "../base/errors.ts";
import { messageOf, ParseError } from "../base/errors.ts";
import type { Limits } from "../base/limits.ts";
import { resolveLimits } from "../base/limits.ts";
import { isWellFormed } from "../bytes/canonical.ts";
import { fromUtf8, jsonPointer, utf8 } from "../bytes/encoding.ts";
import { JsonNumber, parseJsonStrictly } from "../bytes/json_text.ts";
import { SIGNATURE_BYTES } from "../keys/ed25519.ts";
import type { PublicKey } from "../keys/public_key.ts";
import { publicKeyFromJwk } from "../keys/public_key.ts";
import type { PythonJson } from "./python_json.ts";
import {
  fromPythonBase64,
  memberOrder,
  pythonFloatOf,
  pythonInt,
  writePythonJson,
} from "./python_json.ts";
import type { Aspect, Finding, VerificationReport } from "./report.ts";
import { outcomeOf, verdictOf } from "./report.ts";

/** The Python versions whose passports can be read. */
export type PythonKestVersion = "0.1" | "0.2";

/** What the signature of a Python passport is worth. */
export type PythonSignatureStatus =
  | "changed"
  | "unchecked"
  | "unsigned"
  | "valid";

/** Who brought the data in, as the Python package records it. */
export interface PythonOrigin {
  /** The person or system. */
  readonly userId: string;
  /** The session. */
  readonly sessionId: string;
  /** Names of policies. */
  readonly curatedRefs: readonly string[];
  /** Policy source, or `null`. */
  readonly inlineRules: string | null;
}

/** One step, as the Python package records it. */
export interface PythonEntry {
  /** Its key in `history`, by which children name it. */
  readonly key: string;
  /** Its `entry_id`; Python writes the same text as {@linkcode key}. */
  readonly entryId: string;
  /** Keys of its parents. */
  readonly parentEntryIds: readonly string[];
  /** The name of the step. */
  readonly nodeId: string;
  /** Milliseconds since 1970, rounded to a double; for display. */
  readonly timestampMs: number;
  /** The same as decimal digits, as they are signed. */
  readonly timestampText: string;
  /** What Python calls the hash of the input. */
  readonly inputStateHash: string;
  /** The literal `output_hash` or `genesis`, not a hash. */
  readonly contentHash: string;
  /** What the environment collectors reported. */
  readonly environment: Readonly<Record<string, string>>;
  /** Labels of the step. */
  readonly labels: Readonly<Record<string, string>>;
  /** Taints that this step adds. */
  readonly addedTaint: readonly string[];
  /** Taints of this step and those it descends from, as claimed. */
  readonly accumulatedTaint: readonly string[];
  /** As claimed; may be infinite or NaN. `null` in 0.1, which has none. */
  readonly trustScore: number | null;
}

/** A passport of the Python package. Frozen. */
export interface PythonPassport {
  /** The version whose model the passport was read with. */
  readonly kestVersion: PythonKestVersion;
  /**
   * The versions whose signed form this may be. Both, if no entry has a trust
   * score and nothing names the version: 0.2 signs its default there.
   */
  readonly signedAs: readonly PythonKestVersion[];
  /** Who brought the data in. */
  readonly origin: PythonOrigin;
  /** The steps, in file order. */
  readonly entries: readonly PythonEntry[];
  /** Base64 as it was found; `""` is unsigned. */
  readonly signature: string;
  /** What the producer calls its key: any text, not a thumbprint. */
  readonly publicKeyId: string;
  /**
   * JSON Pointers, from the passport, of members that Python ignores and its
   * signature does not cover: the first {@linkcode Limits.issues} of them.
   */
  readonly uncovered: readonly string[];
  /** How many such members there are. */
  readonly uncoveredCount: number;
  /** The key that came in the same file, or `null`. It proves nothing about who signed. */
  readonly embeddedKey: PublicKey | null;
}

/** The file that the sample passports of the Python package come in. */
export interface PythonSample {
  /** The version that it names, or `null`. */
  readonly kestVersion: PythonKestVersion | null;
  /** The key that it holds, or `null`. */
  readonly embeddedKey: PublicKey | null;
  /** What the file says its signature check gives: only a claim. `null` if absent. */
  readonly expect: string | null;
  /** The passport, unread. */
  readonly passport: unknown;
}

const WHAT = "The Python passport";

type Path = readonly string[];
type Members = Readonly<Record<string, unknown>>;

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !(value instanceof JsonNumber);
}

function has(value: Members, ...names: string[]): boolean {
  return names.every((name) => Object.hasOwn(value, name));
}

/**
 * Whether a parsed value looks like a passport of the Python package: it has
 * `origin`, `history` and `signature`, and no `version`.
 */
export function isPythonPassport(value: unknown): boolean {
  return isMembers(value) && has(value, "origin", "history", "signature") &&
    !has(value, "version");
}

function refuse(code: ParseCode, path: string, message: string): never {
  throw new ParseError(WHAT, [{ code, path, message }]);
}

function sampleVersion(sample: Members): PythonKestVersion | null {
  if (!has(sample, "kest_version")) return null;
  const version = sample.kest_version;
  if (typeof version === "string") {
    if (/^0\.1(?:\.|$)/.test(version)) return "0.1";
    if (/^0\.2(?:\.|$)/.test(version)) return "0.2";
  }
  refuse("VERSION", "/kest_version", "Expected a version 0.1 or 0.2");
}

function sampleKey(sample: Members): PublicKey | null {
  if (!has(sample, "public_key")) return null;
  try {
    return publicKeyFromJwk(sample.public_key);
  } catch (error) {
    refuse("FIELD", "/public_key", messageOf(error));
  }
}

/**
 * Opens the wrapper `{kest_version, public_key, expect, passport}` of a parsed
 * sample file; `undefined` if the value is no such wrapper. The passport in it
 * is not read.
 *
 * @throws {ParseError} `VERSION` if it names another version, `FIELD` if its key
 * is not a sound Ed25519 JWK.
 */
export function unwrapPythonSample(value: unknown): PythonSample | undefined {
  if (!isMembers(value) || !has(value, "passport")) return undefined;
  if (has(value, "history")) return undefined;
  if (!has(value, "kest_version") && !has(value, "public_key")) {
    return undefined;
  }
  const expect = has(value, "expect") ? value.expect : null;
  return Object.freeze({
    kestVersion: sampleVersion(value),
    embeddedKey: sampleKey(value),
    expect: typeof expect === "string" ? expect : null,
    passport: value.passport,
  });
}

/** Reads members as pydantic's lax mode does, and gathers every problem. */
class ModelReader {
  readonly limits: Limits;
  readonly uncovered: string[] = [];
  uncoveredCount = 0;
  readonly #issues: Issue[] = [];
  readonly #root: Path;

  constructor(limits: Limits, root: Path) {
    this.limits = limits;
    this.#root = root;
  }

  problem(code: ParseCode, path: Path, message: string): void {
    this.#issues.push({
      code,
      path: jsonPointer([...this.#root, ...path]),
      message,
    });
    if (this.#issues.length >= this.limits.issues) this.finish();
  }

  finish(): void {
    const [first, ...others] = this.#issues;
    if (first) throw new ParseError(WHAT, [first, ...others]);
  }

  members(value: unknown, path: Path): Members {
    if (isMembers(value)) return value;
    this.problem("FIELD_TYPE", path, "Expected an object");
    return {};
  }

  /** The value of a member; reports a missing one that has no default. */
  #required(from: Members, path: Path, name: string): unknown {
    if (has(from, name)) return from[name];
    this.problem("FIELD_MISSING", [...path, name], "Expected this member");
    return undefined;
  }

  #checked(value: unknown, path: Path): string {
    if (typeof value !== "string") {
      this.problem("FIELD_TYPE", path, "Expected a string");
    } else if (value.length > this.limits.stringLength) {
      const most = this.limits.stringLength;
      this.problem("LIMIT", path, `String longer than ${most} characters`);
    } else if (!isWellFormed(value)) {
      this.problem("UTF8", path, "String holds a lone surrogate");
    } else return value;
    return "";
  }

  text(from: Members, path: Path, name: string): string {
    if (!has(from, name)) {
      this.#required(from, path, name);
      return "";
    }
    return this.#checked(from[name], [...path, name]);
  }

  texts(
    from: Members,
    path: Path,
    name: string,
    rule: { readonly required?: boolean; readonly most?: number } = {},
  ): readonly string[] {
    if (!rule.required && !has(from, name)) return Object.freeze([]);
    const value = this.#required(from, path, name);
    const at = [...path, name];
    if (!Array.isArray(value)) {
      if (has(from, name)) this.problem("FIELD_TYPE", at, "Expected an array");
      return [];
    }
    if (rule.most !== undefined && value.length > rule.most) {
      this.problem("LIMIT", at, `More than ${rule.most} items`);
      return [];
    }
    return Object.freeze(
      Array.from(value, (item, i) => this.#checked(item, [...at, String(i)])),
    );
  }

  map(
    from: Members,
    path: Path,
    name: string,
  ): Readonly<Record<string, string>> {
    const result: Record<string, string> = Object.create(null);
    if (has(from, name)) {
      const at = [...path, name];
      const value = this.members(from[name], at);
      for (const key of Object.keys(value)) {
        const inside = [...at, key];
        result[this.#checked(key, inside)] = this.#checked(value[key], inside);
      }
    }
    return Object.freeze(result);
  }

  int(from: Members, path: Path, name: string): string {
    const value = this.#required(from, path, name);
    const digits = pythonInt(value);
    if (digits !== undefined) return digits;
    if (has(from, name)) {
      const lost = typeof value === "number" && Number.isInteger(value);
      const message = lost
        ? "Its digits were lost when it was parsed: pass the text"
        : "Expected an integer";
      this.problem("FIELD_TYPE", [...path, name], message);
    }
    return "0";
  }

  float(from: Members, path: Path, name: string, missing: number): number {
    if (!has(from, name)) return missing;
    const value = pythonFloatOf(from[name]);
    if (value !== undefined) return value;
    this.problem("FIELD_TYPE", [...path, name], "Expected a number");
    return missing;
  }

  key(key: string, path: Path): void {
    this.#checked(key, path);
  }

  ignore(from: Members, path: Path, known: ReadonlySet<string>): void {
    for (const name of Object.keys(from)) {
      if (known.has(name)) continue;
      this.uncoveredCount++;
      if (this.uncovered.length < this.limits.issues) {
        this.uncovered.push(jsonPointer([...path, name]));
      }
    }
  }
}

const PASSPORT = new Set(["origin", "history", "signature", "public_key_id"]);
const ORIGIN = new Set(["user_id", "session_id", "policies"]);
const POLICIES = new Set(["curated_refs", "inline_rules"]);
const ENTRY_0_1 = new Set([
  ...["entry_id", "parent_entry_ids", "node_id", "timestamp_ms"],
  ...["input_state_hash", "content_hash", "environment", "labels"],
  ...["added_taint", "accumulated_taint"],
]);
const ENTRY_0_2 = new Set([...ENTRY_0_1, "trust_score"]);

function readOrigin(reader: ModelReader, value: unknown): PythonOrigin {
  const path = ["origin"];
  const origin = reader.members(value, path);
  reader.ignore(origin, path, ORIGIN);
  const inside = [...path, "policies"];
  const policies = has(origin, "policies") ? reader.members(origin.policies, inside) : {};
  reader.ignore(policies, inside, POLICIES);
  const noRules = !has(policies, "inline_rules") ||
    policies.inline_rules === null;
  return Object.freeze({
    userId: reader.text(origin, path, "user_id"),
    sessionId: reader.text(origin, path, "session_id"),
    curatedRefs: reader.texts(policies, inside, "curated_refs"),
    inlineRules: noRules ? null : reader.text(policies, inside, "inline_rules"),
  });
}

function readEntry(
  reader: ModelReader,
  key: string,
  value: unknown,
  version: PythonKestVersion,
): PythonEntry {
  const path = ["history", key];
  reader.key(key, path);
  const entry = reader.members(value, path);
  reader.ignore(entry, path, version === "0.1" ? ENTRY_0_1 : ENTRY_0_2);
  const timestamp = reader.int(entry, path, "timestamp_ms");
  return Object.freeze({
    key,
    entryId: reader.text(entry, path, "entry_id"),
    parentEntryIds: reader.texts(entry, path, "parent_entry_ids", {
      required: true,
      most: reader.limits.parents,
    }),
    nodeId: reader.text(entry, path, "node_id"),
    timestampMs: Number(timestamp),
    timestampText: timestamp,
    inputStateHash: reader.text(entry, path, "input_state_hash"),
    contentHash: reader.text(entry, path, "content_hash"),
    environment: reader.map(entry, path, "environment"),
    labels: reader.map(entry, path, "labels"),
    addedTaint: reader.texts(entry, path, "added_taint"),
    accumulatedTaint: reader.texts(entry, path, "accumulated_taint"),
    trustScore: version === "0.1" ? null : reader.float(entry, path, "trust_score", 1),
  });
}

function textOf(input: string | Uint8Array, limits: Limits): string {
  const tooLong = `Longer than ${limits.bytes} bytes`;
  if (input.length > limits.bytes) refuse("LIMIT", "", tooLong);
  if (typeof input !== "string") {
    try {
      return fromUtf8(input);
    } catch {
      refuse("UTF8", "", "Expected UTF-8");
    }
  }
  // A UTF-16 unit becomes three bytes at most.
  if (input.length * 3 > limits.bytes && utf8(input).length > limits.bytes) {
    refuse("LIMIT", "", tooLong);
  }
  return input;
}

/** History keys in file order: from the text where an object has lost it. */
function keysInOrder(
  history: Members,
  text: string | undefined,
  root: Path,
): readonly string[] {
  const keys = Object.keys(history);
  const mayBeMoved = keys.length > 1 && /^[0-9]+$/.test(keys[0]!);
  return text !== undefined && mayBeMoved ? memberOrder(text, [...root, "history"]) : keys;
}

/** The versions whose signed form this may be; the first one reads it. */
function versionsOf(
  history: Members,
  named: PythonKestVersion | null,
): readonly PythonKestVersion[] {
  if (named) return [named];
  const scored = Object.values(history).some((entry) =>
    isMembers(entry) && has(entry, "trust_score")
  );
  return scored ? ["0.2"] : ["0.1", "0.2"];
}

/**
 * Reads a passport of the Python package, bare or in the wrapper of
 * {@linkcode unwrapPythonSample}, as pydantic's lax mode reads it. Give the text
 * or its bytes where possible: a parsed value may have lost digits and order.
 *
 * @param input JSON text, its UTF-8 bytes, or the parsed value.
 * @throws {ParseError} with every problem, each with its path from the document.
 * @throws {RangeError} if a limit is not a positive safe integer.
 */
export function parsePythonPassport(
  input: string | Uint8Array | unknown,
  limits: Partial<Limits> = {},
): PythonPassport {
  const resolved = resolveLimits(limits);
  const isText = typeof input === "string" || input instanceof Uint8Array;
  const text = isText ? textOf(input, resolved) : undefined;
  const value = text === undefined ? input : parseJsonStrictly(text, {
    what: WHAT,
    depth: resolved.depth,
    stringLength: resolved.stringLength,
    keepNumbers: true,
  });
  const sample = unwrapPythonSample(value);
  return readPassport(sample ? sample.passport : value, sample, text, resolved);
}

function readPassport(
  value: unknown,
  sample: PythonSample | undefined,
  text: string | undefined,
  limits: Limits,
): PythonPassport {
  const root = sample ? ["passport"] : [];
  const reader = new ModelReader(limits, root);
  const passport = reader.members(value, []);
  reader.ignore(passport, [], PASSPORT);
  if (!has(passport, "origin")) {
    reader.problem("FIELD_MISSING", ["origin"], "Expected this member");
  }
  const origin = readOrigin(
    reader,
    has(passport, "origin") ? passport.origin : {},
  );
  const history = has(passport, "history") ? reader.members(passport.history, ["history"]) : {};
  const keys = keysInOrder(history, text, root);
  if (keys.length > limits.entries) {
    reader.problem("LIMIT", ["history"], `More than ${limits.entries} entries`);
    reader.finish();
  }
  const signedAs = versionsOf(history, sample?.kestVersion ?? null);
  const kestVersion = signedAs[0]!;
  const entries = keys.map((key) => readEntry(reader, key, history[key], kestVersion));
  const signature = has(passport, "signature") ? reader.text(passport, [], "signature") : "";
  const publicKeyId = reader.text(passport, [], "public_key_id");
  reader.finish();
  return Object.freeze({
    kestVersion,
    signedAs: Object.freeze(signedAs),
    origin,
    entries: Object.freeze(entries),
    signature,
    publicKeyId,
    uncovered: Object.freeze(reader.uncovered),
    uncoveredCount: reader.uncoveredCount,
    embeddedKey: sample?.embeddedKey ?? null,
  });
}

function entryJson(entry: PythonEntry, as: PythonKestVersion): PythonJson {
  return {
    entry_id: entry.entryId,
    parent_entry_ids: entry.parentEntryIds,
    node_id: entry.nodeId,
    timestamp_ms: new JsonNumber(entry.timestampText),
    input_state_hash: entry.inputStateHash,
    content_hash: entry.contentHash,
    environment: entry.environment,
    labels: entry.labels,
    added_taint: entry.addedTaint,
    accumulated_taint: entry.accumulatedTaint,
    ...(as === "0.2" ? { trust_score: entry.trustScore ?? 1 } : {}),
  };
}

/** The text that Python signs: the model without its signature. */
function signedText(passport: PythonPassport, as: PythonKestVersion): string {
  const { origin } = passport;
  const history: Record<string, PythonJson> = Object.create(null);
  for (const entry of passport.entries) {
    history[entry.key] = entryJson(entry, as);
  }
  return writePythonJson({
    origin: {
      user_id: origin.userId,
      session_id: origin.sessionId,
      policies: {
        curated_refs: origin.curatedRefs,
        inline_rules: origin.inlineRules,
      },
    },
    history,
    public_key_id: passport.publicKeyId,
  });
}

async function signerOf(
  passport: PythonPassport,
  keys: readonly PublicKey[],
): Promise<PublicKey | undefined> {
  const signature = fromPythonBase64(passport.signature);
  if (signature?.length !== SIGNATURE_BYTES) return undefined;
  for (const version of passport.signedAs) {
    const message = utf8(signedText(passport, version));
    for (const key of keys) {
      if (await key.verify(signature, message)) return key;
    }
  }
  return undefined;
}

async function checkWith(
  passport: PythonPassport,
  keys: readonly PublicKey[],
): Promise<{ status: PythonSignatureStatus; signer?: PublicKey }> {
  if (passport.signature === "") return { status: "unsigned" };
  if (keys.length === 0) return { status: "unchecked" };
  const signer = await signerOf(passport, keys);
  return signer ? { status: "valid", signer } : { status: "changed" };
}

/**
 * Rechecks the Ed25519 signature over Python's own JSON form. Only the given
 * keys count: a key in the same file does not.
 *
 * @returns `unsigned`: there is no signature. `unchecked`: there is one, but no
 * key was given. `changed`: it verifies under none of the keys.
 */
export async function checkPythonSignature(
  passport: PythonPassport,
  keys: readonly PublicKey[],
): Promise<PythonSignatureStatus> {
  return (await checkWith(passport, keys)).status;
}

/** Findings of one kind that are listed; the rest are counted. */
const LISTED = 100;

/** One finding per item: as many as are listed, and how many are not. */
function listed<T>(
  items: Iterable<T>,
  findingOf: (item: T) => Finding,
): readonly Finding[] {
  const findings: Finding[] = [];
  let left = 0;
  for (const item of items) {
    if (findings.length < LISTED) findings.push(findingOf(item));
    else left++;
  }
  const first = findings[0];
  if (!first || left === 0) return findings;
  return [...findings, {
    code: "LIMIT",
    aspect: first.aspect,
    severity: "note",
    message: `${left} more findings of the kind ${first.code} are not listed.`,
  }];
}

const SAYS_NOTHING: readonly Finding[] = ([
  [
    "integrity",
    'No data is bound: the Python package writes the literal "output_hash" as content_hash, so any data can be put beside this passport.',
  ],
  [
    "identity",
    "Origin, taints and trust scores are the claim of whoever wrote the file; the Python package does not bind them to a person or a key.",
  ],
  [
    "completeness",
    "Parents are the last key of a shared map, not what a step really read, so steps may be missing or tied to the wrong parent.",
  ],
] as const).map(([aspect, message]) => ({
  code: "PYTHON_PASSPORT",
  aspect,
  severity: "unknown",
  message,
}));

const SIGNATURE_FINDINGS: Readonly<Record<PythonSignatureStatus, Finding[]>> = {
  valid: [],
  unsigned: [{
    code: "UNSIGNED",
    aspect: "identity",
    severity: "unknown",
    message:
      "It has no signature: anyone can have written or changed it, and a signature may have been removed.",
    field: "signature",
  }],
  unchecked: [{
    code: "TRUST_EMPTY",
    aspect: "identity",
    severity: "unknown",
    message: "It has a signature, but no key was given to check it with.",
    field: "signature",
  }],
  changed: [{
    code: "PYTHON_SIGNATURE",
    aspect: "integrity",
    severity: "fail",
    message:
      "The signature verifies under none of the keys: the passport was changed, or another key signed it.",
    field: "signature",
  }],
};

function keyInFile(status: PythonSignatureStatus): Finding[] {
  if (status === "unsigned") return [];
  const result = status === "valid" ? "agrees" : "does not agree";
  return [{
    code: "KEY_UNKNOWN",
    aspect: "identity",
    severity: "unknown",
    message:
      `No key was given, so the key inside the file was used. It proves only whether the file agrees with itself (it ${result}), not who signed it.`,
    field: "public_key",
  }];
}

function uncoveredFinding(passport: PythonPassport): Finding[] {
  if (passport.uncoveredCount === 0) return [];
  return [{
    code: "PYTHON_PASSPORT",
    aspect: "integrity",
    severity: "unknown",
    message:
      `Members that the Python package ignores are not covered by its signature; anyone can have added them: ${passport.uncoveredCount}.`,
    stored: passport.uncovered,
  }];
}

function foreignKeys(passport: PythonPassport): readonly Finding[] {
  const foreign = passport.entries.filter(({ key, entryId }) => key !== entryId);
  return listed(foreign, ({ key, entryId, nodeId }) => ({
    code: "KIND_SHAPE",
    aspect: "integrity",
    severity: "unknown",
    message: "The entry has another entry_id than its key in history.",
    entryId: key,
    nodeId,
    field: "entry_id",
    stored: entryId,
    computed: key,
  }));
}

type Index = ReadonlyMap<string, PythonEntry>;

function* danglingEdges(
  passport: PythonPassport,
  index: Index,
): Generator<{ entry: PythonEntry; parentId: string }> {
  for (const entry of passport.entries) {
    for (const parentId of entry.parentEntryIds) {
      if (!index.has(parentId)) yield { entry, parentId };
    }
  }
}

function danglingParents(
  passport: PythonPassport,
  index: Index,
): readonly Finding[] {
  return listed(danglingEdges(passport, index), ({ entry, parentId }) => ({
    code: "TRUNCATED",
    aspect: "completeness",
    severity: "unknown",
    message: "A parent of this entry is not in the passport.",
    entryId: entry.key,
    nodeId: entry.nodeId,
    parentId,
  }));
}

/** The entries that are left when those without children are taken away, again and again. */
function withEndlessDescent(
  entries: readonly PythonEntry[],
  index: Index,
): Map<string, number> {
  const children = new Map(entries.map((entry) => [entry.key, 0]));
  for (const { parentEntryIds } of entries) {
    for (const id of parentEntryIds) {
      if (index.has(id)) children.set(id, children.get(id)! + 1);
    }
  }
  const ready = entries.filter((entry) => children.get(entry.key) === 0);
  for (let entry = ready.pop(); entry; entry = ready.pop()) {
    children.delete(entry.key);
    for (const id of entry.parentEntryIds) {
      if (!index.has(id)) continue;
      const left = children.get(id)! - 1;
      children.set(id, left);
      if (left === 0) ready.push(index.get(id)!);
    }
  }
  return children;
}

function cycles(passport: PythonPassport, index: Index): Finding[] {
  const left = withEndlessDescent(passport.entries, index);
  const entry = passport.entries.find(({ key }) => left.has(key));
  if (!entry) return [];
  return [{
    code: "KIND_SHAPE",
    aspect: "integrity",
    severity: "fail",
    message: `Entries are their own ancestors: ${left.size} entries lie on a cycle or above one.`,
    entryId: entry.key,
    nodeId: entry.nodeId,
    field: "parent_entry_ids",
  }];
}

function headsOf(passport: PythonPassport): readonly PythonEntry[] {
  const parents = new Set(
    passport.entries.flatMap((entry) => entry.parentEntryIds),
  );
  return passport.entries.filter((entry) => !parents.has(entry.key));
}

function leastTrust(heads: readonly PythonEntry[]): number | null {
  let least: number | null = null;
  for (const { trustScore } of heads) {
    // A NaN is below nothing, so it must not win by being first or last.
    if (trustScore === null || Number.isNaN(trustScore)) continue;
    if (least === null || trustScore < least) least = trustScore;
  }
  return least;
}

const SEVERITIES = ["fail", "unknown", "note"] as const;

function reportOf(
  passport: PythonPassport,
  found: readonly Finding[],
  signers: VerificationReport["signers"],
): VerificationReport {
  const findings = SEVERITIES.flatMap((severity) =>
    found.filter((finding) => finding.severity === severity)
      .map((finding) => Object.freeze({ ...finding }))
  );
  const of = (aspect: Aspect, code?: string) =>
    verdictOf(aspect, findings, code ? { status: "none", code } : undefined);
  const verdicts = Object.freeze({
    integrity: of("integrity"),
    identity: of("identity"),
    completeness: of("completeness"),
    policy: of("policy", "NOTHING_REQUIRED"),
    freshness: of("freshness", "NOT_BOUND"),
  });
  const heads = headsOf(passport);
  const taints = new Set(heads.flatMap((entry) => entry.accumulatedTaint));
  return Object.freeze({
    outcome: outcomeOf(verdicts),
    verdicts,
    findings: Object.freeze(findings),
    entries: passport.entries.length,
    dataChecked: false,
    origins: Object.freeze([passport.origin.userId]),
    taints: Object.freeze([...taints].sort()),
    trustScore: leastTrust(heads),
    signers: Object.freeze(signers),
  });
}

/**
 * Checks the signature and the shape of a Python passport and says what such a
 * passport does not prove. The outcome is `invalid` or `unverified`, never
 * `verified`. Without keys, the key inside the file is used, and the report says
 * how little that proves.
 *
 * @param options `keys`: public keys that the caller trusts.
 */
export async function verifyPythonPassport(
  passport: PythonPassport,
  options: { readonly keys: readonly PublicKey[] },
): Promise<VerificationReport> {
  const { embeddedKey } = passport;
  const embedded = options.keys.length === 0 && embeddedKey !== null;
  const keys = embedded ? [embeddedKey] : options.keys;
  const { status, signer } = await checkWith(passport, keys);
  const index = new Map(passport.entries.map((entry) => [entry.key, entry]));
  const findings = [
    ...SIGNATURE_FINDINGS[status],
    ...(embedded ? keyInFile(status) : []),
    ...cycles(passport, index),
    ...SAYS_NOTHING,
    ...uncoveredFinding(passport),
    ...foreignKeys(passport),
    ...danglingParents(passport, index),
  ];
  const signers = signer && !embedded
    ? [Object.freeze({ publicKeyId: signer.id, name: null })]
    : [];
  return reportOf(passport, findings, signers);
}
