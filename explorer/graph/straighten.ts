/**
 * Takes the drift out of a picture: ranks follow each other sideways, so that a
 * deep graph ends far from where it began. Each rank moves as a whole.
 *
 * @module
 */

import type { Levels } from "./levels.ts";

/** Ranks above and below over which the course is averaged. */
const REACH = 40;

/** The sums of the places of all ranks before each, and how many places that are. */
function sumsOf({ rank, ranks, count }: Levels, x: Float64Array): [Float64Array, Float64Array] {
  const sums = new Float64Array(ranks + 1);
  const counts = new Float64Array(ranks + 1);
  for (let node = 0; node < count; node++) {
    sums[rank[node]! + 1]! += x[node]!;
    counts[rank[node]! + 1]!++;
  }
  for (let i = 0; i < ranks; i++) {
    sums[i + 1]! += sums[i]!;
    counts[i + 1]! += counts[i]!;
  }
  return [sums, counts];
}

/** Moves each rank to the middle of its surroundings; `x` is written. */
export function straighten(levels: Levels, x: Float64Array): void {
  const { rank, ranks, count } = levels;
  if (ranks <= 2 * REACH) return;
  const [sums, counts] = sumsOf(levels, x);
  const course = Float64Array.from({ length: ranks }, (_, i) => {
    // As far up as down, or the ends of the course would bend.
    const reach = Math.min(REACH, i, ranks - 1 - i);
    const [from, to] = [i - reach, i + reach + 1];
    return (sums[to]! - sums[from]!) / (counts[to]! - counts[from]!);
  });
  for (let node = 0; node < count; node++) x[node]! -= course[rank[node]!]!;
}
