/**
 * Steps 2 and 3 of verification: every entry against its own hash, and every
 * edge against the hash of the parent that it leads to (SPEC 6.2).
 *
 * @module
 */

import { entryHash } from "../lineage/binding.ts";
import type { EntryNode } from "../lineage/node.ts";
import { type ChangedMember, MemberFinder } from "./changed_member.ts";
import { named, placeOf, type VerifyContext } from "./context.ts";
import type { Doubts } from "./doubts.ts";

/** The changed entries by their stored hash, and what is known of the change. */
interface Changes {
  readonly computed: Map<string, string>;
  readonly members: Map<string, ChangedMember>;
}

/** Hears how many of all entries are hashed. */
export type OnProgress = (done: number, entries: number) => void;

/** Entries between two tellings of it. */
const STEP = 1_000;

/** Step 2: recompute every entry hash; reports the entries that were changed. */
function checkHashes(context: VerifyContext, onProgress?: OnProgress): Changes {
  const computed = new Map<string, string>();
  const members = new Map<string, ChangedMember>();
  const { entries } = context;
  entries.forEach((node, index) => {
    const hash = entryHash(node.body);
    if (hash !== node.hash) computed.set(node.hash, hash);
    if ((index + 1) % STEP === 0) onProgress?.(index + 1, entries.length);
  });
  const finder = computed.size > 0 ? new MemberFinder(context) : undefined;
  for (const [stored, hash] of computed) {
    const node = context.nodes.get(stored)!;
    const member = finder!.find(node);
    if (member) members.set(stored, member);
    reportChanged(context, node, member ?? { field: "entry_hash", stored, computed: hash });
  }
  return { computed, members };
}

function reportChanged(context: VerifyContext, node: EntryNode, member: ChangedMember): void {
  const why = member.field === "entry_hash"
    ? "its hash does not match its content"
    : `its ${member.field} is not the one that was hashed`;
  context.findings.fail(
    "integrity",
    "ENTRY_CHANGED",
    `${named(node)} was changed: ${why}`,
    placeOf(node, member),
  );
}

/** Members whose change turns edges: known to be what is wrong with them. */
const TURNS_EDGES = new Set(["parent_entry_ids", "parent_hashes"]);

/**
 * Step 3: every edge names the hash that its parent has. A parent whose hash was
 * recomputed after a change shows here, at the edge.
 */
function checkEdges(context: VerifyContext, { computed, members }: Changes): Doubts {
  const [replaced, misled] = [new Set<string>(), new Set<string>()];
  const names = new Map<string, string>();
  for (const [stored, hash] of computed) names.set(hash, stored);
  for (const node of context.entries) {
    const isTurned = TURNS_EDGES.has(members.get(node.hash)?.field ?? "");
    node.parents.forEach((parent, index) => {
      const stored = node.body.parent_hashes[index]!;
      if (stored === parent.hash || isTurned) return;
      // The parent's content is what this edge names: only its hash was changed.
      if (stored === computed.get(parent.hash)) return;
      if (!names.has(stored)) names.set(stored, parent.hash);
      replaced.add(parent.hash);
      misled.add(node.hash);
      reportEdge(context, node, parent, index);
    });
  }
  return { changed: computed, replaced, misled, names, misscored: new Set() };
}

function reportEdge(
  context: VerifyContext,
  node: EntryNode,
  parent: EntryNode,
  index: number,
): void {
  const { entry_id: parentId, node_id: parentNode } = parent.body;
  context.findings.fail(
    "integrity",
    "EDGE_CHANGED",
    `${named(node)} descends from another version of entry ${parentId} (${parentNode})`,
    placeOf(node, {
      parentId,
      field: `parent_hashes/${index}`,
      stored: node.body.parent_hashes[index]!,
      computed: parent.hash,
    }),
  );
}

/** Steps 2 and 3; returns what later steps cannot rely on. */
export function checkBinding(context: VerifyContext, onProgress?: OnProgress): Doubts {
  return checkEdges(context, checkHashes(context, onProgress));
}
