/**
 * Positions in a policy's source.
 *
 * @module
 */

import type { CompileCode, CompileIssue } from "./errors.ts";

/** A source with its name. */
export interface Source {
  readonly file: string;
  readonly source: string;
}

const LINE_LENGTH = 200;

/** Where the lines of a source begin: a parser that tries several readings asks often. */
const LINE_STARTS = new WeakMap<Source, readonly number[]>();

function lineStarts(from: Source): readonly number[] {
  const known = LINE_STARTS.get(from);
  if (known) return known;
  const starts = [0];
  const { source } = from;
  for (let i = source.indexOf("\n"); i >= 0; i = source.indexOf("\n", i + 1)) starts.push(i + 1);
  LINE_STARTS.set(from, starts);
  return starts;
}

/** The line, from 1, that an offset is on. */
export function rowOf(from: Source, at: number): number {
  const starts = lineStarts(from);
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= at) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** A problem at an offset. */
export function issueAt(
  from: Source,
  at: number,
  code: CompileCode,
  message: string,
): CompileIssue {
  const { file, source } = from;
  const starts = lineStarts(from);
  const row = rowOf(from, at);
  const start = starts[row - 1]!;
  const line = source.slice(start, starts[row]).replace(/\r?\n$/, "");
  const col = [...source.slice(start, at)].length + 1;
  // Two units hold any character.
  const shown = [...line.slice(0, 2 * LINE_LENGTH)].slice(0, LINE_LENGTH).join("");
  return { code, message, file, row, col, line: shown };
}
