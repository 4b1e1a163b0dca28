/**
 * Which entries a seal attests: those at or above its heads that are not at or
 * above its base (SPEC 5.3). Sealing and verifying share this.
 *
 * @module
 */

import type { EntryNode, NodeMap } from "./node.ts";
import type { Seal } from "./seal.ts";

/** What a seal says about the entries that are here. */
export interface Coverage {
  /** Entries that the seal attests. */
  readonly attested: readonly EntryNode[];
  /** Heads that are here. */
  readonly present: readonly EntryNode[];
  /** Hashes of heads that were not handed over. */
  readonly withheld: readonly string[];
  /**
   * Whether the hashes of the heads bind all that was walked: none of it, and no
   * edge in it, is known to be another version.
   */
  readonly bound: boolean;
  /** Present heads whose stored number of entries is wrong. */
  readonly miscounted: readonly { readonly node: EntryNode; readonly entries: number }[];
}

/** What a verifier knows of entries that were changed, by their hashes. */
export interface Unbound {
  /** Other hashes by which entries are named, and those that they claim. */
  readonly names?: ReadonlyMap<string, string>;
  /** Entries that are another version than the one that was hashed, or have such a parent. */
  readonly unbound?: ReadonlySet<string>;
}

const NO_NAMES: ReadonlyMap<string, string> = new Map();
const NONE: ReadonlySet<string> = new Set();

/**
 * Finds what seals cover. Entries are numbered once, so that a walk touches
 * numbers only; its steps are counted, so that hostile seals cannot cost
 * unbounded time or memory.
 */
export class CoverageFinder {
  readonly #nodes: readonly EntryNode[];
  readonly #numbers = new Map<string, number>();
  readonly #parents: readonly (readonly number[])[];
  /** The last walk that met each entry. */
  readonly #met: Uint32Array;
  readonly #unbound: ReadonlySet<string>;
  #walk = 0;
  #left: number;

  /** @param work How many entries and edges may be visited in all. */
  constructor(nodes: NodeMap, work = Infinity, { names = NO_NAMES, unbound = NONE }: Unbound = {}) {
    this.#nodes = [...nodes.values()];
    this.#unbound = unbound;
    for (const [number, node] of this.#nodes.entries()) this.#numbers.set(node.hash, number);
    for (const [other, hash] of names) {
      const number = this.#numbers.get(hash);
      if (number !== undefined && !nodes.has(other)) this.#numbers.set(other, number);
    }
    this.#parents = this.#nodes.map(({ parents }) =>
      parents.flatMap((parent) => this.#numbers.get(parent.hash) ?? [])
    );
    this.#met = new Uint32Array(this.#nodes.length);
    this.#left = work;
  }

  /** Everything at or above some entries; empty once the work is spent. */
  #reach(hashes: readonly string[]): number[] {
    const walk = ++this.#walk;
    const reached: number[] = [];
    const meet = (number: number | undefined) => {
      if (number === undefined || this.#met[number] === walk) return;
      this.#met[number] = walk;
      reached.push(number);
    };
    for (const hash of hashes) meet(this.#numbers.get(hash));
    for (let at = 0; at < reached.length && this.#left >= 0; at++) {
      const parents = this.#parents[reached[at]!]!;
      this.#left -= 1 + parents.length;
      for (const parent of parents) meet(parent);
    }
    return reached;
  }

  /** The coverage of a seal, or `undefined` if the work is spent. */
  coverageOf(seal: Seal): Coverage | undefined {
    const present: EntryNode[] = [];
    const withheld: string[] = [];
    const miscounted: { node: EntryNode; entries: number }[] = [];
    let under: number[] = [];
    for (const { entry_hash: hash, entries } of seal.heads) {
      const number = this.#numbers.get(hash);
      if (number === undefined) {
        withheld.push(hash);
        continue;
      }
      const node = this.#nodes[number]!;
      present.push(node);
      under = this.#reach([hash]);
      if (under.length !== entries) miscounted.push({ node, entries: under.length });
    }
    if (present.length > 1) under = this.#reach(present.map((node) => node.hash));
    this.#reach(seal.base);
    if (this.#left < 0) return undefined;
    const attested = under.filter((number) => this.#met[number] !== this.#walk);
    const isUnbound = (number: number) => this.#unbound.has(this.#nodes[number]!.hash);
    return {
      bound: this.#unbound.size === 0 || !under.some(isUnbound),
      attested: attested.map((number) => this.#nodes[number]!),
      present,
      withheld,
      miscounted,
    };
  }
}
