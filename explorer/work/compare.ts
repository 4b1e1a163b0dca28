/**
 * A second passport beside the open one: what only one of them has.
 *
 * @module
 */

import { KestError } from "../../lib/base/errors.ts";
import type { Entry } from "../../lib/lineage/entry.ts";
import { partsOf } from "../../lib/lineage/passport.ts";
import type { AnyPassport } from "../../lib/verify/any_passport.ts";
import { type Changes, diffOf, type PassportDiff } from "../graph/diff.ts";

/** Names of one kind that are listed, on each side. */
const LISTED = 500;

/** An entry that only one passport has, or that both have and that differs. */
export interface OtherEntry {
  readonly id: string;
  readonly nodeId: string;
  /** Its number in the open passport; -1: it is not there. */
  readonly node: number;
  /** Members that differ, where both have an entry with this id. */
  readonly fields: readonly string[];
}

/** The first of some things, and how many there are. */
export interface Some<T> {
  readonly count: number;
  readonly first: readonly T[];
}

/** What only one side has. */
export interface Sides {
  /** Only the second passport has them. */
  readonly added: Some<string>;
  /** Only the open passport has them. */
  readonly removed: Some<string>;
  /** How many both have. */
  readonly common: number;
}

/** What differs between the open passport and a second one. */
export interface Comparison {
  readonly added: Some<OtherEntry>;
  readonly removed: Some<OtherEntry>;
  /** Entries with the same id and another content. */
  readonly changed: Some<OtherEntry>;
  readonly common: number;
  readonly names: Readonly<Record<Exclude<keyof PassportDiff, "entries">, Sides>>;
}

interface Side {
  readonly entries: readonly Entry[];
  readonly byHash: ReadonlyMap<string, number>;
  readonly byId: ReadonlyMap<string, number>;
}

function first<T, U>(all: readonly T[], map: (each: T) => U): Some<U> {
  return { count: all.length, first: all.slice(0, LISTED).map(map) };
}

function sides({ added, removed, common }: Changes): Sides {
  const text = (each: string) => each;
  return { added: first(added, text), removed: first(removed, text), common: common.length };
}

function sideOf(entries: readonly Entry[]): Side {
  return {
    entries,
    byHash: new Map(entries.map((entry, number) => [entry.entry_hash, number])),
    byId: new Map(entries.map((entry, number) => [entry.entry_id, number])),
  };
}

function fieldsThatDiffer(a: Entry, b: Entry): string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof Entry>;
  return [...names].filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
}

function partsOfKest(passport: AnyPassport) {
  if (passport.kind === "kest") {
    const { history } = passport.passport;
    return { entries: Object.values(history), seals: partsOf(passport.passport).seals };
  }
  throw new KestError("PYTHON_PASSPORT", "Passports of the Python package cannot be compared");
}

/** Compares the open passport with a second one. @throws {KestError} if one is Python's. */
export function compare(open: AnyPassport, second: AnyPassport): Comparison {
  const [before, after] = [partsOfKest(open), partsOfKest(second)];
  const { entries, ...names } = diffOf(before, after);
  const [own, other] = [sideOf(before.entries), sideOf(after.entries)];
  const entry = (side: Side) => (hash: string): OtherEntry => {
    const { entry_id: id, node_id: nodeId } = side.entries[side.byHash.get(hash)!]!;
    return { id, nodeId, node: own.byId.get(id) ?? -1, fields: [] };
  };
  const isIn = (side: Side, hash: string, from: Side) =>
    side.byId.has(from.entries[from.byHash.get(hash)!]!.entry_id);
  const changed = entries.removed.filter((hash) => isIn(other, hash, own));
  return {
    added: first(entries.added.filter((hash) => !isIn(own, hash, other)), entry(other)),
    removed: first(entries.removed.filter((hash) => !isIn(other, hash, own)), entry(own)),
    changed: first(changed, (hash) => {
      const listed = entry(own)(hash);
      const twin = other.entries[other.byId.get(listed.id)!]!;
      return { ...listed, fields: fieldsThatDiffer(own.entries[listed.node]!, twin) };
    }),
    common: entries.common.length,
    names: Object.fromEntries(
      Object.entries(names).map(([name, changes]) => [name, sides(changes)]),
    ) as Comparison["names"],
  };
}
