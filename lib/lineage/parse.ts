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
import { originKey } from "./derive.ts";
import { type Entry, type Origin, VERSION } from "./entry.ts";
import { byHash, type EntryNode, makeNode, type NodeMap, withoutParents } from "./node.ts";
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
  if (isTwiceIn(seals)) r.issue("DAG_SHAPE", "A seal is listed twice", "seals");
  const heads = seals.reduce((sum, seal) => sum + seal.heads.length, 0);
  if (heads > r.limits.sealHeads) {
    r.issue("LIMIT", `${heads} heads in all; at most ${r.limits.sealHeads} are read`, "seals");
  }
  const origin = passport["origin"] as Origin | null;
  return { origin, entries, seals: Object.freeze(seals) };
}

/** Seals are a set: nothing signs their list, so a second copy would go unseen. */
function isTwiceIn(seals: readonly Seal[]): boolean {
  return new Set(seals.map((seal) => seal.signature)).size < seals.length &&
    new Set(seals.map((seal) => canonicalize(seal))).size < seals.length;
}

function readHistory(r: Reader, value: unknown): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  const hashes = new Set<string>();
  const history = r.record(value, "history") ?? {};
  const ids = Object.keys(history);
  if (ids.length === 0) r.issue("DAG_SHAPE", "Holds no entries", "history");
  if (ids.length > r.limits.entries) {
    const message = `${ids.length} entries; at most ${r.limits.entries} are read`;
    r.issue("LIMIT", message, "history");
    return entries;
  }
  r.at("history", () => {
    for (const id of ids) {
      if (isPrototypeName(id)) r.issue("JSON_PROTO", "Name is reserved by JavaScript", id);
      const entry = readEntry(r, history[id], id);
      if (entry === undefined) continue;
      if (entry.entry_id !== id) {
        r.issue("ENTRY_ID", "Differs from the name it is stored under", id, "entry_id");
      }
      if (hashes.has(entry.entry_hash)) {
        r.issue("DAG_SHAPE", "Another entry claims the same hash", id, "entry_hash");
      }
      hashes.add(entry.entry_hash);
      entries.set(id, entry);
    }
  });
  return entries;
}

/** Links entries to their parents; what is left over hangs on a cycle (SPEC 2.5). */
function link(r: Reader, entries: ReadonlyMap<string, Entry>): Map<string, EntryNode> {
  const nodes = new Map<string, EntryNode>();
  const waiting = new Map<string, number>();
  const children = new Map<string, string[]>();
  const ready: string[] = [];
  for (const [id, { parent_entry_ids: parents }] of entries) {
    waiting.set(id, parents.length);
    if (parents.length === 0) ready.push(id);
    for (const parent of parents) {
      if (!entries.has(parent)) {
        r.issue("DAG_DANGLING", `Parent ${parent} is missing`, "history", id, "parent_entry_ids");
      } else if (!children.get(parent)?.push(id)) {
        children.set(parent, [id]);
      }
    }
  }
  if (r.issues.length > 0) return nodes;
  for (const id of ready) {
    const entry = entries.get(id)!;
    const parents = entry.parent_entry_ids.map((parent) => nodes.get(parent)!);
    nodes.set(id, makeNode(entry, parents, "parsed"));
    for (const child of children.get(id) ?? []) {
      const left = waiting.get(child)! - 1;
      waiting.set(child, left);
      if (left === 0) ready.push(child);
    }
  }
  for (const id of entries.keys()) {
    if (!nodes.has(id)) {
      r.issue("DAG_CYCLE", "Is its own ancestor, or descends from an entry that is", "history", id);
    }
  }
  return nodes;
}

/** The passport's origin is that of its first entry: no parents, the least hash (SPEC 4.5). */
function compareOrigin(r: Reader, origin: Origin | null, nodes: NodeMap): void {
  const parentless = [...nodes.values()].filter((node) => node.parents.length === 0).sort(byHash);
  for (const { body } of parentless) {
    if (body.origin !== null) continue;
    r.issue("DAG_SHAPE", "Has neither parents nor an origin", "history", body.entry_id);
  }
  const first = parentless[0]?.body;
  if (first === undefined || first.origin === null) return;
  if (origin === null || originKey(first.origin) !== originKey(origin)) {
    r.issue("FIELD", `Differs from the origin of the first entry, ${first.entry_id}`, "origin");
  }
}

function build(r: Reader, value: unknown): Passport | undefined {
  const contents = readPassport(r, value);
  if (contents === undefined || r.issues.length > 0) return undefined;
  const linked = link(r, contents.entries);
  if (r.issues.length > 0) return undefined;
  const nodes = new Map([...linked.values()].map((node) => [node.hash, node]));
  compareOrigin(r, contents.origin, nodes);
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
