/**
 * Content: what a value hashes to, and by which rule (SPEC 3.2).
 *
 * Only the pair of kind and hash identifies content: the bytes `{}` and the
 * object `{}` share a hash.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { canonicalize } from "./canonical.ts";
import { utf8 } from "./encoding.ts";
import { sha256, sha256Incremental, sha256Large } from "./sha256.ts";

/**
 * How content was hashed: `json` (RFC 8785 text), `bytes` (raw), `items` (a
 * stream of JSON values, each behind its length), `undefined` (the value
 * `undefined`), `none` (there was no result).
 */
export type ContentKind = "json" | "bytes" | "items" | "undefined" | "none";

/** All content kinds. */
export const CONTENT_KINDS: readonly ContentKind[] = [
  "json",
  "bytes",
  "items",
  "undefined",
  "none",
];

/** A content hash with the rule that made it. */
export interface Content {
  /** The rule. */
  readonly kind: ContentKind;
  /** SHA-256 in 64 lowercase hex digits. */
  readonly hash: string;
}

/** SHA-256 of no bytes: the hash of content kinds `none` and `undefined`. */
export const EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** The content of a step that returned nothing: it failed or was denied. */
export const NO_CONTENT: Content = Object.freeze({ kind: "none", hash: EMPTY_HASH });

/** The content of a returned `undefined`. */
const UNDEFINED_CONTENT: Content = Object.freeze({ kind: "undefined", hash: EMPTY_HASH });

/** Whether a value is content of kind `bytes`. */
export function isBytes(value: unknown): value is Uint8Array | ArrayBuffer | Blob {
  return value instanceof Uint8Array || value instanceof ArrayBuffer ||
    (typeof Blob === "function" && value instanceof Blob);
}

function hashOfBytes(value: Uint8Array | ArrayBuffer | Blob): string | Promise<string> {
  if (value instanceof Uint8Array) return sha256Large(value);
  if (value instanceof ArrayBuffer) return sha256Large(new Uint8Array(value));
  return hashOfBlob(value);
}

async function hashOfBlob(blob: Blob): Promise<string> {
  const hash = sha256Incremental();
  const reader = blob.stream().getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    hash.update(read.value);
  }
  return hash.digest();
}

/**
 * The content of a value: synchronous for JSON and small bytes, a promise for
 * blobs and large bytes (SPEC 3.2).
 *
 * @throws {KestError} as `canonicalize` does, for a value without a canonical form.
 */
export function contentOf(value: unknown): Content | Promise<Content> {
  if (value === undefined) return UNDEFINED_CONTENT;
  if (typeof value === "object" && value !== null && isBytes(value)) {
    const hash = hashOfBytes(value);
    return typeof hash === "string"
      ? { kind: "bytes", hash }
      : hash.then((hash) => ({ kind: "bytes", hash }));
  }
  return { kind: "json", hash: sha256(canonicalize(value)) };
}

/** One item of a stream as it is framed: 8 bytes of length, big-endian, then RFC 8785 text. */
function frame(item: unknown): Uint8Array {
  const text = utf8(canonicalize(item));
  const framed = new Uint8Array(8 + text.length);
  new DataView(framed.buffer).setBigUint64(0, BigInt(text.length));
  framed.set(text, 8);
  return framed;
}

/** Hashes a stream as it passes: bytes are concatenated, other items framed (SPEC 3.2). */
export class StreamContent {
  readonly #hash = sha256Incremental();
  #kind: "bytes" | "items" | undefined;

  /**
   * Takes the next item.
   *
   * @throws {KestError} `CONTENT_TYPE` if bytes and other items are mixed, or as
   * `canonicalize` does.
   */
  add(item: unknown): void {
    const kind = item instanceof Uint8Array ? "bytes" : "items";
    if (this.#kind !== undefined && kind !== this.#kind) {
      throw new KestError("CONTENT_TYPE", `A stream of ${this.#kind} yielded ${kind}`);
    }
    this.#kind = kind;
    this.#hash.update(item instanceof Uint8Array ? item : frame(item));
  }

  /** The content of all that was taken; an empty stream is of kind `items`. */
  finish(): Content {
    return { kind: this.#kind ?? "items", hash: this.#hash.digest() };
  }
}

/**
 * The content of a value under a kind that an entry names, to compare with it.
 * An array stands for the items of an `items` stream.
 */
export function contentAs(kind: ContentKind, value: unknown): Content | Promise<Content> {
  if (kind !== "items" || !Array.isArray(value)) return contentOf(value);
  const stream = new StreamContent();
  for (const item of value) stream.add(item);
  return stream.finish();
}

/**
 * Whether a value still has some content, found out at once, without letting
 * anybody else run in between. A `Blob` cannot change.
 */
export function stillHas(value: unknown, { kind, hash }: Content): boolean {
  if (typeof Blob === "function" && value instanceof Blob) return true;
  if (value instanceof Uint8Array) return kind === "bytes" && sha256(value) === hash;
  if (value instanceof ArrayBuffer) {
    return kind === "bytes" && sha256(new Uint8Array(value)) === hash;
  }
  try {
    const content = contentAs(kind, value);
    return !isThenable(content) && content.kind === kind && content.hash === hash;
  } catch {
    return false;
  }
}

/** Whether a value can be awaited. */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return (typeof value === "object" && value !== null || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function";
}
