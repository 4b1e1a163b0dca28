/**
 * What the command line needs from the world, and nothing else, so that tests
 * can give it another one.
 *
 * @module
 */

/** How {@linkcode CliIo.writeFile} writes. */
export interface WriteOptions {
  /** Permission bits of the file, e.g. `0o600`. */
  readonly mode?: number;
  /** Fail with code `EEXIST` if the file is there. */
  readonly exclusive?: boolean;
  /** Make the directory of the file, if it is not there. */
  readonly directory?: boolean;
}

/** What stands at a path; links are followed. */
export interface Place {
  /** What it is; `other` is a device, a pipe, a socket. */
  readonly kind: "directory" | "file" | "other";
  /** The path without links: where it is the same, the place is the same. */
  readonly real: string;
  /** The names in a directory, sorted; empty for everything else. */
  readonly names: readonly string[];
}

/** The world of the command line: files, streams, environment, clock. */
export interface CliIo {
  /**
   * Directory against which relative paths are resolved; `""` leaves them to the
   * system.
   */
  readonly cwd: string;
  /** Width of the terminal in columns. */
  readonly columns: number;
  /** Whether standard output is a terminal. */
  readonly isTTY: boolean;
  /** Whether standard error is a terminal. */
  readonly errorIsTTY: boolean;
  /**
   * The bytes of a file, or of standard input for `-`.
   *
   * @throws an error with a `code`: `ENOENT`, `EISDIR`, …; `EFBIG` above `limit`.
   */
  readFile(path: string, limit: number): Promise<Uint8Array>;
  /**
   * What stands at a path.
   *
   * @throws an error with a `code`: `ENOENT`, `EACCES`, `ELOOP`, …
   */
  look(path: string): Place;
  /** Whether a file is there, as far as that may be known. */
  exists(path: string): boolean;
  /** Writes a file whole or not at all. */
  writeFile(path: string, text: string, options?: WriteOptions): void;
  /** Writes to standard output. */
  stdout(text: string): void;
  /** Writes to standard error. */
  stderr(text: string): void;
  /** An environment variable; `undefined` also where it may not be read. */
  env(name: string): string | undefined;
  /** The time in milliseconds since 1970. */
  now(): number;
  /**
   * Serves a page on this machine's loopback address.
   *
   * @throws an error with a `code`: `EADDRINUSE`, `ERR_ACCESS_DENIED`, …
   */
  serve(html: string, port: number): Promise<Served>;
  /** Opens an address in the user's browser; `false` where that cannot be done. */
  browse(url: string): Promise<boolean>;
  /** Resolves when the user ends the program. */
  stopped(): Promise<void>;
}

/** A page that is served. */
export interface Served {
  /** Where: loopback, with a path that nobody can guess. */
  readonly url: string;
  /** Ends it. */
  close(): Promise<void>;
}

/** An error with a code, as systems throw them. */
export class IoError extends Error {
  override readonly name = "IoError";
  /** As in errno, or `ERR_ACCESS_DENIED` for a right that the runtime withholds. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Whether a path is absolute, on any system. */
function isAbsolute(path: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:[/\\])/.test(path);
}

/** The path that the caller means: relative ones are relative to `io.cwd`. */
export function resolvePath(io: CliIo, path: string): string {
  if (path === "-" || io.cwd === "" || isAbsolute(path)) return path;
  return `${io.cwd.replace(/[/\\]$/, "")}/${path}`;
}
