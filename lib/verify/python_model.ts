/**
 * Reading passports of the Python package kest 0.1 and 0.2 with the model that
 * wrote them.
 *
 * @module
 */

import { type Limits, resolveLimits } from "../base/limits.ts";
import { fromUtf8, utf8 } from "../bytes/encoding.ts";
import { parseJsonStrictly } from "../bytes/json_text.ts";
import type { JsonObject } from "../lineage/reader.ts";
import { memberOrder } from "./python_json.ts";
import { isObject, PythonObject, PythonReading, refuse, WHAT } from "./python_object.ts";
import { unwrapPythonSample } from "./python_sample.ts";
import type {
  PythonEntry,
  PythonKestVersion,
  PythonOrigin,
  PythonPassport,
  PythonSample,
} from "./python_types.ts";

const PASSPORT = new Set(["origin", "history", "signature", "public_key_id"]);
const ORIGIN = new Set(["user_id", "session_id", "policies"]);
const POLICIES = new Set(["curated_refs", "inline_rules"]);
const ENTRY_0_1 = new Set([
  ...["entry_id", "parent_entry_ids", "node_id", "timestamp_ms"],
  ...["input_state_hash", "content_hash", "environment", "labels"],
  ...["added_taint", "accumulated_taint"],
]);
const ENTRY_0_2 = new Set([...ENTRY_0_1, "trust_score"]);

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

function readOrigin(passport: PythonObject): PythonOrigin {
  passport.require("origin");
  const origin = passport.object("origin", ORIGIN);
  const policies = origin.object("policies", POLICIES);
  return Object.freeze({
    userId: origin.text("user_id"),
    sessionId: origin.text("session_id"),
    curatedRefs: policies.texts("curated_refs"),
    inlineRules: policies.textOrNull("inline_rules"),
  });
}

function readEntry(
  history: PythonObject,
  key: string,
  version: PythonKestVersion,
  limits: Limits,
): PythonEntry {
  history.name(key);
  const entry = history.object(key, version === "0.1" ? ENTRY_0_1 : ENTRY_0_2);
  const timestamp = entry.int("timestamp_ms");
  const entryId = entry.text("entry_id");
  entry.require("parent_entry_ids");
  return Object.freeze({
    key,
    entryId,
    parentEntryIds: entry.texts("parent_entry_ids", limits.parents),
    nodeId: entry.text("node_id"),
    timestampMs: Number(timestamp),
    timestampText: timestamp,
    inputStateHash: entry.text("input_state_hash"),
    contentHash: entry.text("content_hash"),
    environment: entry.textMap("environment"),
    labels: entry.textMap("labels"),
    addedTaint: entry.texts("added_taint"),
    accumulatedTaint: entry.texts("accumulated_taint"),
    trustScore: version === "0.1" ? null : entry.floatOr("trust_score", 1),
  });
}

/** History keys in file order: from the text where an object has lost it. */
function keysInOrder(
  history: JsonObject,
  text: string | undefined,
  root: readonly string[],
): readonly string[] {
  const keys = Object.keys(history);
  const mayBeMoved = keys.length > 1 && /^[0-9]+$/.test(keys[0]!);
  return text !== undefined && mayBeMoved ? memberOrder(text, [...root, "history"]) : keys;
}

/** The versions whose signed form this may be; the first one reads it. */
function versionsOf(history: JsonObject): readonly [PythonKestVersion, ...PythonKestVersion[]] {
  const scored = Object.values(history)
    .some((entry) => isObject(entry) && Object.hasOwn(entry, "trust_score"));
  return scored ? ["0.2"] : ["0.1", "0.2"];
}

function readPassport(
  value: unknown,
  sample: PythonSample | undefined,
  text: string | undefined,
  reading: PythonReading,
): PythonPassport {
  const { limits, root } = reading;
  const passport = new PythonObject(reading, value, [], PASSPORT);
  const origin = readOrigin(passport);
  const history = passport.object("history");
  const keys = keysInOrder(history.members, text, root);
  if (keys.length > limits.entries) {
    reading.issue("LIMIT", ["history"], `More than ${limits.entries} entries`);
    reading.finish();
  }
  const named = sample?.kestVersion;
  const signedAs = named ? [named] as const : versionsOf(history.members);
  const kestVersion = signedAs[0];
  const entries = keys.map((key) => readEntry(history, key, kestVersion, limits));
  const signature = passport.textOr("signature", "");
  const publicKeyId = passport.text("public_key_id");
  reading.finish();
  return Object.freeze({
    kestVersion,
    signedAs: Object.freeze(signedAs),
    origin,
    entries: Object.freeze(entries),
    signature,
    publicKeyId,
    uncovered: Object.freeze(reading.uncovered),
    uncoveredCount: reading.uncoveredCount,
    embeddedKey: sample?.embeddedKey ?? null,
  });
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
  input: unknown,
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
  const reading = new PythonReading(resolved, sample ? ["passport"] : []);
  return readPassport(sample ? sample.passport : value, sample, text, reading);
}
