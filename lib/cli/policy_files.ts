/**
 * Policies from files and directories.
 *
 * @module
 */

import { fromUtf8 } from "../bytes/encoding.ts";
import { CliError } from "./errors.ts";
import { lookAt, readBytes } from "./files.ts";
import { type CliIo, IoError, type Place, resolvePath } from "./io.ts";

/** A policy as it was read. */
export interface PolicyFile {
  /** The path as it was given, or found below a directory. */
  readonly name: string;
  /** Its source. */
  readonly text: string;
}

/** Which policies are wanted. */
export interface PolicyChoice {
  /** Whether `*_test.rego` in directories counts; files that are named always do. */
  readonly tests: boolean;
}

/** Bytes of one policy. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Bytes of all policies. */
const MOST_BYTES_IN_ALL = 32 * 1024 * 1024;
const MOST_FILES = 1_000;
/** Names that are looked at below directories. */
const MOST_NAMES = 100_000;
const DEEPEST = 64;

const HINT = "name the directory with the policies, or the files";

/** Whether a file holds tests, by its name. */
export function isTestFile(name: string): boolean {
  return name.endsWith("_test.rego");
}

/** Finds the policies below what is named. */
class Finder {
  readonly #io: CliIo;
  readonly #tests: boolean;
  /** Places that were there, by their path without links: no link leads in a circle. */
  readonly #seen = new Set<string>();
  readonly found: string[] = [];
  #names = 0;

  constructor(io: CliIo, { tests }: PolicyChoice) {
    this.#io = io;
    this.#tests = tests;
  }

  name(path: string): void {
    if (path === "-") return this.#add(path, path);
    const place = lookAt(this.#io, path);
    if (place.kind !== "directory") return this.#add(path, place.real);
    if (this.#seen.has(place.real)) return;
    const before = this.found.length;
    this.#directory(path, place, 0);
    if (this.found.length > before) return;
    const what = this.#tests ? "*.rego" : "*.rego that is no *_test.rego";
    throw new CliError(`${path}: no ${what} in this directory or below; ${HINT}`, {
      code: "NO_FILE",
    });
  }

  #directory(path: string, place: Place, depth: number): void {
    if (depth > DEEPEST) throw tooMuch(path, `directories are nested deeper than ${DEEPEST}`);
    this.#seen.add(place.real);
    for (const name of place.names) {
      if (++this.#names > MOST_NAMES) {
        throw tooMuch(path, `there are more than ${MOST_NAMES} files`);
      }
      this.#below(`${path.replace(/\/$/, "")}/${name}`, depth);
    }
  }

  #below(path: string, depth: number): void {
    const isPolicy = path.endsWith(".rego");
    const place = isPolicy ? lookAt(this.#io, path) : this.#lookIfPossible(path);
    if (!place || this.#seen.has(place.real)) return;
    if (place.kind === "directory") this.#directory(path, place, depth + 1);
    else if (isPolicy && place.kind === "file" && (this.#tests || !isTestFile(path))) {
      this.#add(path, place.real);
    }
  }

  /** What is no policy may be a link to nowhere, or closed to us. */
  #lookIfPossible(path: string): Place | undefined {
    try {
      return this.#io.look(resolvePath(this.#io, path));
    } catch (error) {
      if (error instanceof IoError) throw error;
      return undefined;
    }
  }

  #add(path: string, real: string): void {
    if (this.#seen.has(real)) return;
    this.#seen.add(real);
    if (this.found.length >= MOST_FILES) throw tooMuch(path, `there are more than ${MOST_FILES}`);
    this.found.push(path);
  }
}

function tooMuch(path: string, why: string): CliError {
  return new CliError(`${path}: too many policies: ${why}; ${HINT}`, { code: "LIMIT" });
}

/**
 * Reads policies: files, standard input for `-`, and every `*.rego` below
 * directories, in the order of their names. Each file counts once.
 *
 * @throws {CliError} with exit code 2 if one cannot be read or there is none.
 */
export async function readPolicies(
  io: CliIo,
  paths: readonly string[],
  choice: PolicyChoice,
): Promise<readonly PolicyFile[]> {
  const finder = new Finder(io, choice);
  for (const path of paths) finder.name(path);
  const files: PolicyFile[] = [];
  let left = MOST_BYTES_IN_ALL;
  for (const name of finder.found) {
    const bytes = await readBytes(io, name, MOST_BYTES);
    left -= bytes.length;
    if (left < 0) throw tooMuch(name, `together they exceed ${MOST_BYTES_IN_ALL} bytes`);
    files.push({ name, text: textOf(name, bytes) });
  }
  return files;
}

function textOf(name: string, bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch {
    throw new CliError(`${name}: not valid UTF-8; a policy is Rego text in UTF-8`, {
      code: "PARSE",
    });
  }
}
