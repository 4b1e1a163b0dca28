/**
 * Collects what is wrong with a set of policies.
 *
 * @module
 */

import type { Module } from "./ast.ts";
import { type CompileCode, type CompileIssue, PolicyCompileError } from "./errors.ts";
import { issueAt, rowOf } from "./source.ts";

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

  /** Whether no more problems are taken. */
  get isFull(): boolean {
    return this.#issues.length >= MAX_ISSUES;
  }

  add(module: Pick<Module, "file" | "source">, at: number, code: CompileCode, message: string) {
    if (this.isFull) return;
    const row = rowOf(module, at);
    const isKnown = this.#issues.some((known) =>
      known.file === module.file && known.row === row && known.message === message
    );
    if (!isKnown) this.#issues.push(issueAt(module, at, code, message));
  }

  /** @throws {PolicyCompileError} if there is any problem. */
  throwIfAny(): void {
    if (this.#issues.length > 0) throw new PolicyCompileError(this.#issues.sort(inSource));
  }
}
