/**
 * What `kest show` draws, the same for both kinds of passports.
 *
 * @module
 */

import { type EntryNode, reach } from "../lineage/node.ts";
import { partsOf, type Passport } from "../lineage/passport.ts";
import type { PythonEntry, PythonPassport } from "../verify/python.ts";

/** One entry as it is drawn. */
export interface DrawnEntry {
  /** Its id. */
  readonly id: string;
  /** The name of the step. */
  readonly node: string;
  /** What it records; `null` where that is not on record. */
  readonly kind: string | null;
  /** Ids of the entries it descends from. */
  readonly parents: readonly string[];
  /** Taints of its result. */
  readonly taints: readonly string[];
  /** Taints that it removed. */
  readonly removedTaints: readonly string[];
  /** Its trust score; `null` where that is not on record. */
  readonly trustScore: number | null;
}

/** Entries to draw. */
export interface Drawing {
  /** Ids of the entries from which no other descends. */
  readonly heads: readonly string[];
  /** The entries by id. */
  readonly entries: ReadonlyMap<string, DrawnEntry>;
}

function drawnNode({ body }: EntryNode): DrawnEntry {
  return {
    id: body.entry_id,
    node: body.node_id,
    kind: body.kind,
    parents: body.parent_entry_ids,
    taints: body.accumulated_taint,
    removedTaints: body.removed_taint,
    trustScore: body.trust_score,
  };
}

/** A passport of this module. */
export function drawingOf(passport: Passport): Drawing {
  const { heads } = partsOf(passport);
  const entries = new Map<string, DrawnEntry>();
  for (const node of reach(heads).values()) entries.set(node.body.entry_id, drawnNode(node));
  return { heads: heads.map((head) => head.body.entry_id), entries };
}

function drawnPython(entry: PythonEntry): DrawnEntry {
  return {
    id: entry.key,
    node: entry.nodeId,
    kind: null,
    parents: entry.parentEntryIds,
    taints: entry.accumulatedTaint,
    removedTaints: [],
    trustScore: entry.trustScore,
  };
}

/** A passport of the Python package; its entries may lie on cycles. */
export function drawingOfPython(passport: PythonPassport): Drawing {
  const entries = new Map(passport.entries.map((entry) => [entry.key, drawnPython(entry)]));
  const parents = new Set(passport.entries.flatMap((entry) => entry.parentEntryIds));
  return { heads: [...entries.keys()].filter((id) => !parents.has(id)), entries };
}
