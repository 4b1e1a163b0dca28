/**
 * Every change of a passport that a forger might make: each value of each entry
 * and seal in turn, alone or with hashes recomputed, and entries and seals
 * dropped, copied, swapped and hung elsewhere. Each says where it must be found.
 *
 * @module
 */

import {
  type ForgedEntry,
  type ForgedPassport,
  type ForgeKey,
  hashOf,
  inputHashOf,
  sha256,
  sorted,
  sortParents,
  withOrigin,
} from "./forge.ts";

/** How far hashes were recomputed after a change. */
export type Depth = "alone" | "rehashed" | "all-rehashed";

/** What was done, and where a verifier must find it. */
export interface Tampering {
  readonly name: string;
  /** The passport after it; entries that were not touched are shared with the original. */
  readonly passport: ForgedPassport;
  readonly depth: Depth;
  /** The ids of changed, added or removed entries. */
  readonly touched: readonly string[];
  /** Where the change lies in an entry, a seal or the passport, as segments. */
  readonly path: readonly string[];
  /** The index of a changed seal. */
  readonly seal?: number;
  /** What must be named. */
  readonly named: "copies" | "dangling" | "entries" | "handed-on" | "origin" | "seal" | "uncovered";
}

/** A value below an entry or a seal. */
export type Path = readonly string[];

/** Whatever JSON holds. */
// deno-lint-ignore no-explicit-any
export type Json = any;

const CHOICES: Readonly<Record<string, readonly unknown[]>> = {
  cause: [null, "timeout", "undefined"],
  content_kind: ["json", "bytes", "items", "none", "undefined"],
  engine: ["opa-wasm", "opa-local", null],
  kind: ["step", "failed", "denied", "declassify", "originate", "json", "bytes"],
  profile: ["basic", "history"],
  result: ["allow", "deny"],
  source: ["enforced", "origin"],
  stream: [null, "complete", "cancelled"],
  trust_rule: ["min", "custom"],
};

const ROLES = ["ambient", "argument", "inner", "read", "result"];
const HASH = /^[0-9a-f]{64}$/;
const ID = /^[0-9a-f]{8}-/;

/** Other values of the right form, where there are any. */
function othersOf(value: Json, path: Path, keys: readonly ForgeKey[]): unknown[] {
  const name = path[path.length - 1]!;
  if (name === "public_key_id") return [keys.find((key) => key.id !== value)!.id, null];
  if (path.includes("parent_roles")) return [ROLES.find((role) => role !== value)];
  if (Object.hasOwn(CHOICES, name)) {
    return CHOICES[name]!.filter((choice) => choice !== value).slice(0, 2);
  }
  if (typeof value === "boolean") return [!value];
  if (typeof value === "number") {
    return name.endsWith("score") ? [0.37] : [value + 1, value + 10_000_000];
  }
  if (typeof value === "string") {
    if (HASH.test(value)) return [sha256(value), `${value.slice(0, 63)}${flipped(value)}`];
    if (ID.test(value)) return [`${value.slice(0, -1)}${flipped(value)}`];
    return [`${value}x`, value.slice(0, -1)];
  }
  if (value === null) return name === "reason" ? ["so be it"] : ["x"];
  return othersOfContainer(value, path);
}

function flipped(hex: string): string {
  return hex.endsWith("f") ? "e" : "f";
}

function othersOfContainer(value: Json, path: Path): unknown[] {
  if (Array.isArray(value)) {
    const isTaints = path[path.length - 1]!.endsWith("_taint");
    const more = isTaints ? [[...value, "zz"]] : value.length > 0 ? [[...value, value[0]]] : [];
    return value.length > 0 ? [...more, value.slice(1), [...value].reverse()] : more;
  }
  const names = Object.keys(value);
  if (!["environment", "extensions", "labels"].includes(path[0]!)) return [];
  const { [names[0]!]: first, ...rest } = value;
  return [{ ...value, Added: "x" }, rest, { ...rest, Renamed: first }];
}

/** Paths of everything in a value, containers too, the value itself not. */
function pathsIn(value: Json, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).flatMap((name) => {
    const here = [...path, name];
    return [here, ...pathsIn(value[name], here)];
  });
}

function valueAt(value: Json, path: Path): Json {
  return path.reduce((at, name) => at[name], value);
}

/** A copy with another value at a path. */
export function withValue<T>(whole: T, path: Path, value: unknown): T {
  const copy = structuredClone(whole);
  const last = path[path.length - 1]!;
  valueAt(copy, path.slice(0, -1))[last] = value;
  return copy;
}

/** One value of another. */
interface Change<T> {
  readonly path: Path;
  /** Makes the changed copy. */
  readonly copy: () => T;
  /** Whether it is also tried with hashes recomputed: one value that could stand there. */
  readonly isDeep: boolean;
}

const ILLEGAL = { not: ["that"] };

/** Every change of a value. */
function* changesOf<T>(whole: T, keys: readonly ForgeKey[]): Generator<Change<T>> {
  for (const path of pathsIn(whole)) {
    const old = valueAt(whole, path);
    let isTried = false;
    for (const other of [...othersOf(old, path, keys), ILLEGAL]) {
      if (JSON.stringify(other) === JSON.stringify(old)) continue;
      const isDeep = !isTried && other !== ILLEGAL;
      isTried = true;
      yield { path, copy: () => withValue(whole, path, other), isDeep };
    }
  }
}

/** The passport with some entries replaced, hashes recomputed as far as `depth` says. */
export function tampered(
  honest: ForgedPassport,
  replaced: readonly ForgedEntry[],
  depth: Depth,
): ForgedPassport {
  const history = { ...honest.history };
  const changed = new Map<string, string>();
  for (const entry of replaced) {
    const before = entry.entry_hash;
    if (depth !== "alone") entry.entry_hash = hashOf(entry);
    changed.set(before, entry.entry_hash);
    history[entry.entry_id] = entry;
  }
  if (depth === "all-rehashed") {
    const own = new Set(replaced.map((entry) => entry.entry_id));
    for (const entry of sorted(Object.values(history))) {
      if (own.has(entry.entry_id) || !entry.parent_hashes.some((hash) => changed.has(hash))) {
        continue;
      }
      const copy = followed(structuredClone(entry), changed);
      changed.set(entry.entry_hash, copy.entry_hash);
      history[copy.entry_id] = copy;
    }
  }
  const passport = { ...honest, history };
  return depth === "alone" ? passport : withOrigin(passport);
}

/** An entry that follows its rehashed parents, its own hash recomputed. */
function followed(entry: ForgedEntry, changed: ReadonlyMap<string, string>): ForgedEntry {
  entry.parent_hashes = entry.parent_hashes.map((hash) => changed.get(hash) ?? hash);
  for (const input of entry.inputs) {
    if ("entry_hash" in input) input.entry_hash = changed.get(input.entry_hash) ?? input.entry_hash;
  }
  sortParents(entry);
  entry.input_state_hash = inputHashOf(entry);
  entry.entry_hash = hashOf(entry);
  return entry;
}

const DEPTHS: readonly Depth[] = ["alone", "rehashed", "all-rehashed"];

/** Every value of one entry changed, in three depths. */
export function* fieldTamperings(
  honest: ForgedPassport,
  entry: ForgedEntry,
  keys: readonly ForgeKey[],
): Generator<() => Tampering> {
  for (const { path, copy, isDeep } of changesOf(entry, keys)) {
    // To recompute a changed hash is to change nothing; for ids see `renamings`.
    const isOwn = path[0] === "entry_hash" || path[0] === "entry_id";
    for (const depth of isDeep && !isOwn ? DEPTHS : ["alone"] as const) {
      yield () => ({
        name: `${path.join("/")} of ${entry.entry_id} (${entry.node_id}), ${depth}`,
        passport: path[0] === "entry_id"
          ? { ...honest, history: { ...honest.history, [entry.entry_id]: copy() } }
          : tampered(honest, [copy()], depth),
        depth,
        touched: [entry.entry_id],
        path,
        named: "entries",
      });
      if (entry.parent_hashes.length > 0 || depth !== "rehashed") continue;
      yield () => ({
        name: `${path.join("/")} of ${entry.entry_id}, ${depth}, the passport's origin left`,
        passport: { ...tampered(honest, [copy()], depth), origin: honest.origin },
        ...{ depth, path, touched: [entry.entry_id], named: "entries" },
      });
    }
  }
}

/** Every value of one seal changed. */
export function* sealTamperings(
  honest: ForgedPassport,
  index: number,
  keys: readonly ForgeKey[],
): Generator<() => Tampering> {
  const put = (seal: Json) => ({ ...honest, seals: honest.seals.with(index, seal) });
  const about = { depth: "alone", touched: [], seal: index, named: "seal" } as const;
  for (const { path, copy } of changesOf(honest.seals[index]!, keys)) {
    yield () => ({
      ...{ ...about, path, passport: put(copy()) },
      name: `${path.join("/")} of seal ${index}`,
    });
  }
  for (const other of honest.seals) {
    if (other === honest.seals[index]) continue;
    for (const name of ["signature", "heads", "base", "audience", "sealed_at_ms"] as const) {
      if (other[name] === undefined) continue;
      yield () => ({
        ...{
          ...about,
          path: [name],
          passport: put({ ...honest.seals[index]!, [name]: other[name] }),
        },
        name: `${name} of seal ${index} taken from another`,
      });
    }
  }
  for (const name of ["audience", "nonce", "expires_at_ms"] as const) {
    const { [name]: gone, ...rest } = honest.seals[index]!;
    const copy = gone === undefined
      ? { ...rest, [name]: name === "expires_at_ms" ? 9e15 : "x" }
      : rest;
    yield () => ({
      ...{ ...about, path: [name], passport: put(copy) },
      name: `${name} of seal ${index} ${gone === undefined ? "added" : "removed"}`,
    });
  }
}

/** Every value of the passport's own origin changed. */
export function* originTamperings(
  honest: ForgedPassport,
  keys: readonly ForgeKey[],
): Generator<() => Tampering> {
  for (const { path, copy } of changesOf(honest.origin, keys)) {
    yield () => ({
      name: `origin/${path.join("/")}`,
      passport: { ...honest, origin: copy() },
      ...{ depth: "alone", touched: [], path: ["origin", ...path], named: "origin" },
    });
  }
}
