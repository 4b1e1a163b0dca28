/**
 * Which entries a seal attests: those at or above its heads that are not at or
 * above its base (SPEC 5.3). Sealing and verifying share this.
 *
 * @module
 */

import { type EntryNode, type NodeMap, reach } from "./node.ts";
import type { Seal } from "./seal.ts";

/** What a seal says about the entries that are here. */
export interface Coverage {
  /** Entries that the seal attests. */
  readonly attested: NodeMap;
  /** Heads that are here. */
  readonly present: readonly EntryNode[];
  /** Hashes of heads that were not handed over. */
  readonly withheld: readonly string[];
  /** Present heads whose stored number of entries is wrong. */
  readonly miscounted: readonly { readonly node: EntryNode; readonly entries: number }[];
}

/** Counts visits to entries, so that hostile seals cannot cost unbounded time. */
export class WorkBudget {
  #left: number;

  constructor(visits: number) {
    this.#left = visits;
  }

  /** Whether `visits` more were still allowed; they are spent either way. */
  spend(visits: number): boolean {
    this.#left -= visits;
    return this.#left >= 0;
  }
}

/** The coverage of a seal among `nodes`, or `undefined` if the budget ran out. */
export function coverageOf(
  seal: Seal,
  nodes: NodeMap,
  budget: WorkBudget,
): Coverage | undefined {
  const present: EntryNode[] = [];
  const withheld: string[] = [];
  const miscounted: { node: EntryNode; entries: number }[] = [];
  const attested = new Map<string, EntryNode>();
  for (const head of seal.heads) {
    const node = nodes.get(head.entry_hash);
    if (node === undefined) {
      withheld.push(head.entry_hash);
      continue;
    }
    present.push(node);
    const under = reach([node]);
    if (!budget.spend(under.size)) return undefined;
    if (under.size !== head.entries) miscounted.push({ node, entries: under.size });
    for (const [hash, entry] of under) attested.set(hash, entry);
  }
  const base = reach(seal.base.flatMap((hash) => nodes.get(hash) ?? []));
  if (!budget.spend(base.size)) return undefined;
  for (const hash of base.keys()) attested.delete(hash);
  return { attested, present, withheld, miscounted };
}
