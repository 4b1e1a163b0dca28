/**
 * Passports of this module or of the Python package, whichever bytes hold.
 *
 * @module
 */

import { KestError, ParseError } from "../base/errors.ts";
import { fromUtf8 } from "../bytes/encoding.ts";
import { parsePassport } from "../lineage/parse.ts";
import type { Passport } from "../lineage/passport.ts";
import { parsePythonPassport, type PythonPassport, unwrapPythonSample } from "./python.ts";

/** A passport that was read. */
export type AnyPassport =
  | { readonly kind: "kest"; readonly passport: Passport }
  | { readonly kind: "python"; readonly passport: PythonPassport };

/** Whether a passport that could not be read as one of this module may be Python's. */
function mayBePython(error: unknown, bytes: Uint8Array): boolean {
  if (!(error instanceof KestError)) return false;
  if (error.code === "PYTHON_PASSPORT") return true;
  const { code, path } = error instanceof ParseError ? error.issues[0] : { code: "", path: "" };
  if (code !== "VERSION" || path !== "") return false;
  return unwrapPythonSample(JSON.parse(fromUtf8(bytes))) !== undefined;
}

/**
 * Reads bytes as a passport of this module, else as one of the Python package.
 *
 * @throws {ParseError} if they are neither.
 */
export function parseAnyPassport(bytes: Uint8Array): AnyPassport {
  try {
    return { kind: "kest", passport: parsePassport(bytes) };
  } catch (error) {
    if (!mayBePython(error, bytes)) throw error;
    return { kind: "python", passport: parsePythonPassport(bytes) };
  }
}
