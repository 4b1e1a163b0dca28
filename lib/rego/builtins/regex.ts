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
import { compilePattern, type Found, matches, searchFor } from "./regex_search.ts";

/** Whether the pattern matches somewhere in the subject. */
export function matchesPattern(
  pattern: string,
  subject: string,
  context: BuiltinContext,
): boolean {
  return searchFor(pattern, subject, context).pattern.matcher(subject).find();
}

function findN(args: readonly Value[], context: BuiltinContext): Value {
  const search = searchFor(stringAt(args, 0), stringAt(args, 1), context);
  return Array.from(
    matches(search, integerAt(args, 2)),
    ({ start, end }) => search.subject.slice(start, end),
  );
}

function findSubmatches(args: readonly Value[], context: BuiltinContext): Value {
  const search = searchFor(stringAt(args, 0), stringAt(args, 1), context, true);
  return Array.from(
    matches(search, integerAt(args, 2)),
    ({ groups }) => groups.map((group) => group ?? ""),
  );
}

function split(args: readonly Value[], context: BuiltinContext): Value {
  const [pattern, subject] = [stringAt(args, 0), stringAt(args, 1)];
  const search = searchFor(pattern, subject, context);
  if (pattern !== "" && subject === "") return [""];
  const parts: string[] = [];
  let begin = 0;
  let end = 0;
  for (const found of matches(search, -1)) {
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
  const template = stringAt(args, 2);
  const search = searchFor(stringAt(args, 1), subject, context, template.includes("$"));
  const names = Object.assign(Object.create(null), search.pattern.namedGroups());
  let text = "";
  let from = 0;
  for (const found of matches(search, -1)) {
    const by = expand(template, names, found);
    context.spend(1 + by.length / 16 + template.length / 4);
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
  "regex.is_valid/1": isReadable(compilePattern),
  "regex.match/2": textsBuiltin(matchesPattern),
  "regex.replace/3": replace,
  "regex.split/2": split,
  "regex.template_match/4": templateMatch,
};
