/**
 * Whether two patterns of a small language have a text in common: characters,
 * `.`, `[a-z]` and `*`, `+` after one of them.
 *
 * @module
 */

import { type BuiltinContext, failure } from "../builtin.ts";

/** Code points, as ranges; `.` is all of them. */
type Ranges = readonly (readonly [low: number, high: number])[];

/** One token: which characters, how often. */
interface Token {
  readonly ranges: Ranges;
  /** Whether it may stand for no character. */
  readonly optional: boolean;
  /** Whether it may stand for several. */
  readonly repeated: boolean;
}

const ANY: Ranges = [[0, 0x10ffff]];
const MAX_TOKENS = 1_000;

function single(character: string): Ranges {
  const code = character.codePointAt(0)!;
  return [[code, code]];
}

/** Reads `[…]` up to its end. */
function setAt(characters: readonly string[], start: number): readonly [Ranges, number] {
  const ranges: (readonly [number, number])[] = [];
  let i = start + 1;
  for (; characters[i] !== "]"; i++) {
    if (characters[i] === undefined) throw failure("bad pattern: unterminated set");
    if (characters[i] === "\\") i++;
    const low = characters[i];
    if (low === undefined) throw failure("bad pattern: unterminated set");
    let high = low;
    if (characters[i + 1] === "-" && characters[i + 2] !== "]") {
      i += 2;
      if (characters[i] === "\\") i++;
      high = characters[i] ?? low;
    }
    if (high < low) throw failure("bad pattern: empty range");
    ranges.push([low.codePointAt(0)!, high.codePointAt(0)!]);
  }
  if (ranges.length === 0) throw failure("bad pattern: empty set");
  return [ranges, i];
}

function tokens(pattern: string): Token[] {
  const characters = [...pattern];
  const found: Token[] = [];
  for (let i = 0; i < characters.length; i++) {
    let ranges: Ranges;
    const character = characters[i]!;
    if (character === "[") [ranges, i] = setAt(characters, i);
    else if (character === ".") ranges = ANY;
    else if (character === "*" || character === "+") {
      throw failure("bad pattern: nothing to repeat");
    } else if (character === "]") throw failure("bad pattern: unexpected ]");
    else {
      if (character === "\\" && ++i >= characters.length) throw failure("bad pattern: trailing \\");
      ranges = single(characters[i]!);
    }
    const flag = characters[i + 1];
    const repeated = flag === "*" || flag === "+";
    if (repeated) i++;
    found.push({ ranges, optional: flag === "*", repeated });
  }
  if (found.length > MAX_TOKENS) throw failure(`bad pattern: more than ${MAX_TOKENS} parts`);
  return found;
}

function overlap(a: Ranges, b: Ranges): boolean {
  return a.some(([low, high]) => b.some(([from, to]) => low <= to && from <= high));
}

/** Whether some text that is not empty matches both patterns. */
export function doGlobsMatch(left: string, right: string, context: BuiltinContext): boolean {
  const a = tokens(left);
  const b = tokens(right);
  context.spend(1 + a.length * b.length * 4);
  // States: a place in each pattern, and whether its token was used already.
  const width = 2 * (b.length + 1);
  const seen = new Set<number>();
  const waiting: [number, boolean, number, boolean][] = [[0, false, 0, false]];
  const push = (i: number, usedA: boolean, j: number, usedB: boolean) => {
    const key = (2 * i + Number(usedA)) * width + 2 * j + Number(usedB);
    if (seen.has(key)) return;
    seen.add(key);
    waiting.push([i, usedA, j, usedB]);
  };
  for (let state = waiting.pop(); state; state = waiting.pop()) {
    const [i, usedA, j, usedB] = state;
    const [x, y] = [a[i], b[j]];
    if (!x && !y) return true;
    if (x && (usedA || x.optional)) push(i + 1, false, j, usedB);
    if (y && (usedB || y.optional)) push(i, usedA, j + 1, false);
    const mayUseX = x && (!usedA || x.repeated);
    const mayUseY = y && (!usedB || y.repeated);
    if (mayUseX && mayUseY && overlap(x.ranges, y.ranges)) push(i, true, j, true);
  }
  return false;
}
