/**
 * Sifting: each member of a rank moves to the place near its own where it causes
 * the fewest crossings.
 *
 * @module
 */

import type { Arrangement } from "./crossings.ts";
import type { Levels } from "./levels.ts";

/** Two members with more pairs of edges than this do not pass each other. */
const MAX_PAIRS = 256;

/** No gain: the two do not pass each other. */
const TOO_MANY = 0x7fffffff;

/** The sign of an integer, without a branch: it is as good as random here. */
function sign(difference: number): number {
  return (difference >> 31) - (-difference >> 31);
}

/** Moves members within their ranks, as long as its work lasts. */
export class Sifter {
  readonly #levels: Levels;
  readonly #arrangement: Arrangement;
  readonly #reach: number;
  #work: Int32Array;
  /** The places of neighbours above and below, copied rank by rank. */
  readonly #above: Int32Array;
  readonly #below: Int32Array;
  /** The members of a rank as they stood. */
  readonly #members: Int32Array;

  /**
   * @param reach How far a member may move at a time.
   * @param work Pairs of edges that may be compared in all.
   */
  constructor(levels: Levels, arrangement: Arrangement, reach: number, work: number) {
    this.#levels = levels;
    this.#arrangement = arrangement;
    this.#reach = reach;
    this.#work = Int32Array.of(Math.min(work, 0x7fffffff));
    this.#above = new Int32Array(levels.up.length);
    this.#below = new Int32Array(levels.down.length);
    this.#members = new Int32Array(levels.count);
  }

  /** Passes over all ranks until nothing moves; `fixed` nodes stay. */
  settle(passes: number, fixed?: Uint8Array): void {
    const { ranks } = this.#levels;
    // A rank is worth another look only if it or a neighbour has changed.
    let restless = new Uint8Array(ranks + 2).fill(1);
    for (let pass = 0; pass < passes; pass++) {
      const next = new Uint8Array(ranks + 2);
      let moved = false;
      for (let rank = 0; rank < ranks; rank++) {
        if (!restless[rank + 1]) continue;
        if (this.#work[0]! <= 0) return;
        if (!this.#siftRank(rank, fixed)) continue;
        moved = true;
        next[rank] =
          next[rank + 1] =
          next[rank + 2] =
          restless[rank + 2] =
            1;
      }
      if (!moved) return;
      restless = next;
    }
  }

  #siftRank(rank: number, fixed: Uint8Array | undefined): boolean {
    const { start, upStart, up, downStart, down } = this.#levels;
    const { order, position } = this.#arrangement;
    const from = start[rank]!;
    const to = start[rank + 1]!;
    if (to - from === 1) return false;
    const members = this.#members;
    for (let at = from; at < to; at++) {
      const node = order[at]!;
      members[at] = node;
      for (let i = upStart[node]!; i < upStart[node + 1]!; i++) this.#above[i] = position[up[i]!]!;
      for (let i = downStart[node]!; i < downStart[node + 1]!; i++) {
        this.#below[i] = position[down[i]!]!;
      }
    }
    let moved = false;
    for (let at = from; at < to; at++) {
      if (!fixed?.[members[at]!] && this.#sift(members[at]!, from, to)) moved = true;
    }
    return moved;
  }

  /** Moves a member to its best place; says whether it moved. */
  #sift(node: number, from: number, to: number): boolean {
    const { order, position } = this.#arrangement;
    const here = from + position[node]!;
    let best = here;
    let most = 0;
    for (let at = here - 1, saved = 0; at >= from && at >= here - this.#reach; at--) {
      const gain = this.#gain(node, order[at]!);
      if (gain === TOO_MANY) break;
      saved -= gain;
      if (saved > most) most = saved, best = at;
    }
    for (let at = here + 1, saved = 0; at < to && at <= here + this.#reach; at++) {
      const gain = this.#gain(node, order[at]!);
      if (gain === TOO_MANY) break;
      saved += gain;
      if (saved > most) most = saved, best = at;
    }
    if (best === here) return false;
    const step = best < here ? -1 : 1;
    for (let at = here; at !== best; at += step) {
      const other = order[at + step]!;
      order[at] = other;
      position[other] = at - from;
    }
    order[best] = node;
    position[node] = best - from;
    return true;
  }

  /** Crossings saved by having `a` right of `b` instead of left of it. */
  #gain(a: number, b: number): number {
    const { upStart, downStart } = this.#levels;
    const aUp = upStart[a]!, aUpEnd = upStart[a + 1]!, bUp = upStart[b]!, bUpEnd = upStart[b + 1]!;
    const aDown = downStart[a]!, aDownEnd = downStart[a + 1]!;
    const bDown = downStart[b]!, bDownEnd = downStart[b + 1]!;
    const pairs = (aUpEnd - aUp) * (bUpEnd - bUp) + (aDownEnd - aDown) * (bDownEnd - bDown);
    this.#work[0]! -= 1 + pairs;
    if (pairs > MAX_PAIRS) return TOO_MANY;
    const above = this.#above;
    const below = this.#below;
    let saved = 0;
    for (let i = aUp; i < aUpEnd; i++) {
      const at = above[i]!;
      for (let j = bUp; j < bUpEnd; j++) {
        saved += sign(at - above[j]!);
      }
    }
    for (let i = aDown; i < aDownEnd; i++) {
      const at = below[i]!;
      for (let j = bDown; j < bDownEnd; j++) {
        saved += sign(at - below[j]!);
      }
    }
    return saved;
  }
}
