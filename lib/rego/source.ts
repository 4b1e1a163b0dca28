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

/** A problem at an offset. */
export function issueAt(
  { file, source }: Source,
  at: number,
  code: CompileCode,
  message: string,
): CompileIssue {
  const start = source.lastIndexOf("\n", at - 1) + 1;
  const end = source.indexOf("\n", at);
  let row = 1;
  for (let i = source.indexOf("\n"); i >= 0 && i < at; i = source.indexOf("\n", i + 1)) row++;
  const line = source.slice(start, end < 0 ? undefined : end).replace(/\r$/, "");
  const col = [...source.slice(start, at)].length + 1;
  return { code, message, file, row, col, line: [...line].slice(0, LINE_LENGTH).join("") };
}
