/**
 * Passports from files: of this module, or of the Python package.
 *
 * @module
 */

import { ParseError } from "../base/errors.ts";
import { DEFAULT_LIMITS } from "../base/limits.ts";
import { fromUtf8 } from "../bytes/encoding.ts";
import { isPage } from "../page/blocks.ts";
import { readPage } from "../page/read.ts";
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

/** Bytes of a page: a passport as large as may be, packed, and the explorer. */
const MOST_PAGE_BYTES = DEFAULT_LIMITS.bytes;

/** The passport in a page; bytes that are none are what they are. */
async function unpacked(file: string, bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] !== 0x3c && bytes[0] !== 0x0a) return bytes;
  try {
    const text = fromUtf8(bytes);
    return isPage(text) ? (await readPage(text)).passport : bytes;
  } catch (error) {
    throw errorAbout(file, error, "the page was damaged or edited, or is not by kest");
  }
}

/**
 * The bytes of a passport: of the file itself, or of the page that it is. Only
 * the data of a page is read, never its trust policy.
 *
 * @throws {CliError} with exit code 2 if it cannot be read.
 */
export async function readPassportBytes(io: CliIo, file: string): Promise<Uint8Array> {
  return await unpacked(file, await readBytes(io, file, MOST_PAGE_BYTES));
}

/**
 * Reads a passport from a file or a page, or from standard input for `-`.
 *
 * @throws {CliError} with exit code 2 if it cannot be read, 1 if it can but
 * violates the format.
 */
export async function readPassport(io: CliIo, file: string): Promise<AnyPassport> {
  return parsePassportBytes(file, await readPassportBytes(io, file));
}

/** The same, of bytes that were read before. */
export function parsePassportBytes(file: string, bytes: Uint8Array): AnyPassport {
  try {
    return parseAnyPassport(bytes);
  } catch (error) {
    throw refused(file, error);
  }
}
