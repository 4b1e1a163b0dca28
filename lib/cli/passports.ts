/**
 * Passports from files: of this module, or of the Python package.
 *
 * @module
 */

import { KestError, ParseError } from "../base/errors.ts";
import { fromUtf8 } from "../bytes/encoding.ts";
import { parsePassport } from "../lineage/parse.ts";
import type { Passport } from "../lineage/passport.ts";
import { parsePythonPassport, type PythonPassport, unwrapPythonSample } from "../verify/python.ts";
import { errorAbout, EXIT_USAGE, exitOfIssues } from "./errors.ts";
import { readBytes } from "./files.ts";
import type { CliIo } from "./io.ts";

/** A passport that was read. */
export type AnyPassport =
  | { readonly kind: "kest"; readonly passport: Passport }
  | { readonly kind: "python"; readonly passport: PythonPassport };

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

/** Whether a passport that could not be read as one of this module may be Python's. */
function mayBePython(error: unknown, bytes: Uint8Array): boolean {
  if (!(error instanceof KestError)) return false;
  if (error.code === "PYTHON_PASSPORT") return true;
  const { code, path } = error instanceof ParseError ? error.issues[0] : { code: "", path: "" };
  if (code !== "VERSION" || path !== "") return false;
  return unwrapPythonSample(JSON.parse(fromUtf8(bytes))) !== undefined;
}

function parse(bytes: Uint8Array): AnyPassport {
  try {
    return { kind: "kest", passport: parsePassport(bytes) };
  } catch (error) {
    if (!mayBePython(error, bytes)) throw error;
    return { kind: "python", passport: parsePythonPassport(bytes) };
  }
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
    return parse(bytes);
  } catch (error) {
    throw refused(file, error);
  }
}
