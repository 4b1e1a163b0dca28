/**
 * Collects what is wrong with a set of policies.
 *
 * @module
 */

import type { Module } from "./ast.ts";
import { type CompileCode, type CompileIssue, PolicyCompileError } from "./errors.ts";
import { issueAt } from "./source.ts";

/** As many problems as are reported at once. */
const MAX_ISSUES = 10;

/** The order of the source. */
function inSource(a: CompileIssue, b: CompileIssue): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.row - b.row || a.col - b.col;
}

/** The problems found so far. */
export class Issues {
  readonly #issues: CompileIssue[] = [];

  add(module: Pick<Module, "file" | "source">, at: number, code: CompileCode, message: string) {
    if (this.#issues.length >= MAX_ISSUES) return;
    const issue = issueAt(module, at, code, message);
    const isKnown = this.#issues.some((known) =>
      known.file === issue.file && known.row === issue.row && known.message === issue.message
    );
    if (!isKnown) this.#issues.push(issue);
  }

  /** @throws {PolicyCompileError} if there is any problem. */
  throwIfAny(): void {
    if (this.#issues.length > 0) throw new PolicyCompileError(this.#issues.sort(inSource));
  }
}
