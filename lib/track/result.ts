/**
 * Egress: drains generators and streams, and takes tracked values out of a
 * result (SPEC 7.4).
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { isBytes } from "../bytes/content.ts";
import type { Tracked } from "./context.ts";
import { extract } from "./containers.ts";
import { isTracked, trackedEntry } from "./kest_data.ts";

/** How much may be drained into one result. */
export interface DrainLimits {
  readonly maxItems: number;
  readonly maxBytes: number;
}

/** A result without tracked values, and those that were in it. */
export interface Flattened {
  readonly data: unknown;
  readonly tracked: readonly Tracked[];
}

/** Replaces tracked values in a result by their data; they become its parents. */
export function flatten(result: unknown): Flattened {
  if (isTracked(result)) {
    const tracked = [trackedEntry(result)];
    return { data: extract(result, [], []).plain, tracked };
  }
  const found: Parameters<typeof extract>[2] = [];
  const { plain } = extract(result, [], found);
  return { data: plain, tracked: found.map(({ value }) => trackedEntry(value)) };
}

type AnyIterator = AsyncIterator<unknown> | Iterator<unknown>;

/** An iterator over a result that is a generator or a stream; `undefined` for any other. */
export function iteratorOf(result: unknown): AnyIterator | undefined {
  if (typeof result !== "object" || result === null) return undefined;
  if (Array.isArray(result) || isTracked(result) || isBytes(result)) return undefined;
  const source = result as Partial<AsyncIterable<unknown> & Iterator<unknown> & Iterable<unknown>>;
  if (typeof source[Symbol.asyncIterator] === "function") return source[Symbol.asyncIterator]!();
  if (typeof source.next === "function" && typeof source[Symbol.iterator] === "function") {
    return source[Symbol.iterator]!();
  }
  if (typeof ReadableStream === "function" && result instanceof ReadableStream) {
    return readerIterator(result);
  }
  return undefined;
}

/** Some browsers have streams that cannot be iterated. */
function readerIterator(stream: ReadableStream<unknown>): AsyncIterator<unknown> {
  const reader = stream.getReader();
  return {
    async next() {
      const read = await reader.read();
      return read.done ? { done: true, value: undefined } : { done: false, value: read.value };
    },
    async return() {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

function tooMuch(what: string): KestError {
  return new KestError(
    "LIMIT",
    `Result yielded more than ${what}; raise the limit, or pass stream: true to track it as it passes`,
  );
}

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** Closes an iterator after an error, which matters more than what closing says. */
export async function closeQuietly(iterator: AnyIterator): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // The caller is about to get the error that matters.
  }
}

/**
 * Everything that an iterator yields: bytes for byte streams, an array
 * otherwise. After any error the iterator is closed.
 *
 * @throws {KestError} `LIMIT`; `CONTENT_TYPE` if bytes and other items are mixed.
 */
export async function drain(iterator: AnyIterator, limits: DrainLimits): Promise<unknown> {
  const items: unknown[] = [];
  let bytes = 0;
  try {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      const item = await next.value;
      if (item instanceof Uint8Array) bytes += item.length;
      items.push(item);
      if (!(items.length <= limits.maxItems)) throw tooMuch(`${limits.maxItems} items (maxItems)`);
      if (!(bytes <= limits.maxBytes)) throw tooMuch(`${limits.maxBytes} bytes (maxBytes)`);
      if ((item instanceof Uint8Array) !== (items[0] instanceof Uint8Array)) {
        throw new KestError("CONTENT_TYPE", "A generator or stream yielded bytes and other items");
      }
    }
  } catch (error) {
    await closeQuietly(iterator);
    throw error;
  }
  return items[0] instanceof Uint8Array ? concatenate(items as Uint8Array[], bytes) : items;
}
