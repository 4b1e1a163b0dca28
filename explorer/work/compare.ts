/**
 * A second passport beside the open one: what only one of them has.
 *
 * @module
 */

import { KestError } from "../../lib/base/errors.ts";
import { canonicalize } from "../../lib/bytes/canonical.ts";
import type { Entry } from "../../lib/lineage/entry.ts";
import { partsOf } from "../../lib/lineage/passport.ts";
import type { AnyPassport } from "../../lib/verify/any_passport.ts";
import { type Changes, diffOf, type PassportDiff } from "../graph/diff.ts";
import { entriesOf } from "./entries.ts";

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

/** Entries by a name of theirs. */
type Named = ReadonlyMap<string, Entry>;

function first<T, U>(all: readonly T[], map: (each: T) => U): Some<U> {
  return { count: all.length, first: all.slice(0, LISTED).map(map) };
}

function sides({ added, removed, common }: Changes): Sides {
  const text = (each: string) => each;
  return { added: first(added, text), removed: first(removed, text), common: common.length };
}

/** Members that differ. What an entry says may differ although the hash that it claims is the same. */
function fieldsThatDiffer(a: Entry, b: Entry): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof Entry>;
  return [...names].filter((name) =>
    canonicalize(a[name] ?? null) !== canonicalize(b[name] ?? null)
  );
}

function partsOfKest(passport: AnyPassport) {
  if (passport.kind === "kest") {
    const { seals } = partsOf(passport.passport);
    return { entries: entriesOf(passport.passport), seals };
  }
  throw new KestError("PYTHON_PASSPORT", "Passports of the Python package cannot be compared");
}

/** Compares the open passport with a second one. @throws {KestError} if one is Python's. */
export function compare(open: AnyPassport, second: AnyPassport): Comparison {
  const [before, after] = [partsOfKest(open), partsOfKest(second)];
  const { entries: _, ...names } = diffOf(before, after);
  const numbers = new Map(before.entries.map(({ entry_id: id }, number) => [id, number]));
  const others: Named = new Map(after.entries.map((entry) => [entry.entry_id, entry]));
  const listed = ({ entry_id: id, node_id: nodeId }: Entry, fields: string[] = []): OtherEntry => ({
    ...{ id, nodeId, fields },
    node: numbers.get(id) ?? -1,
  });
  const changed: OtherEntry[] = [];
  let common = 0;
  for (const entry of before.entries) {
    const other = others.get(entry.entry_id);
    const fields = other ? fieldsThatDiffer(entry, other) : [];
    if (fields.length > 0) changed.push(listed(entry, fields));
    else if (other) common++;
  }
  return {
    added: first(after.entries.filter(({ entry_id: id }) => !numbers.has(id)), (e) => listed(e)),
    removed: first(before.entries.filter(({ entry_id: id }) => !others.has(id)), (e) => listed(e)),
    changed: first(changed, (each) => each),
    common,
    names: Object.fromEntries(
      Object.entries(names).map(([name, changes]) => [name, sides(changes)]),
    ) as Comparison["names"],
  };
}
