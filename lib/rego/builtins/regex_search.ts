/**
 * Compiled regular expressions, and what they find. A search pays for what it reads.
 *
 * @module
 */

import { RE2JS, RE2JSSyntaxException } from "re2js";
import { type BuiltinContext, failure } from "../builtin.ts";
import { limitError } from "../limits.ts";
import { libraryPattern } from "./go_pattern.ts";

const MAX_PATTERN = 10_000;
/** Instructions of a compiled pattern. */
const MAX_PROGRAM = 20_000;
/** What a search that wants groups keeps: places for every group at every instruction. */
const MAX_PLACES = 1_000_000;
/** Counted repetitions within each other, as Go counts. */
const MAX_REPEATS = 1_000;
/** What compiling takes: at all, for a character, for a class of Unicode. */
const COMPILE_COST = { pattern: 100, character: 16, unicodeClass: 2_000 };

/** Compiled patterns, as long as they are not too much together. */
class PatternCache {
  static readonly #LIMIT = 100_000;
  readonly #patterns = new Map<string, RE2JS>();
  #weight = 0;

  get(pattern: string): RE2JS | undefined {
    return this.#patterns.get(pattern);
  }

  add(pattern: string, compiled: RE2JS): void {
    const weight = pattern.length + weightOf(compiled);
    if (weight > PatternCache.#LIMIT) return;
    if (this.#weight + weight > PatternCache.#LIMIT) {
      this.#patterns.clear();
      this.#weight = 0;
    }
    this.#weight += weight;
    this.#patterns.set(pattern, compiled);
  }
}

/** Instructions, and the ends of the ranges of their characters. */
function weightOf(compiled: RE2JS): number {
  const { inst } = compiled.re2().prog as {
    readonly inst: readonly { readonly runes?: ArrayLike<number> }[];
  };
  return inst.reduce((sum, { runes }) => sum + 32 + (runes?.length ?? 0), 0);
}

function cacheOf({ cache }: BuiltinContext): PatternCache {
  const known = cache.get("regex");
  if (known instanceof PatternCache) return known;
  const made = new PatternCache();
  cache.set("regex", made);
  return made;
}

/** The pattern compiled. */
export function compilePattern(pattern: string, context: BuiltinContext): RE2JS {
  const cache = cacheOf(context);
  const known = cache.get(pattern);
  if (known) return known;
  if (pattern.length > MAX_PATTERN) {
    throw limitError(`a regular expression longer than ${MAX_PATTERN} characters`);
  }
  context.spend(compileCost(pattern));
  const compiled = compiledBy(pattern);
  if (compiled.programSize() > MAX_PROGRAM) {
    throw limitError(`a regular expression of more than ${MAX_PROGRAM} instructions`);
  }
  cache.add(pattern, compiled);
  return compiled;
}

function compiledBy(pattern: string): RE2JS {
  try {
    return RE2JS.compile(libraryPattern(pattern));
  } catch (error) {
    // All else, such as a full call stack, says nothing of the pattern.
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    // The library's limits are not quite Go's.
    if (/too large|too deeply/.test(error.getDescription())) {
      throw limitError(error.getDescription());
    }
    throw failure(`error parsing regexp: ${pattern.slice(0, 100)}`);
  }
}

function compileCost(pattern: string): number {
  const classes = pattern.match(/\\[pP]/g)?.length ?? 0;
  return COMPILE_COST.pattern + pattern.length * (COMPILE_COST.character + repeats(pattern)) +
    classes * COMPILE_COST.unicodeClass;
}

/** How much a pattern's counted repetitions may enlarge it. */
function repeats(pattern: string): number {
  let factor = 1;
  for (const [, low, high] of pattern.matchAll(/\{(\d{1,4}),?(\d{0,4})\}/g)) {
    factor *= Math.max(1, Number(low), Number(high));
    if (factor > MAX_REPEATS) return MAX_REPEATS;
  }
  return factor;
}

/** A subject that knows how far it was read: a search may look far beyond what it finds. */
class Subject extends String {
  readonly #text: string;
  reach = 0;

  constructor(text: string) {
    super(text);
    this.#text = text;
  }

  override charCodeAt(index: number): number {
    if (index > this.reach) this.reach = index;
    return this.#text.charCodeAt(index);
  }
}

/** A pattern and its subject. One pass through the subject is paid for. */
export interface Search {
  readonly pattern: RE2JS;
  readonly subject: string;
  readonly context: BuiltinContext;
  /** Whether more than the whole match is wanted. */
  readonly wantsGroups: boolean;
  /** What a character of the subject takes. */
  readonly cost: number;
}

/** Compiles the pattern and pays for one pass through the subject. */
export function searchFor(
  source: string,
  subject: string,
  context: BuiltinContext,
  wantsGroups = false,
): Search {
  const pattern = compilePattern(source, context);
  const places = pattern.programSize() * (1 + (wantsGroups ? pattern.groupCount() : 0));
  if (wantsGroups && places > MAX_PLACES) {
    throw limitError("a regular expression of too many groups");
  }
  const cost = 1 + (pattern.programSize() + places / 4) / 64;
  context.spend(1 + subject.length * cost);
  return { pattern, subject, context, wantsGroups, cost };
}

/** One match. */
export interface Found {
  readonly start: number;
  readonly end: number;
  /** The whole and the groups, if they are wanted. */
  readonly groups: readonly (string | null)[];
}

/** What a search takes beside what it reads. */
const SEARCH_COST = 4;

/** The matches from left to right, at most `limit`; an empty one not right after another. */
export function* matches(search: Search, limit: number): Generator<Found> {
  const { subject, context, wantsGroups, cost } = search;
  const read = new Subject(subject);
  // The library takes texts of class String for texts.
  const matcher = search.pattern.matcher(read as unknown as string);
  const size = wantsGroups ? matcher.groupCount() + 1 : 0;
  let from = 0;
  let last = -1;
  let paid = subject.length;
  for (let count = 0; (limit < 0 || count < limit) && from <= subject.length;) {
    read.reach = from;
    const isFound = matcher.find(from);
    paid -= read.reach - from;
    context.spend(SEARCH_COST + size + cost * Math.max(0, -paid));
    paid = Math.max(0, paid);
    if (!isFound) return;
    const start = matcher.start();
    const end = matcher.end();
    if (end > start || start !== last) {
      const groups = Array.from({ length: size }, (_, i) => matcher.group(i));
      yield { start, end, groups };
      count++;
    }
    last = end;
    from = end > start ? end : end + (subject.codePointAt(end)! > 0xffff ? 2 : 1);
  }
}
