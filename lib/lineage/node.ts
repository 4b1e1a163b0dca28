/**
 * Entries in memory: frozen, each pointing at its parents. A new step costs the
 * same after ten steps and after a million, and branches never see each other.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import type { Signer } from "../keys/signer.ts";
import { canonicalEntry } from "./binding.ts";
import { unionOrigins } from "./derive.ts";
import type { Entry, Origin } from "./entry.ts";

/**
 * How this process came to hold an entry: it made it, it verified it at import,
 * or it merely read it. Only the first two may ever be sealed (SPEC 5.4).
 */
export type Provenance = "imported" | "made" | "parsed";

/** One entry with its parents. */
export interface EntryNode {
  /**
   * The entry, its members in RFC 8785 order with `entry_hash` last. Never
   * changed; frozen before anybody outside sees it ({@linkcode exposed}).
   */
  readonly body: Entry;
  /** The entry hash: computed for made entries, as stored for parsed ones. */
  readonly hash: string;
  /** The parents, in the order of `body.parent_hashes`. */
  readonly parents: readonly EntryNode[];
  /** Every origin at or above this entry, once {@linkcode originsOf} was asked. */
  origins: readonly Origin[] | undefined;
  /** How this process came to hold it. */
  readonly provenance: Provenance;
  /** Who can seal it here; only on made entries. */
  readonly signer: Signer | null;
}

/** A node from its parts. */
export function makeNode(
  body: Entry,
  parents: readonly EntryNode[],
  provenance: Provenance,
  signer: Signer | null = null,
): EntryNode {
  return { body, hash: body.entry_hash, parents, origins: undefined, provenance, signer };
}

/** Freezes a JSON value and everything in it. */
export function freezeDeep<T>(value: T): T {
  if (Object.isFrozen(value)) return value;
  for (const key in value) {
    const member = value[key];
    if (typeof member === "object" && member !== null) freezeDeep(member);
  }
  return Object.freeze(value);
}

/** The entry of a node, for eyes outside this module. Entries are frozen only here. */
export function exposed(node: EntryNode): Entry {
  return freezeDeep(node.body);
}

/** The origins of parents and an entry's own. */
export function originsBelow(
  parents: readonly EntryNode[],
  own: Origin | null,
): readonly Origin[] {
  const lists = parents.map(originsOf);
  return unionOrigins(own === null ? lists : [...lists, Object.freeze([own])]);
}

/**
 * Every origin at or above an entry. Derived when it is first asked for: a long
 * history of many origins costs nothing until a policy wants to see them.
 */
export function originsOf(node: EntryNode): readonly Origin[] {
  const waiting = [node];
  for (let top = waiting.at(-1); top !== undefined; top = waiting.at(-1)) {
    const before = waiting.length;
    if (top.origins === undefined) {
      for (const parent of top.parents) if (parent.origins === undefined) waiting.push(parent);
      if (waiting.length > before) continue;
      const lists = top.parents.map((parent) => parent.origins!);
      if (top.body.origin !== null) lists.push(Object.freeze([top.body.origin]));
      top.origins = unionOrigins(lists);
    }
    waiting.pop();
  }
  return node.origins!;
}

/**
 * Nodes by hash. The same entry can be in memory twice (made here and imported
 * back), so identity is the hash, never the object.
 */
export type NodeMap = ReadonlyMap<string, EntryNode>;

/** Every node at or above `heads`, in no particular order. */
export function reach(heads: Iterable<EntryNode>): Map<string, EntryNode> {
  const reached = new Map<string, EntryNode>();
  for (const head of heads) reached.set(head.hash, head);
  for (const node of reached.values()) {
    for (const parent of node.parents) {
      if (!reached.has(parent.hash)) reached.set(parent.hash, parent);
    }
  }
  return reached;
}

/** Two entries have one id, or claim one hash: they cannot stand in one passport. */
export function collision({ body }: EntryNode): KestError {
  return new KestError(
    "ID_COLLISION",
    `Two different entries have the id or the hash of entry ${body.entry_id} (${body.node_id}); one of them was changed or copied`,
  );
}

/**
 * Fails if entries of different passports cannot stand in one.
 *
 * @throws {KestError} `ID_COLLISION`.
 */
export function refuseCollisions(heads: readonly EntryNode[]): void {
  const byId = new Map<string, EntryNode>();
  const byEntryHash = new Map<string, EntryNode>();
  const walked = new Set(heads);
  for (const node of walked) {
    for (const parent of node.parents) walked.add(parent);
    for (const other of [byId.get(node.body.entry_id), byEntryHash.get(node.hash)]) {
      if (other && canonicalEntry(other.body) !== canonicalEntry(node.body)) throw collision(node);
    }
    byId.set(node.body.entry_id, node);
    byEntryHash.set(node.hash, node);
  }
}

/** The nodes that are no parent of another of them, ascending by hash. */
export function withoutParents(nodes: NodeMap): EntryNode[] {
  const heads = new Map(nodes);
  for (const node of nodes.values()) {
    for (const parent of node.parents) heads.delete(parent.hash);
  }
  return [...heads.values()].sort(byHash);
}

/** Ascending by entry hash. */
export function byHash(a: { readonly hash: string }, b: { readonly hash: string }): number {
  return a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0;
}

/**
 * Parents before children; among entries of one generation (the longest path to
 * a genesis entry), ascending by hash. The same for every order of merging.
 */
export function topological(nodes: NodeMap): EntryNode[] {
  const sorted: EntryNode[] = [];
  const waiting = new Map<string, number>();
  const children = childrenOf(nodes);
  for (const node of nodes.values()) waiting.set(node.hash, node.parents.length);
  let generation = [...nodes.values()].filter((node) => node.parents.length === 0);
  while (generation.length > 0) {
    const next: EntryNode[] = [];
    for (const node of generation.length > 1 ? generation.sort(byHash) : generation) {
      sorted.push(node);
      for (const child of children.get(node.hash) ?? []) {
        const left = waiting.get(child.hash)! - 1;
        waiting.set(child.hash, left);
        if (left === 0) next.push(child);
      }
    }
    generation = next;
  }
  return sorted;
}

/** The children of each node, by the parent's hash. */
function childrenOf(nodes: NodeMap): Map<string, EntryNode[]> {
  const children = new Map<string, EntryNode[]>();
  for (const node of nodes.values()) {
    for (const parent of node.parents) {
      const list = children.get(parent.hash);
      if (list) list.push(node);
      else children.set(parent.hash, [node]);
    }
  }
  return children;
}
