/**
 * The command line in a world of its own: files in memory, output in strings.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type CliIo, main, type Place } from "../lib/cli/main.ts";

export interface World {
  readonly files: Map<string, string | Uint8Array>;
  readonly modes: Map<string, number | undefined>;
  env: Record<string, string>;
  columns: number;
  isTTY: boolean;
  errorIsTTY: boolean;
  cwd: string;
  now: number | undefined;
  /** Pages that were served, with the port that was asked for. */
  readonly served: { readonly html: string; readonly port: number }[];
  /** What serving fails with, if it does. */
  serveError: Error | undefined;
  /** Addresses that a browser was started with. */
  readonly browsed: string[];
  hasBrowser: boolean;
}

export interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  // deno-lint-ignore no-explicit-any
  readonly json: any;
}

export function world(files: Record<string, string | Uint8Array> = {}): World {
  return {
    files: new Map(Object.entries(files)),
    modes: new Map(),
    env: {},
    columns: 80,
    isTTY: false,
    errorIsTTY: false,
    cwd: "",
    now: undefined,
    served: [],
    serveError: undefined,
    browsed: [],
    hasBrowser: true,
  };
}

export function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function readFrom({ files }: World, path: string, limit: number): Uint8Array {
  const found = files.get(path);
  if (found === undefined) throw coded("ENOENT");
  const bytes = typeof found === "string" ? new TextEncoder().encode(found) : found;
  if (bytes.length > limit) throw coded("EFBIG");
  return bytes;
}

function lookAt({ files }: World, path: string): Place {
  const below = `${path.replace(/\/$/, "")}/`;
  const names = [...files.keys()].filter((name) => name.startsWith(below))
    .map((name) => name.slice(below.length).split("/")[0]!);
  const kind = files.has(path) ? "file" : "directory";
  if (kind === "directory" && names.length === 0) throw coded("ENOENT");
  return { kind, real: path, names: [...new Set(names)].sort() };
}

function writeTo(world: World, path: string, text: string, options: { exclusive?: boolean }): void {
  if (options.exclusive && world.files.has(path)) throw coded("EEXIST");
  world.files.set(path, text);
}

export async function kest(place: World, ...args: string[]): Promise<Result> {
  let out = "";
  let err = "";
  const io: CliIo = {
    cwd: place.cwd,
    columns: place.columns,
    isTTY: place.isTTY,
    errorIsTTY: place.errorIsTTY,
    readFile: (path, limit) => Promise.resolve().then(() => readFrom(place, path, limit)),
    look: (path) => lookAt(place, path),
    exists: (path) => place.files.has(path),
    writeFile: (path, text, options = {}) => {
      writeTo(place, path, text, options);
      place.modes.set(path, options.mode);
    },
    stdout: (text) => void (out += text),
    stderr: (text) => void (err += text),
    env: (name) => place.env[name],
    now: () => place.now ?? Date.now(),
    serve: (html, port) => {
      if (place.serveError) return Promise.reject(place.serveError);
      place.served.push({ html, port });
      return Promise.resolve({ url: "http://127.0.0.1:1/x/", close: () => Promise.resolve() });
    },
    browse: (url) => {
      if (place.hasBrowser) place.browsed.push(url);
      return Promise.resolve(place.hasBrowser);
    },
    stopped: () => Promise.resolve(),
  };
  const code = await main(args, io);
  const json = out.startsWith("{") ? JSON.parse(out) : undefined;
  return { code, out, err, json };
}

export function assertOneLine(result: Result, code: number, ...parts: (string | RegExp)[]): void {
  assert.equal(result.code, code, result.err);
  assert.equal(result.out, "");
  assert.match(result.err, /^kest: [^\n]+\n$/);
  for (const part of parts) {
    if (typeof part === "string") assert(result.err.includes(part), result.err);
    else assert.match(result.err, part);
  }
}
