/**
 * Entries in memory: frozen, each pointing at its parents. A new step costs the
 * same after ten steps and after a million, and branches never see each other.
 *
 * @module
 */

import type { Signer } from "../keys/signer.ts";
import { entryHash } from "./binding.ts";
import { unionOrigins } from "./derive.ts";
import type { Entry, EntryBody, Origin } from "./entry.ts";

/**
 * How this process came to hold an entry: it made it, it verified it at import,
 * or it merely read it. Only the first two may ever be sealed (SPEC 5.4).
 */
export type Provenance = "imported" | "made" | "parsed";

/** One entry with its hash and its parents. */
export interface EntryNode {
  /** What the hash covers. */
  readonly body: EntryBody;
  /** The entry hash: recomputed for made entries, as stored for parsed ones. */
  readonly hash: string;
  /** The parents, in the order of `body.parent_hashes`. */
  readonly parents: readonly EntryNode[];
  /** Every origin at or above this entry. */
  readonly origins: readonly Origin[];
  /** How this process came to hold it. */
  readonly provenance: Provenance;
  /** Who can seal it here; only on made entries. */
  readonly signer: Signer | null;
}

/** A node from its parts; derives the origins. */
export function makeNode(
  body: EntryBody,
  parents: readonly EntryNode[],
  provenance: Provenance,
  signer: Signer | null = null,
  hash: string = entryHash(body),
): EntryNode {
  const own = body.origin === null ? [] : [Object.freeze([body.origin])];
  const inherited = parents.map((parent) => parent.origins);
  const origins = unionOrigins(own.length === 0 ? inherited : [...own, ...inherited]);
  return Object.freeze({ body, hash, parents, origins, provenance, signer });
}

/** The JSON form of a node. */
export function entryOf(node: EntryNode): Entry {
  return Object.freeze({ ...node.body, entry_hash: node.hash });
}

/** Every node at or above `heads`, once each, in no particular order. */
export function reach(heads: readonly EntryNode[]): Set<EntryNode> {
  const seen = new Set(heads);
  for (const node of seen) for (const parent of node.parents) seen.add(parent);
  return seen;
}

/** The nodes that no other of them descends from directly. */
export function withoutParents(nodes: ReadonlySet<EntryNode>): EntryNode[] {
  const heads = new Set(nodes);
  for (const node of nodes) for (const parent of node.parents) heads.delete(parent);
  return [...heads];
}

/** Ascending by entry hash. */
export function byHash(a: { readonly hash: string }, b: { readonly hash: string }): number {
  return a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0;
}

/**
 * Parents before children; among entries of one generation (the longest path to
 * a genesis entry), ascending by hash. The same for every order of merging.
 */
export function topological(nodes: ReadonlySet<EntryNode>): EntryNode[] {
  const generation = generations(nodes);
  return [...nodes].sort((a, b) => generation.get(a)! - generation.get(b)! || byHash(a, b));
}

function generations(nodes: ReadonlySet<EntryNode>): Map<EntryNode, number> {
  const waiting = new Map<EntryNode, number>();
  const children = new Map<EntryNode, EntryNode[]>();
  for (const node of nodes) {
    waiting.set(node, node.parents.length);
    for (const parent of node.parents) {
      const list = children.get(parent);
      if (list) list.push(node);
      else children.set(parent, [node]);
    }
  }
  const generation = new Map<EntryNode, number>();
  let current = [...nodes].filter((node) => node.parents.length === 0);
  for (let depth = 0; current.length > 0; depth++) {
    const next: EntryNode[] = [];
    for (const node of current) {
      generation.set(node, depth);
      for (const child of children.get(node) ?? []) {
        const left = waiting.get(child)! - 1;
        waiting.set(child, left);
        if (left === 0) next.push(child);
      }
    }
    current = next;
  }
  return generation;
}
