/**
 * What is wrong with policies, for people: where, what, the line and a caret.
 *
 * @module
 */

import { printable } from "../bytes/encoding.ts";
import { columnsOf, type Screen } from "./screen.ts";

/** A problem or a doubt at a place in a policy. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly file: string;
  readonly row: number;
  readonly col: number;
  readonly line: string;
}

/** Spaces that stand for a tab. */
const TAB = "    ";

function shown(characters: readonly string[]): string {
  return printable(characters.join("").replaceAll("\t", TAB));
}

/** The part of a line around a column that fits, and where in it that column is. */
function windowOf({ line, col }: Problem, room: number): { text: string; caret: number } {
  const characters = [...line];
  let start = 0;
  const caret = () => columnsOf(shown(characters.slice(start, col - 1)));
  const lead = () => start > 0 ? 1 : 0;
  while (start < col - 1 && lead() + caret() > room - 8) start++;
  const text = (start > 0 ? "…" : "") + shown(characters.slice(start));
  return { text, caret: lead() + caret() };
}

/** Prints problems; `word` says what they are, e.g. `warning`. */
export function printProblems(screen: Screen, problems: readonly Problem[], word = ""): void {
  for (const problem of problems) {
    const { file, row, col, code, message, line } = problem;
    const what = word === "" ? "" : `${word}: `;
    screen.text([], `${file}:${row}:${col}: ${what}${code}: ${message}`, 0);
    // A line is cut, and what is behind the cut cannot be pointed at.
    if (line.trim() === "" || col - 1 > [...line].length) continue;
    const { text, caret } = windowOf(problem, (screen.columns ?? Infinity) - 2);
    screen.cut(`  ${text}`);
    screen.line(`  ${" ".repeat(caret)}`, ["^", word === "" ? "bad" : "unsure"]);
  }
}
