/**
 * Whether the steps of a Python passport hang together: keys, parents, cycles.
 *
 * @module
 */

import type { Findings, Place } from "./context.ts";
import type { Finding } from "./report.ts";
import type { PythonEntry, PythonPassport } from "./python_types.ts";

/** Findings of one kind that are listed; the rest are counted. */
const LISTED = 100;

type Index = ReadonlyMap<string, PythonEntry>;

/** One finding per place: as many as are listed, and how many are not. */
function listUnknown(
  findings: Findings,
  kind: Pick<Finding, "aspect" | "code" | "message">,
  places: Iterable<Place>,
): void {
  const { aspect, code, message } = kind;
  let count = 0;
  for (const place of places) {
    if (count++ < LISTED) findings.unknown(aspect, code, message, place);
  }
  if (count <= LISTED) return;
  const left = `${count - LISTED} more findings of the kind ${code} are not listed.`;
  findings.note(aspect, "LIMIT", left);
}

function* foreignKeys(passport: PythonPassport): Generator<Place> {
  for (const { key, entryId, nodeId } of passport.entries) {
    if (key === entryId) continue;
    yield { entryId: key, nodeId, field: "entry_id", stored: entryId, computed: key };
  }
}

function* danglingParents(passport: PythonPassport, index: Index): Generator<Place> {
  for (const { key, nodeId, parentEntryIds } of passport.entries) {
    for (const parentId of parentEntryIds) {
      if (!index.has(parentId)) yield { entryId: key, nodeId, parentId };
    }
  }
}

/** How many edges lead to each entry from its children. */
function countChildren(index: Index): Map<string, number> {
  const children = new Map([...index.keys()].map((key) => [key, 0]));
  for (const { parentEntryIds } of index.values()) {
    for (const id of parentEntryIds) {
      const count = children.get(id);
      if (count !== undefined) children.set(id, count + 1);
    }
  }
  return children;
}

/** The entries that are left when those without children are taken away, again and again. */
function withEndlessDescent(index: Index): ReadonlySet<string> {
  const children = countChildren(index);
  const left = new Set(index.keys());
  const ready = [...left].filter((key) => children.get(key) === 0);
  for (let key = ready.pop(); key !== undefined; key = ready.pop()) {
    left.delete(key);
    for (const id of index.get(key)!.parentEntryIds) {
      const count = (children.get(id) ?? 0) - 1;
      children.set(id, count);
      if (count === 0) ready.push(id);
    }
  }
  return left;
}

function checkCycles(findings: Findings, passport: PythonPassport, index: Index): void {
  const left = withEndlessDescent(index);
  const entry = passport.entries.find(({ key }) => left.has(key));
  if (!entry) return;
  findings.fail(
    "integrity",
    "KIND_SHAPE",
    `Entries are their own ancestors: ${left.size} entries lie on a cycle or above one.`,
    { entryId: entry.key, nodeId: entry.nodeId, field: "parent_entry_ids" },
  );
}

/** Checks that keys are entry ids, that parents are there, and that none is its own ancestor. */
export function checkPythonShape(findings: Findings, passport: PythonPassport): void {
  const index = new Map(passport.entries.map((entry) => [entry.key, entry]));
  checkCycles(findings, passport, index);
  listUnknown(findings, {
    aspect: "integrity",
    code: "KIND_SHAPE",
    message: "The entry has another entry_id than its key in history.",
  }, foreignKeys(passport));
  listUnknown(findings, {
    aspect: "completeness",
    code: "TRUNCATED",
    message: "A parent of this entry is not in the passport.",
  }, danglingParents(passport, index));
}
