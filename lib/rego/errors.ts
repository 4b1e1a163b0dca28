/**
 * The errors of the Rego engine, with OPA's own codes.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";

/** OPA's codes of what is wrong with a policy before it runs. */
export type CompileCode =
  | "rego_parse_error"
  | "rego_compile_error"
  | "rego_type_error"
  | "rego_unsafe_var_error"
  | "rego_recursion_error";

/** One problem in a policy's source. */
export interface CompileIssue {
  /** OPA's code. */
  readonly code: CompileCode;
  /** What is wrong. */
  readonly message: string;
  /** The name the policy was added under. */
  readonly file: string;
  /** The line, from 1. */
  readonly row: number;
  /** The column in code points, from 1. */
  readonly col: number;
  /** The line's text, cut to 200 characters. */
  readonly line: string;
}

/** `file:row:col: code: message`, the line, and a caret under the column. */
export function issueText(issue: CompileIssue): string {
  const { code, message, file, row, col, line } = issue;
  const indent = [...line].slice(0, col - 1).map((c) => c === "\t" ? "\t" : " ").join("");
  return `${file}:${row}:${col}: ${code}: ${message}\n  ${line}\n  ${indent}^`;
}

/** A policy that cannot be used: nothing of it was added. */
export class PolicyCompileError extends KestError {
  /** The name of the class. */
  override readonly name = "PolicyCompileError";
  /** All problems found, in the order of the source; never empty. */
  readonly issues: readonly CompileIssue[];

  /** Made by the engine. */
  constructor(issues: readonly CompileIssue[]) {
    super("POLICY_COMPILE", issues.map(issueText).join("\n"));
    this.issues = Object.freeze([...issues]);
  }
}

/** OPA's codes of what can go wrong while a policy runs. */
export type EvalCode =
  | "eval_conflict_error"
  | "eval_builtin_error"
  | "eval_type_error"
  | "eval_with_merge_error"
  | "eval_cancel_error"
  | "eval_budget_error"
  | "eval_internal_error";

/** An evaluation that failed as a whole. */
export class RegoError extends KestError {
  /** The name of the class. */
  override readonly name = "RegoError";
  /** OPA's code, or `eval_budget_error`. */
  readonly reason: EvalCode;

  /** Made by the engine. */
  constructor(reason: EvalCode, message: string, options: ErrorOptions = {}) {
    super("POLICY_EVALUATION", `${reason}: ${message}`, options);
    this.reason = reason;
  }
}

/**
 * A builtin refused its operands. Its call is undefined; where builtin errors
 * are strict, the evaluation fails.
 */
export class BuiltinError extends Error {
  /** `eval_type_error` for an operand of the wrong type, else `eval_builtin_error`. */
  readonly reason: "eval_builtin_error" | "eval_type_error";

  constructor(reason: "eval_builtin_error" | "eval_type_error", message: string) {
    super(message);
    this.reason = reason;
  }
}
