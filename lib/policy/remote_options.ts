/**
 * Options of the remote engine, checked: a policy server's address must not be
 * half right.
 *
 * @module
 */

import { refuseUnknown } from "../base/options.ts";

/** The part of `fetch` that the engine uses. */
export type RemoteFetch = (url: string, init: RequestInit) => Promise<Response>;

/** Options of {@linkcode RemoteOpaEngine}. */
export interface RemoteOpaOptions {
  /** Bearer token, sent as `Authorization`. Visible ASCII. */
  readonly token?: string;
  /** More headers of every request; `Accept` and `Content-…` are the engine's. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Milliseconds for one call, its retries included. Default 10,000: more than a
   * step's own `policyTimeoutMs` (5,000), which is what decisions record as `timeout`.
   */
  readonly timeoutMs?: number;
  /** How often a call is repeated whose connection failed, 0 to 10. Default 2. */
  readonly retries?: number;
  /** Allows plain `http:` to other hosts than 127.0.0.0/8, `::1` and `localhost`. */
  readonly allowInsecure?: boolean;
  /** Sends requests; for mTLS, proxies and tests. Default: the runtime's `fetch`. */
  readonly fetch?: RemoteFetch;
  /** Bytes from which request bodies are compressed. Default 16,384; `Infinity`: never. */
  readonly gzipFrom?: number;
  /** Bytes of an answer, decompressed, that are read. Default 1,048,576. */
  readonly maxResponseBytes?: number;
  /** Allows {@linkcode RemoteOpaEngine.addPolicy}. Default `false`. */
  readonly allowPolicyWrites?: boolean;
  /** Makes the failure of a builtin an error; by default its call is undefined. */
  readonly strictBuiltinErrors?: boolean;
}

/** Checked options with their defaults. */
export interface RemoteSettings {
  /** The address without a slash at its end. */
  readonly base: string;
  /** Headers of every request, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Texts that no message may hold. */
  readonly secrets: readonly string[];
  readonly timeoutMs: number;
  readonly retries: number;
  readonly fetch: RemoteFetch;
  readonly gzipFrom: number;
  readonly maxResponseBytes: number;
  readonly allowPolicyWrites: boolean;
  readonly strictBuiltinErrors: boolean;
}

const NAMES = new Set([
  ...["token", "headers", "timeoutMs", "retries", "allowInsecure", "fetch", "gzipFrom"],
  ...["maxResponseBytes", "allowPolicyWrites", "strictBuiltinErrors"],
]);
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const OWN_HEADERS = /^(?:accept|content-.*|host|connection|transfer-encoding)$/;
// The longest that timers can wait.
const LONGEST = 2 ** 31 - 1;

/** The address, never quoted: what is refused about it may be a password. */
function baseOf(address: string | URL, allowInsecure: boolean): string {
  if (typeof address !== "string" && !(address instanceof URL)) {
    throw new TypeError("The address of OPA must be a string or a URL");
  }
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new TypeError("The address of OPA is no absolute URL");
  }
  const refuse = (why: string): never => {
    throw new RangeError(`The address of OPA ${why}`);
  };
  if (!["https:", "http:"].includes(url.protocol)) refuse("must begin with https: or http:");
  if (url.username || url.password) refuse("must hold no user or password; use options.token");
  if (/[?#]/.test(url.href)) refuse("must have no query and no fragment");
  if (url.protocol === "http:" && !LOOPBACK.test(url.hostname) && !allowInsecure) {
    refuse("must begin with https: outside of this machine; allowInsecure allows http:");
  }
  return url.href.replace(/\/+$/, "");
}

function checkToken(token: unknown): string {
  if (typeof token === "string" && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new TypeError("options.token must be visible ASCII characters without spaces");
}

function headersOf({ token, headers = {} }: RemoteOpaOptions): Record<string, string> {
  const all = new Map(
    token === undefined ? [] : [["authorization", `Bearer ${checkToken(token)}`]],
  );
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase();
    if (OWN_HEADERS.test(name) || all.has(name)) {
      throw new TypeError(`options.headers must not set ${name}: the engine does, or it is twice`);
    }
    if (!isHeader(name, value)) throw new TypeError("options.headers holds one that HTTP cannot");
    all.set(name, value);
  }
  return Object.fromEntries(all);
}

function isHeader(name: string, value: unknown): boolean {
  if (typeof value !== "string") return false;
  try {
    new Headers([[name, value]]);
    return true;
  } catch {
    return false;
  }
}

function integer(name: string, value: unknown, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value as number >= min && value as number <= max) {
    return value as number;
  }
  throw new RangeError(`${name} must be an integer from ${min} to ${max}: got ${String(value)}`);
}

function flag(name: string, value: unknown = false): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(`${name} must be a boolean`);
}

function fetchOf(given: unknown): RemoteFetch {
  // Looked up at each call, so that what a program or a test puts in its place is used.
  if (given === undefined) return (url, init) => globalThis.fetch(url, init);
  if (typeof given === "function") return given as RemoteFetch;
  throw new TypeError("options.fetch must be a function");
}

/**
 * Checks address and options.
 *
 * @throws {TypeError} if the address is no URL or an option is unknown or of another type.
 * @throws {RangeError} if the address is refused or a number is out of its range.
 */
export function settingsOf(address: string | URL, options: RemoteOpaOptions): RemoteSettings {
  refuseUnknown(options, NAMES, "RemoteOpaEngine");
  const headers = headersOf(options);
  const { gzipFrom = 16_384 } = options;
  return Object.freeze({
    base: baseOf(address, flag("allowInsecure", options.allowInsecure)),
    headers: Object.freeze(headers),
    secrets: [...(options.token === undefined ? [] : [options.token]), ...Object.values(headers)],
    timeoutMs: integer("timeoutMs", options.timeoutMs ?? 10_000, 1, LONGEST),
    retries: integer("retries", options.retries ?? 2, 0, 10),
    fetch: fetchOf(options.fetch),
    gzipFrom: gzipFrom === Infinity ? gzipFrom : integer("gzipFrom", gzipFrom, 0, LONGEST),
    maxResponseBytes: integer("maxResponseBytes", options.maxResponseBytes ?? 2 ** 20, 1, LONGEST),
    allowPolicyWrites: flag("allowPolicyWrites", options.allowPolicyWrites),
    strictBuiltinErrors: flag("strictBuiltinErrors", options.strictBuiltinErrors),
  });
}
