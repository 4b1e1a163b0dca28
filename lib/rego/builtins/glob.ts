/**
 * Globs: `*`, `**`, `?`, `[a-z]`, `[!a-z]`, `{a,b}`, with delimiters.
 *
 * @module
 */

import {
  arrayAt,
  type BuiltinContext,
  type Builtins,
  failure,
  operandError,
  stringAt,
} from "../builtin.ts";
import { isString, type Value } from "../value.ts";

/** One step of a pattern: a set of characters, or a jump. */
type Step =
  | { readonly kind: "character"; readonly fits: (character: string) => boolean }
  | { readonly kind: "split"; readonly to: number[] };

const MAX_PATTERN = 10_000;
const MAX_STEPS = 50_000;

/** Compiles a glob into steps that are walked all at once, so that no pattern is slow. */
class Compiler {
  readonly steps: Step[] = [];
  readonly #pattern: readonly string[];
  readonly #delimiters: ReadonlySet<string>;
  #at = 0;

  constructor(pattern: string, delimiters: ReadonlySet<string>) {
    this.#pattern = [...pattern];
    this.#delimiters = delimiters;
    this.#sequence(0);
    if (this.#at < this.#pattern.length) throw failure("glob: unexpected }");
  }

  #character(fits: (character: string) => boolean): void {
    if (this.steps.length > MAX_STEPS) throw failure("glob: pattern too large");
    this.steps.push({ kind: "character", fits });
  }

  /** Reads up to `,` or `}` inside of braces, to the end outside. */
  #sequence(depth: number): void {
    while (this.#at < this.#pattern.length) {
      const character = this.#pattern[this.#at]!;
      if (depth > 0 && (character === "," || character === "}")) return;
      if (depth === 0 && character === "}") throw failure("glob: unexpected }");
      this.#at++;
      switch (character) {
        case "*":
          this.#star();
          break;
        case "?":
          this.#character((c) => !this.#delimiters.has(c));
          break;
        case "[":
          this.#set();
          break;
        case "{":
          this.#alternatives(depth + 1);
          break;
        case "\\": {
          const next = this.#pattern[this.#at++];
          if (next === undefined) throw failure("glob: trailing \\");
          this.#character((c) => c === next);
          break;
        }
        default:
          this.#character((c) => c === character);
      }
    }
    if (depth > 0) throw failure("glob: unterminated {");
  }

  #star(): void {
    let isSuper = false;
    while (this.#pattern[this.#at] === "*") {
      isSuper = true;
      this.#at++;
    }
    const fits = isSuper ? () => true : (c: string) => !this.#delimiters.has(c);
    const start = this.steps.length;
    this.steps.push({ kind: "split", to: [start + 1, start + 3] });
    this.#character(fits);
    this.steps.push({ kind: "split", to: [start] });
  }

  #set(): void {
    const isNegated = this.#pattern[this.#at] === "!";
    if (isNegated) this.#at++;
    const items: string[] = [];
    for (;;) {
      let character = this.#pattern[this.#at++];
      if (character === "]" && items.length > 0) break;
      if (character === "\\") character = this.#pattern[this.#at++];
      if (character === undefined) throw failure("glob: unterminated [");
      items.push(character);
    }
    const isRange = items.length === 3 && items[1] === "-";
    if (isRange && items[2]! < items[0]!) throw failure("glob: hi character should be greater");
    const fits = isRange
      ? (c: string) => c >= items[0]! && c <= items[2]!
      : (c: string) => items.includes(c);
    this.#character(isNegated ? (c) => !fits(c) : fits);
  }

  #alternatives(depth: number): void {
    if (depth > 50) throw failure("glob: nested too deeply");
    const starts: number[] = [];
    const ends: { readonly to: number[] }[] = [];
    const fork: Step = { kind: "split", to: starts };
    this.steps.push(fork);
    for (;;) {
      starts.push(this.steps.length);
      this.#sequence(depth);
      const end = { kind: "split" as const, to: [] };
      this.steps.push(end);
      ends.push(end);
      if (this.#pattern[this.#at++] === "}") break;
    }
    for (const { to } of ends) to.push(this.steps.length);
  }
}

function matches(steps: readonly Step[], text: string, context: BuiltinContext): boolean {
  let now = reach(steps, [0]);
  for (const character of text) {
    context.spend(1 + now.size / 16);
    const next: number[] = [];
    for (const at of now) {
      const step = steps[at];
      if (step?.kind === "character" && step.fits(character)) next.push(at + 1);
    }
    now = reach(steps, next);
    if (now.size === 0) return false;
  }
  return now.has(steps.length);
}

/** The places that are reached without a character. */
function reach(steps: readonly Step[], from: readonly number[]): ReadonlySet<number> {
  const reached = new Set(from);
  for (const at of reached) {
    const step = steps[at];
    if (step?.kind === "split") { for (const to of step.to) reached.add(to); }
  }
  return reached;
}

function delimitersAt(args: readonly Value[]): ReadonlySet<string> {
  if (args[1] === null) return new Set();
  const given = arrayAt(args, 1).map((item) => {
    if (isString(item) && [...item].length === 1) return item;
    throw operandError(2, "array of single characters", item);
  });
  return new Set(given.length === 0 ? ["."] : given);
}

function match(args: readonly Value[], context: BuiltinContext): Value {
  const pattern = stringAt(args, 0);
  const delimiters = delimitersAt(args);
  const text = stringAt(args, 2);
  const key = `glob:${[...delimiters].join("")}\0${pattern}`;
  let steps = context.cache.get(key) as readonly Step[] | undefined;
  if (!steps) {
    if (pattern.length > MAX_PATTERN) throw failure("glob: pattern too long");
    context.spend(pattern.length);
    steps = new Compiler(pattern, delimiters).steps;
    if (context.cache.size >= 500) context.cache.clear();
    context.cache.set(key, steps);
  }
  return matches(steps, text, context);
}

export const GLOB: Builtins = {
  "glob.match": match,
  "glob.quote_meta": (args) => stringAt(args, 0).replace(/[*?\\[\]{}]/g, "\\$&"),
};
