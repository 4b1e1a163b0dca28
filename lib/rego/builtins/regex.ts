/**
 * Regular expressions with RE2's syntax, in linear time.
 *
 * @module
 */

import { RE2JS } from "re2js";
import {
  type BuiltinContext,
  type Builtins,
  failure,
  integerAt,
  isReadable,
  stringAt,
  textsBuiltin,
} from "../builtin.ts";
import type { Value } from "../value.ts";
import { doGlobsMatch } from "./globs_match.ts";

const MAX_PATTERN = 10_000;
/** Instructions of a compiled pattern; Go's own limit is of this order. */
const MAX_PROGRAM = 20_000;
const MAX_CACHED = 500;

function compile(pattern: string, context: BuiltinContext): RE2JS {
  const key = `regex:${pattern}`;
  const known = context.cache.get(key);
  if (known instanceof RE2JS) return known;
  if (pattern.length > MAX_PATTERN) throw failure(`pattern longer than ${MAX_PATTERN} characters`);
  // Repetitions multiply: Go counts to 1,000 too.
  context.spend(100 + pattern.length * repeats(pattern));
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(withoutTwins(pattern));
  } catch {
    throw failure(`error parsing regexp: ${pattern.slice(0, 100)}`);
  }
  if (compiled.programSize() > MAX_PROGRAM) throw failure("pattern too large");
  if (context.cache.size >= MAX_CACHED) context.cache.clear();
  context.cache.set(key, compiled);
  return compiled;
}

/** Go lets groups have one name; here all but the first lose it. */
function withoutTwins(pattern: string): string {
  const names = new Set<string>();
  return pattern.replace(/(?<!\\)\(\?P?<(\w+)>/g, (group, name: string) => {
    if (names.has(name)) return "(";
    names.add(name);
    return group;
  });
}

/** How much a pattern's counted repetitions may enlarge it. */
function repeats(pattern: string): number {
  let factor = 1;
  for (const [, low, high] of pattern.matchAll(/\{(\d{1,4}),?(\d{0,4})\}/g)) {
    factor *= Math.max(1, Number(low), Number(high));
    if (factor > 1e6) break;
  }
  return factor;
}

/** A compiled pattern, its work on a subject paid for. */
function patternFor(pattern: string, subject: string, context: BuiltinContext): RE2JS {
  const compiled = compile(pattern, context);
  context.spend(1 + subject.length * (1 + compiled.programSize() / 64));
  return compiled;
}

/** Whether the pattern matches somewhere in the subject. */
export function matchesPattern(
  pattern: string,
  subject: string,
  context: BuiltinContext,
): boolean {
  return patternFor(pattern, subject, context).matcher(subject).find();
}

interface Found {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | null)[];
}

/** The matches from left to right, at most `limit`; an empty one not right after another. */
function* matches(pattern: RE2JS, subject: string, limit: number): Generator<Found> {
  const matcher = pattern.matcher(subject);
  let from = 0;
  let last = -1;
  for (let count = 0; (limit < 0 || count < limit) && from <= subject.length;) {
    if (!matcher.find(from)) return;
    const start = matcher.start();
    const end = matcher.end();
    if (end > start || start !== last) {
      const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i));
      yield { start, end, groups };
      count++;
    }
    last = end;
    from = end > start ? end : end + (subject.codePointAt(end)! > 0xffff ? 2 : 1);
  }
}

function findN(args: readonly Value[], context: BuiltinContext): Value {
  const [pattern, subject] = [stringAt(args, 0), stringAt(args, 1)];
  const found = matches(patternFor(pattern, subject, context), subject, integerAt(args, 2));
  return Array.from(found, ({ groups }) => groups[0]!);
}

function findSubmatches(args: readonly Value[], context: BuiltinContext): Value {
  const [pattern, subject] = [stringAt(args, 0), stringAt(args, 1)];
  const found = matches(patternFor(pattern, subject, context), subject, integerAt(args, 2));
  return Array.from(found, ({ groups }) => {
    context.spend(groups.length);
    return groups.map((group) => group ?? "");
  });
}

function split(args: readonly Value[], context: BuiltinContext): Value {
  const [pattern, subject] = [stringAt(args, 0), stringAt(args, 1)];
  const compiled = patternFor(pattern, subject, context);
  if (pattern !== "" && subject === "") return [""];
  const parts: string[] = [];
  let begin = 0;
  let end = 0;
  for (const found of matches(compiled, subject, -1)) {
    end = found.start;
    if (found.end !== 0) parts.push(subject.slice(begin, end));
    begin = found.end;
  }
  if (end !== subject.length) parts.push(subject.slice(begin));
  return parts;
}

const GROUP_NAME = /^(?:\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/u;

/** `$1`, `${1}`, `$name` and `$$` as Go expands them. */
function expand(
  template: string,
  names: Readonly<Record<string, number>>,
  { groups }: Found,
): string {
  let text = "";
  for (let rest = template;;) {
    const at = rest.indexOf("$");
    if (at < 0) return text + rest;
    text += rest.slice(0, at);
    rest = rest.slice(at + 1);
    const name = GROUP_NAME.exec(rest);
    if (rest.startsWith("$")) {
      text += "$";
      rest = rest.slice(1);
    } else if (!name) {
      text += "$";
    } else {
      const group = name[1] ?? name[2]!;
      const index = /^(?:0|[1-9]\d*)$/.test(group) ? Number(group) : names[group];
      if (index !== undefined) text += groups[index] ?? "";
      rest = rest.slice(name[0].length);
    }
  }
}

function replace(args: readonly Value[], context: BuiltinContext): Value {
  const subject = stringAt(args, 0);
  const pattern = patternFor(stringAt(args, 1), subject, context);
  const template = stringAt(args, 2);
  const names = Object.assign(Object.create(null), pattern.namedGroups());
  let text = "";
  let from = 0;
  for (const found of matches(pattern, subject, -1)) {
    const by = expand(template, names, found);
    context.spend(1 + by.length / 16);
    text += subject.slice(from, found.start) + by;
    from = found.end;
  }
  return text + subject.slice(from);
}

/** Text in which what stands between delimiters is a pattern. */
function templateMatch(args: readonly Value[], context: BuiltinContext): Value {
  const template = stringAt(args, 0);
  const subject = stringAt(args, 1);
  const [open, close] = [stringAt(args, 2), stringAt(args, 3)];
  for (const delimiter of [open, close]) {
    // One byte, to be exact.
    if (!/^[\0-\x7f]$/.test(delimiter)) throw failure("delimiters must be one character long");
  }
  return matchesPattern(templatePattern(template, open, close), subject, context);
}

function templatePattern(template: string, open: string, close: string): string {
  let pattern = "^";
  let level = 0;
  let start = 0;
  for (let i = 0; i < template.length; i++) {
    if (template.startsWith(open, i) && level++ === 0) {
      pattern += RE2JS.quote(template.slice(start, i));
      start = i + open.length;
    } else if (template.startsWith(close, i)) {
      if (--level === 0) {
        pattern += `(${template.slice(start, i)})`;
        start = i + close.length;
      } else if (level < 0) throw failure(`unbalanced braces in "${template.slice(0, 100)}"`);
    }
  }
  if (level !== 0) throw failure(`unbalanced braces in "${template.slice(0, 100)}"`);
  return `${pattern}${RE2JS.quote(template.slice(start))}$`;
}

export const REGEX: Builtins = {
  "re_match/2": textsBuiltin(matchesPattern),
  "regex.find_all_string_submatch_n/3": findSubmatches,
  "regex.find_n/3": findN,
  "regex.globs_match/2": textsBuiltin(doGlobsMatch),
  "regex.is_valid/1": isReadable(compile),
  "regex.match/2": textsBuiltin(matchesPattern),
  "regex.replace/3": replace,
  "regex.split/2": split,
  "regex.template_match/4": templateMatch,
};
