/**
 * What ends a command early, and the exit code it ends with.
 *
 * @module
 */

import { type Issue, KestError, ParseError } from "../base/errors.ts";
import type { CompileIssue } from "../rego/errors.ts";

/** Verified, reproduced, allowed, or done. */
export const EXIT_OK = 0;
/** A passport or a policy is invalid, a test fails, a rule does not allow, a decision differs. */
export const EXIT_INVALID = 1;
/** Wrong usage, or input that cannot be read. */
export const EXIT_USAGE = 2;
/** Nothing wrong was found, but nothing is proven: not verified, not replayed, undefined. */
export const EXIT_UNVERIFIED = 3;

/** What a {@linkcode CliError} may know besides its message. */
export interface CliErrorOptions {
  /** The stable code; default `USAGE`. */
  readonly code?: string;
  /** The exit code; default 2. */
  readonly exit?: number;
  /** JSON Pointer to the value at fault. */
  readonly path?: string | undefined;
  /** The problems of untrusted input. */
  readonly issues?: readonly Issue[];
  /** What is wrong with policies. */
  readonly problems?: readonly CompileIssue[];
}

/** A command cannot go on: one line for people, a code for programs. */
export class CliError extends Error {
  override readonly name = "CliError";
  /** `USAGE`, `FILE`, `NO_FILE`, `PERMISSION` or the code of a `KestError`. */
  readonly code: string;
  /** The exit code. */
  readonly exit: number;
  /** JSON Pointer to the value at fault, where there is one. */
  readonly path: string | undefined;
  /** The problems of untrusted input, where that is it. */
  readonly issues: readonly Issue[] | undefined;
  /** What is wrong with policies, where that is it. */
  readonly problems: readonly CompileIssue[] | undefined;

  constructor(message: string, options: CliErrorOptions = {}) {
    super(message);
    this.code = options.code ?? "USAGE";
    this.exit = options.exit ?? EXIT_USAGE;
    this.path = options.path;
    this.issues = options.issues;
    this.problems = options.problems;
  }
}

/** Codes of problems because of which nothing can be said about a passport (SPEC 9.3). */
const UNREADABLE: ReadonlySet<string> = new Set(["JSON", "LIMIT"]);

/** Whether a problem means that there is no passport to judge. */
function isUnreadable({ code, path }: Issue): boolean {
  const isWhole = path === "" || path === "/";
  if (code === "VERSION") return isWhole || path === "/version";
  return UNREADABLE.has(code) || (isWhole && (code === "UTF8" || code === "FIELD_TYPE"));
}

/** The exit code for a passport that was refused: 2 unreadable, 1 readable but against the rules. */
export function exitOfIssues(issues: readonly Issue[]): number {
  return issues.every(isUnreadable) ? EXIT_USAGE : EXIT_INVALID;
}

/** An error about data, with the file it is about and what to do. */
export function errorAbout(
  file: string,
  error: unknown,
  hint: string,
  exit: number = EXIT_USAGE,
): unknown {
  if (!(error instanceof KestError)) return error;
  return new CliError(`${file}: ${error.message}; ${hint}`, {
    code: error.code,
    exit,
    path: error.path,
    ...(error instanceof ParseError && { issues: error.issues }),
  });
}
