/**
 * Whether two patterns of a small language have a text in common: characters,
 * `.`, `[a-z]` and `*`, `+` after one of them.
 *
 * @module
 */

import { type BuiltinContext, failure } from "../builtin.ts";
import { limitError } from "../limits.ts";

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
  /** The next character's code, and whether it is one of `marks` and not escaped. */
  const next = (marks: string) => {
    const isMark = marks.includes(characters[i] ?? "]");
    if (characters[i] === "\\") i++;
    const character = characters[i++];
    if (character === undefined) throw failure("bad pattern: unterminated set");
    return { code: character.codePointAt(0)!, isMark, character };
  };
  let low: number | undefined;
  for (;;) {
    const { code, isMark, character } = next("-]");
    if (isMark && character === "]") return [ranges, i - 1];
    if (!isMark) {
      ranges.push([code, code]);
      low = code;
      continue;
    }
    const high = i < characters.length - 1 ? next("-]") : undefined;
    if (low === undefined || !high || high.isMark || high.code < low) {
      throw failure("bad pattern: a range must be between two characters");
    }
    ranges.push([low, high.code]);
    low = undefined;
  }
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
    const token = { ranges, optional: flag === "*", repeated };
    const before = found.at(-1);
    // Repetitions of the same characters are taken for one.
    if (repeated && before?.repeated && String(before.ranges) === String(ranges)) {
      found[found.length - 1] = { ...token, optional: token.optional && before.optional };
    } else found.push(token);
  }
  if (found.length > MAX_TOKENS) throw limitError(`a pattern of more than ${MAX_TOKENS} parts`);
  return found;
}

function overlap(a: Token, b: Token, context: BuiltinContext): boolean {
  context.spend(a.ranges.length * b.ranges.length / 4);
  return a.ranges.some(([low, high]) => b.ranges.some(([from, to]) => low <= to && from <= high));
}

/** Looks for a text that both patterns match, the way OPA does, which misses some. */
class Search {
  readonly #context: BuiltinContext;

  constructor(context: BuiltinContext) {
    this.#context = context;
  }

  both(a: readonly Token[], b: readonly Token[]): boolean {
    this.#context.spend(1 + a.length + b.length);
    for (let i = 0; i < a.length && i < b.length; i++) {
      if (a[i]!.repeated) return this.#repeat(a.slice(i), b.slice(i));
      if (b[i]!.repeated) return this.#repeat(b.slice(i), a.slice(i));
      if (!overlap(a[i]!, b[i]!, this.#context)) return false;
    }
    return a.length === b.length;
  }

  /** The first token of `a` may stand for several characters. */
  #repeat(a: readonly Token[], b: readonly Token[]): boolean {
    if (a[0]!.optional) return this.#star(a, b);
    if (!overlap(a[0]!, b[0]!, this.#context)) return false;
    return this.#star(a, b.slice(1)) || (b[0]!.repeated && this.both(a.slice(1), b));
  }

  #star([first, ...rest]: readonly Token[], b: readonly Token[]): boolean {
    for (const [i, token] of b.entries()) {
      if (rest[0] && overlap(token, rest[0], this.#context) && this.both(rest, b.slice(i))) {
        return true;
      }
      if (!overlap(token, first!, this.#context)) return false;
    }
    return rest.length === 0;
  }
}

/** Whether some text that is not empty matches both patterns. */
export function doGlobsMatch(left: string, right: string, context: BuiltinContext): boolean {
  return new Search(context).both(tokens(left), tokens(right));
}
