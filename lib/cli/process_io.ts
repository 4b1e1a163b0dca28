/**
 * The command line's world in Deno and Node, through the built-in modules that
 * both hand out. Never prompts: a right that is not granted is an error.
 *
 * @module
 */

import { type CliIo, IoError, type Place, type Served, type WriteOptions } from "./io.ts";
import { type Http, servePage } from "./serve.ts";

interface Stats {
  readonly mode: number;
  isFile(): boolean;
  isDirectory(): boolean;
}

interface Fs {
  openSync(path: string, flags: string, mode?: number): number;
  closeSync(fd: number): void;
  readSync(fd: number, into: Uint8Array): number;
  writeFileSync(path: string | number, text: string): void;
  renameSync(from: string, to: string): void;
  unlinkSync(path: string): void;
  mkdirSync(path: string, options: { recursive: true }): void;
  existsSync(path: string): boolean;
  realpathSync(path: string): string;
  readdirSync(path: string): string[];
  statSync(path: string): Stats;
  lstatSync(path: string, options: { throwIfNoEntry: false }): Stats | undefined;
}

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
  on(event: "error", listener: (error: { readonly code?: string }) => void): unknown;
}

/** The part of `process` that the command line uses. */
export interface ProcessLike {
  /** Arguments, the first two being the runtime and the script. */
  readonly argv: readonly string[];
  /** The exit code that the process will end with. */
  exitCode?: number | undefined;
  readonly pid: number;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  cwd(): string;
  on(event: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  readonly platform: string;
  getBuiltinModule(name: "node:fs"): Fs;
  getBuiltinModule(name: "node:http"): Http;
  getBuiltinModule(name: "node:child_process"): ChildProcess;
}

interface ChildProcess {
  spawn(command: string, args: readonly string[], options: object): {
    on(event: "error" | "spawn", listener: () => void): unknown;
    unref(): void;
  };
}

interface Right {
  readonly name: "env" | "net" | "read" | "run" | "write";
  readonly command?: string;
  readonly host?: string;
  readonly path?: string;
  readonly variable?: string;
}

interface DenoLike {
  readonly permissions: { querySync(right: Right): { readonly state: string } };
}

/**
 * The runtime's `process`.
 *
 * @throws {TypeError} where there is none.
 */
export function hostProcess(): ProcessLike {
  const { process } = globalThis as unknown as { process?: ProcessLike };
  if (process?.getBuiltinModule === undefined) {
    throw new TypeError("The command line needs Deno, or Node 20.16 or newer");
  }
  return process;
}

function host(): DenoLike | undefined {
  return (globalThis as { Deno?: DenoLike }).Deno;
}

/** Whether Deno granted a right; elsewhere the system decides. */
function isGranted(right: Right): boolean {
  const state = host()?.permissions.querySync(right).state ?? "granted";
  return state === "granted";
}

function demand(name: "read" | "write", path: string): void {
  if (isGranted({ name, path })) return;
  throw new IoError("ERR_ACCESS_DENIED", `--allow-${name}`);
}

function envOf(process: ProcessLike, name: string): string | undefined {
  return isGranted({ name: "env", variable: name }) ? process.env[name] : undefined;
}

/** Collects chunks up to a limit. */
class Chunks {
  readonly #chunks: Uint8Array[] = [];
  readonly #limit: number;
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(chunk: Uint8Array): void {
    this.#length += chunk.length;
    if (this.#length > this.#limit) throw new IoError("EFBIG", `longer than ${this.#limit} bytes`);
    this.#chunks.push(chunk);
  }

  join(): Uint8Array {
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }
}

async function readStdin(process: ProcessLike, limit: number): Promise<Uint8Array> {
  const chunks = new Chunks(limit);
  for await (const chunk of process.stdin) {
    chunks.add(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
  }
  return chunks.join();
}

const CHUNK = 1 << 20;

function readPath(fs: Fs, path: string, limit: number): Uint8Array {
  demand("read", path);
  const fd = fs.openSync(path, "r");
  try {
    const chunks = new Chunks(limit);
    const buffer = new Uint8Array(CHUNK);
    for (let read = fs.readSync(fd, buffer); read > 0; read = fs.readSync(fd, buffer)) {
      chunks.add(buffer.slice(0, read));
    }
    return chunks.join();
  } finally {
    fs.closeSync(fd);
  }
}

function lookAt(fs: Fs, path: string): Place {
  demand("read", path);
  const real = fs.realpathSync(path);
  const stats = fs.statSync(real);
  if (stats.isDirectory()) {
    return { kind: "directory", real, names: fs.readdirSync(real).sort() };
  }
  return { kind: stats.isFile() ? "file" : "other", real, names: [] };
}

function writeTo(fs: Fs, path: string, text: string, flags: string, mode: number): void {
  const fd = fs.openSync(path, flags, mode);
  try {
    fs.writeFileSync(fd, text);
  } finally {
    fs.closeSync(fd);
  }
}

/** Writes beside the file and renames, so that nobody reads a half of it. */
function replaceFile(fs: Fs, path: string, text: string, mode: number, pid: number): void {
  const beside = `${path}.${pid}.tmp`;
  try {
    writeTo(fs, beside, text, "wx", mode);
    fs.renameSync(beside, path);
  } catch (error) {
    if ((error as { code?: string }).code !== "EEXIST") {
      try {
        fs.unlinkSync(beside);
      } catch {
        // It was never made; the first error is the one to tell.
      }
    }
    throw error;
  }
}

function writePath(
  process: ProcessLike,
  path: string,
  text: string,
  { mode, exclusive = false, directory = false }: WriteOptions,
): void {
  const fs = process.getBuiltinModule("node:fs");
  demand("write", path);
  const parent = path.replace(/[/\\][^/\\]*$/, "");
  if (directory && parent !== path && parent !== "") fs.mkdirSync(parent, { recursive: true });
  if (exclusive) return writeTo(fs, path, text, "wx", mode ?? 0o666);
  const mayRename = [path, `${path}.${process.pid}.tmp`].every((each) =>
    isGranted({ name: "read", path: each }) && isGranted({ name: "write", path: each })
  );
  const old = mayRename ? fs.lstatSync(path, { throwIfNoEntry: false }) : undefined;
  // A link or a device is written to, not replaced.
  if (!mayRename || (old !== undefined && !old.isFile())) {
    return writeTo(fs, path, text, "w", mode ?? 0o666);
  }
  replaceFile(fs, path, text, mode ?? (old === undefined ? 0o666 : old.mode & 0o777), process.pid);
}

/** The directory that holds lib/, where this module was loaded from a file. */
function moduleRoot(): string | undefined {
  const root = new URL("../../", import.meta.url);
  return root.protocol === "file:" ? decodeURIComponent(root.pathname) : undefined;
}

/**
 * `deno task` runs in the directory of deno.json and leaves the caller's in
 * INIT_CWD. Child processes inherit it, so it counts only here: in Deno, in a
 * directory that `deno task` may have changed to.
 */
function callersDirectory(process: ProcessLike): string {
  const initial = host() && envOf(process, "INIT_CWD");
  if (!initial || !isGranted({ name: "read", path: "." })) return "";
  const here = `${process.cwd()}/`;
  return `${initial}/`.startsWith(here) || here === moduleRoot() ? initial : "";
}

function columnsOf(process: ProcessLike): number {
  const given = Number(envOf(process, "COLUMNS"));
  const columns = Number.isSafeInteger(given) && given > 0 ? given : process.stdout.columns;
  return columns !== undefined && columns > 0 ? columns : 80;
}

/** A reader that closes its end, as `head` does, is no error. */
function ignoreClosedPipe(output: Output): void {
  output.on("error", (error) => {
    if (error.code !== "EPIPE") throw error;
  });
}

/** What opens an address in a browser, by system. */
const OPENERS: Readonly<Record<string, string>> = { darwin: "open", win32: "explorer.exe" };

/** Whether the browser was started: nothing waits for it, and no right is asked for. */
async function browse(process: ProcessLike, url: string): Promise<boolean> {
  const command = OPENERS[process.platform] ?? "xdg-open";
  if (!isGranted({ name: "run", command })) return false;
  const options = { detached: true, stdio: "ignore" };
  const child = process.getBuiltinModule("node:child_process").spawn(command, [url], options);
  child.unref();
  return await new Promise((resolve) => {
    child.on("spawn", () => resolve(true));
    child.on("error", () => resolve(false));
  });
}

async function serve(process: ProcessLike, html: string, port: number): Promise<Served> {
  if (!isGranted({ name: "net", host: "127.0.0.1" })) {
    throw new IoError("ERR_ACCESS_DENIED", "--allow-net=127.0.0.1");
  }
  return await servePage(process.getBuiltinModule("node:http"), html, port);
}

function stopped(process: ProcessLike): Promise<void> {
  return new Promise((resolve) => {
    process.on("SIGINT", resolve);
    process.on("SIGTERM", resolve);
  });
}

/**
 * The world of this process, in Deno and Node.
 *
 * @throws {TypeError} in other runtimes.
 */
export function processIo(): CliIo {
  const process = hostProcess();
  const fs = process.getBuiltinModule("node:fs");
  ignoreClosedPipe(process.stdout);
  ignoreClosedPipe(process.stderr);
  return {
    cwd: callersDirectory(process),
    columns: columnsOf(process),
    isTTY: process.stdout.isTTY === true,
    errorIsTTY: process.stderr.isTTY === true,
    readFile: async (path, limit) =>
      path === "-" ? await readStdin(process, limit) : readPath(fs, path, limit),
    look: (path) => lookAt(fs, path),
    exists: (path) => isGranted({ name: "read", path }) && fs.existsSync(path),
    writeFile: (path, text, options = {}) => writePath(process, path, text, options),
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    env: (name) => envOf(process, name),
    now: () => Date.now(),
    serve: (html, port) => serve(process, html, port),
    browse: (url) => browse(process, url),
    stopped: () => stopped(process),
  };
}
