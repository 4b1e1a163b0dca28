/**
 * Passports from files: of this module, or of the Python package.
 *
 * @module
 */

import { ParseError } from "../base/errors.ts";
import { type AnyPassport, parseAnyPassport } from "../verify/any_passport.ts";
import { errorAbout, EXIT_USAGE, exitOfIssues } from "./errors.ts";
import { readBytes } from "./files.ts";
import type { CliIo } from "./io.ts";

const HINTS: Readonly<Record<string, string>> = {
  LIMIT: "it is beyond what kest reads",
  VERSION: "give a passport of kest/v1 or of the Python package kest 0.1 or 0.2",
};

const USUAL_HINT = "give the JSON of a passport, as JSON.stringify(passport) writes it";

function refused(file: string, error: unknown): unknown {
  if (!(error instanceof ParseError)) return errorAbout(file, error, USUAL_HINT);
  const exit = exitOfIssues(error.issues);
  const hint = exit === EXIT_USAGE
    ? HINTS[error.issues[0].code] ?? USUAL_HINT
    : "it was damaged or edited, or is not by kest";
  return errorAbout(file, error, hint, exit);
}

/**
 * Reads a passport from a file, or from standard input for `-`.
 *
 * @throws {CliError} with exit code 2 if it cannot be read, 1 if it can but
 * violates the format.
 */
export async function readPassport(io: CliIo, file: string): Promise<AnyPassport> {
  const bytes = await readBytes(io, file);
  try {
    return parseAnyPassport(bytes);
  } catch (error) {
    throw refused(file, error);
  }
}
