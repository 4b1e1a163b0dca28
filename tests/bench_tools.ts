/**
 * How benchmarks measure and report: ratios of medians, both sides in one run.
 *
 * @module
 */

/** One figure, with the limit that it is held to. */
export interface Row {
  readonly name: string;
  readonly value: number;
  /** `<= 2`, `< 1000`, or `""` for a figure that is only reported. */
  readonly target: string;
  readonly detail: string;
}

/** What is timed. */
export type Block = () => unknown | Promise<unknown>;

const BLOCKS = 15;
const WARM_UP = 4;

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

async function time(block: Block): Promise<number> {
  const start = performance.now();
  await block();
  return performance.now() - start;
}

/**
 * Medians of two blocks in milliseconds. They are interleaved after a warm-up,
 * so that a slow moment of the machine hits both sides alike.
 */
export async function compare(
  ours: Block,
  theirs: Block,
  blocks = BLOCKS,
): Promise<[number, number]> {
  const a: number[] = [];
  const b: number[] = [];
  for (let i = -WARM_UP; i < blocks; i++) {
    const [x, y] = [await time(ours), await time(theirs)];
    if (i >= 0) a.push(x), b.push(y);
  }
  return [median(a), median(b)];
}

function isMet({ value, target }: Row): boolean {
  const limit = Number(target.split(" ")[1]);
  return target === "" || (target.startsWith("<=") ? value <= limit : value < limit);
}

/** A figure as a line of the table. */
export function rowText(row: Row): string {
  const verdict = row.target === "" ? "" : isMet(row) ? "met" : "MISSED";
  const value = row.value >= 100 ? row.value.toFixed(0) : row.value.toFixed(2);
  const columns = [row.name.padEnd(28), value.padStart(8), row.target.padEnd(8)];
  return `${columns.join("  ")} ${verdict.padEnd(7)} ${row.detail}`;
}
