/**
 * Reading passports from outside (SPEC 2): size, text, schema, structure. What
 * comes out has the right shape; nothing here says that it is true.
 *
 * @module
 */

import { type Issue, KestError, messageOf, ParseError } from "../base/errors.ts";
import { type Limits, resolveLimits } from "../base/limits.ts";
import { refuseUnknown } from "../base/options.ts";
import { canonicalize } from "../bytes/canonical.ts";
import { fromUtf8 } from "../bytes/encoding.ts";
import { parseJsonStrictly, scanJson } from "../bytes/json_text.ts";
import { entryHash } from "./binding.ts";
import { type Entry, type Origin, VERSION } from "./entry.ts";
import { linkEntries } from "./link.ts";
import { withoutParents } from "./node.ts";
import { compareOrigin } from "./passport_origin.ts";
import { isPrototypeName } from "./names.ts";
import { type Passport, passportFrom } from "./passport.ts";
import { checkOrigin, readEntry } from "./read_entry.ts";
import { readSeal } from "./read_seal.ts";
import { Reader, TooManyIssues } from "./reader.ts";
import type { Seal } from "./seal.ts";

const WHAT = "The passport";
const PASSPORT = new Set(["history", "origin", "seals", "version"]);
const RESERVED = new Set(["stubs"]);
const OPTIONS = new Set(["limits"]);

/** Options of {@linkcode parsePassport}. */
export interface ParseOptions {
  /** Limits that replace the defaults. */
  readonly limits?: Partial<Limits>;
}

function refuse(code: Issue["code"], message: string, path = ""): never {
  throw new ParseError(WHAT, [{ code, path, message }]);
}

/** The text of untrusted input; a value that was parsed elsewhere is written out again. */
function textOf(input: unknown, limits: Limits): string {
  if (typeof input === "string") {
    if (input.length > limits.bytes) refuse("LIMIT", `Longer than ${limits.bytes} characters`);
    return input;
  }
  const bytes = input instanceof ArrayBuffer ? new Uint8Array(input) : input;
  if (bytes instanceof Uint8Array) {
    if (bytes.length > limits.bytes) refuse("LIMIT", `Longer than ${limits.bytes} bytes`);
    try {
      return fromUtf8(bytes);
    } catch {
      return refuse("UTF8", "Not valid UTF-8");
    }
  }
  try {
    return textOf(canonicalize(input), limits);
  } catch (error) {
    if (!(error instanceof KestError) || error instanceof ParseError) throw error;
    return refuse("FIELD_TYPE", error.message, error.path);
  }
}

/** The strict reader's opinion: it knows the path of what `JSON.parse` only dislikes. */
function explain(text: string, limits: Limits): void {
  parseJsonStrictly(text, { what: WHAT, depth: limits.depth, stringLength: limits.stringLength });
}

/** Parses text within the limits; also says how many members the text has (SPEC 2.1). */
function parseText(
  text: string,
  limits: Limits,
): { readonly value: unknown; readonly members: number } {
  const shape = scanJson(text);
  if (shape.depth > limits.depth || shape.longest > limits.stringLength) explain(text, limits);
  try {
    return { value: JSON.parse(text), members: shape.members };
  } catch (error) {
    explain(text, limits);
    return refuse("JSON", messageOf(error));
  }
}

interface Contents {
  readonly origin: Origin | null;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly seals: readonly Seal[];
}

function readPassport(r: Reader, value: unknown): Contents | undefined {
  const passport = r.object(value, undefined, PASSPORT, RESERVED);
  if (passport === undefined) return undefined;
  if (Object.hasOwn(passport, "stubs")) {
    r.issue("STUBS", "Pruned ancestors are reserved for a later version", "stubs");
  }
  checkOrigin(r, passport["origin"], "origin");
  const entries = readHistory(r, passport["history"]);
  const seals: Seal[] = [];
  r.array(passport["seals"], "seals", r.limits.seals, (reader, item, index) => {
    const seal = readSeal(reader, item, index);
    if (seal) seals.push(seal);
  });
  const twice = secondOf(seals);
  if (twice >= 0) r.issue("DAG_SHAPE", "The same seal is listed before", "seals", twice);
  const heads = seals.reduce((sum, seal) => sum + seal.heads.length, 0);
  if (heads > r.limits.sealHeads) {
    r.issue("LIMIT", `${heads} heads in all; at most ${r.limits.sealHeads} are read`, "seals");
  }
  const origin = passport["origin"] as Origin | null;
  return { origin, entries, seals: Object.freeze(seals) };
}

/** Seals are a set: nothing signs their list, so a second copy would go unseen. */
function secondOf(seals: readonly Seal[]): number {
  if (new Set(seals.map((seal) => seal.signature)).size === seals.length) return -1;
  const seen = new Set<string>();
  return seals.findIndex((seal) => seen.size === seen.add(canonicalize(seal)).size);
}

function readHistory(r: Reader, value: unknown): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  const history = r.record(value, "history") ?? {};
  const ids = Object.keys(history);
  if (ids.length === 0) r.issue("DAG_SHAPE", "Holds no entries", "history");
  if (ids.length > r.limits.entries) {
    const message = `${ids.length} entries; at most ${r.limits.entries} are read`;
    r.issue("LIMIT", message, "history");
    return entries;
  }
  const byHash = new Map<string, Entry>();
  const twins = new Set<Entry>();
  r.at("history", () => {
    for (const id of ids) {
      if (isPrototypeName(id)) r.issue("JSON_PROTO", "Name is reserved by JavaScript", id);
      const entry = readEntry(r, history[id], id);
      if (entry === undefined) continue;
      entries.set(id, entry);
      if (entry.entry_id !== id) {
        r.issue("ENTRY_ID", "Differs from the name it is stored under", id, "entry_id");
        continue;
      }
      const other = byHash.get(entry.entry_hash);
      if (other === undefined) byHash.set(entry.entry_hash, entry);
      else for (const twin of [other, entry]) twins.add(twin);
    }
    refuseTwins(r, twins);
  });
  return entries;
}

/** Of entries that claim one hash, names those whose it is not. */
function refuseTwins(r: Reader, twins: ReadonlySet<Entry>): void {
  for (const entry of twins) {
    if (entryHash(entry) === entry.entry_hash) continue;
    r.issue("DAG_SHAPE", "Another entry claims the same hash", entry.entry_id, "entry_hash");
  }
}

function build(r: Reader, value: unknown): Passport | undefined {
  const contents = readPassport(r, value);
  if (contents === undefined || r.issues.length > 0) return undefined;
  const linked = linkEntries(r, contents.entries);
  if (r.issues.length > 0) return undefined;
  const nodes = new Map(linked.map((node) => [node.hash, node]));
  compareOrigin(r, contents, nodes);
  return passportFrom(withoutParents(nodes), contents.seals);
}

function refuseVersion(value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  const record = value as Record<string, unknown>;
  if (!Object.hasOwn(record, "version")) {
    if (Object.hasOwn(record, "history") && Object.hasOwn(record, "origin")) {
      throw new KestError(
        "PYTHON_PASSPORT",
        "Written by the Python package: use parsePythonPassport and verifyPythonPassport",
      );
    }
    refuse("VERSION", `Not a passport: member version is missing; expected "${VERSION}"`);
  }
  if (record["version"] !== VERSION) {
    refuse("VERSION", `Version is not known; this module reads "${VERSION}" only`, "/version");
  }
}

/**
 * Reads a passport from untrusted text, bytes or parsed JSON (SPEC 2). The
 * result has the right shape, but is not verified: pass it to `verifyPassport`.
 *
 * @param input JSON text, its UTF-8 bytes, or a value somebody else parsed.
 * @throws {ParseError} with every problem found, each with a code and a path.
 * @throws {KestError} `PYTHON_PASSPORT` for a passport of the Python package.
 * @throws {RangeError} if a limit is not a positive integer.
 * @throws {TypeError} for an unknown limit.
 *
 * @example
 * ```ts
 * import { originate, ParseError, parsePassport } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const { passport } = await originate({ id: 7 });
 * const text = JSON.stringify(passport);
 * assert.deepEqual(parsePassport(text).toJSON(), passport.toJSON());
 * assert.throws(() => parsePassport('{"version":"kest/v1"}'), ParseError);
 * ```
 */
export function parsePassport(input: unknown, options: ParseOptions = {}): Passport {
  refuseUnknown(options, OPTIONS, "parsePassport");
  const limits = resolveLimits(options.limits);
  const text = textOf(input, limits);
  const { value, members } = parseText(text, limits);
  refuseVersion(value);
  const r = new Reader(limits);
  let passport: Passport | undefined;
  try {
    passport = build(r, value);
  } catch (error) {
    if (!(error instanceof TooManyIssues)) throw error;
  }
  // A name used twice hides a member from JSON.parse; the text still counts it.
  if (r.members !== members) explain(text, limits);
  const [first, ...rest] = r.issues;
  if (first !== undefined) throw new ParseError(WHAT, [first, ...rest]);
  if (passport === undefined || r.members !== members) refuse("JSON", "Members do not add up");
  return passport;
}
