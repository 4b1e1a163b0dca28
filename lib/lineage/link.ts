/**
 * Links entries to their parents (SPEC 2.5): no parent is missing, and no entry
 * is its own ancestor.
 *
 * @module
 */

import { entryHash } from "./binding.ts";
import type { Entry } from "./entry.ts";
import { type EntryNode, makeNode } from "./node.ts";
import type { Reader } from "./reader.ts";

type Entries = ReadonlyMap<string, Entry>;

/** The parents of an entry, if all of them are linked. */
function linkedParents(
  nodes: ReadonlyMap<string, EntryNode>,
  entry: Entry,
): EntryNode[] | undefined {
  const parents: EntryNode[] = [];
  for (const id of entry.parent_entry_ids) {
    const parent = nodes.get(id);
    if (parent === undefined) return undefined;
    parents.push(parent);
  }
  return parents;
}

/** The nodes, parents before children; incomplete where an issue was noted. */
export function linkEntries(r: Reader, entries: Entries): EntryNode[] {
  const nodes = new Map<string, EntryNode>();
  const left = new Map<string, Entry>();
  // Most files list parents before children: then this is all there is to do.
  for (const [id, entry] of entries) {
    const parents = linkedParents(nodes, entry);
    if (parents) nodes.set(id, makeNode(entry, parents, "parsed"));
    else left.set(id, entry);
  }
  if (left.size > 0) linkRest(r, entries, nodes, left);
  return [...nodes.values()];
}

/** The children of each entry that is left, by ids. Notes parents that are not there. */
function childrenIn(r: Reader, entries: Entries, left: Entries): Map<string, string[]> {
  const children = new Map<string, string[]>();
  for (const [id, { parent_entry_ids: parents }] of left) {
    for (const [index, parent] of parents.entries()) {
      if (!entries.has(parent)) {
        const message = `Parent ${parent} is missing`;
        r.issue("DAG_DANGLING", message, "history", id, "parent_entry_ids", index);
      } else if (left.has(parent) && !children.get(parent)?.push(id)) {
        children.set(parent, [id]);
      }
    }
  }
  return children;
}

/** Links what comes before a parent of its own; `nodes` grows. */
function linkRest(
  r: Reader,
  entries: Entries,
  nodes: Map<string, EntryNode>,
  left: Map<string, Entry>,
): void {
  const children = childrenIn(r, entries, left);
  if (r.issues.length > 0) return;
  const waiting = new Map<string, number>();
  const ready: string[] = [];
  for (const [id, { parent_entry_ids: parents }] of left) {
    const missing = parents.filter((parent) => left.has(parent)).length;
    waiting.set(id, missing);
    if (missing === 0) ready.push(id);
  }
  for (const id of ready) {
    const entry = left.get(id)!;
    nodes.set(id, makeNode(entry, linkedParents(nodes, entry)!, "parsed"));
    for (const child of children.get(id) ?? []) {
      const missing = waiting.get(child)! - 1;
      waiting.set(child, missing);
      if (missing === 0) ready.push(child);
    }
  }
  const cyclic = [...left].filter(([id]) => !nodes.has(id));
  if (cyclic.length > 0) refuseCycles(r, new Map(cyclic));
}

/** Drops entries from which none of the others descends, until only cycles are left. */
function withoutDescendants(entries: Map<string, Entry>): void {
  const children = new Map<string, number>();
  const parentsOf = (entry: Entry) => entry.parent_entry_ids.filter((id) => entries.has(id));
  for (const entry of entries.values()) {
    for (const id of parentsOf(entry)) children.set(id, (children.get(id) ?? 0) + 1);
  }
  const childless = [...entries.keys()].filter((id) => !children.has(id));
  for (const id of childless) {
    const parents = parentsOf(entries.get(id)!);
    entries.delete(id);
    for (const parent of parents) {
      const left = children.get(parent)! - 1;
      children.set(parent, left);
      if (left === 0) childless.push(parent);
    }
  }
}

/**
 * What is left over hangs on a cycle. No hashes can agree all around one, so it
 * is named where they do not: at an edge, or at an entry that claims a false one.
 */
function refuseCycles(r: Reader, left: Map<string, Entry>): void {
  withoutDescendants(left);
  const before = r.issues.length;
  const turn = (id: string, index: number) =>
    r.issue(
      "DAG_CYCLE",
      "Makes the entry its own ancestor",
      "history",
      id,
      "parent_entry_ids",
      index,
    );
  for (const [id, entry] of left) {
    for (const [index, parent] of entry.parent_entry_ids.entries()) {
      const hash = left.get(parent)?.entry_hash;
      if (hash !== undefined && hash !== entry.parent_hashes[index]) turn(id, index);
    }
  }
  if (r.issues.length > before) return;
  const wrong = [...left].filter(([, entry]) => entryHash(entry) !== entry.entry_hash);
  for (const [id, entry] of wrong.length > 0 ? wrong : left) {
    turn(id, entry.parent_entry_ids.findIndex((parent) => left.has(parent)));
  }
}
