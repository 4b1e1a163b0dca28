/**
 * How `verified` changes the type of a function.
 *
 * @module
 */

import type { KestData } from "./kest_data.ts";
import type { KestStream } from "./stream.ts";

/** Values that are not objects. */
export type Primitive = bigint | boolean | null | number | string | symbol | undefined;
/** What is never searched for tracked values. */
export type Atom =
  | Primitive
  | ArrayBuffer
  | Blob
  | Date
  | KestData<unknown>
  | PromiseLike<unknown>
  | ReadableStream
  | Uint8Array
  // deno-lint-ignore no-explicit-any
  | ((...args: any[]) => unknown);

/** Arrays and plain objects in which some values are tracked. */
export type TrackableInside<T> = T extends Atom ? T
  : T extends readonly unknown[] ? { readonly [K in keyof T]: Trackable<T[K]> }
  : T extends object ? { readonly [K in keyof T]: Trackable<T[K]> }
  : T;

/**
 * What a caller may pass where a verified function takes `T`: the value, the
 * value tracked, a promise of either, or a container of tracked values.
 */
export type Trackable<T> =
  | T
  | KestData<T>
  | PromiseLike<T | KestData<T>>
  | TrackableInside<T>;

/** Parameters of a verified function: as declared, each {@linkcode Trackable}. */
export type TrackableParameters<A extends readonly unknown[]> = {
  [K in keyof A]: Trackable<A[K]>;
};

/** A result with tracked values inside replaced by their data. */
export type Untracked<R> = R extends KestData<infer T> ? Untracked<T>
  : R extends Atom ? R
  : R extends readonly unknown[] ? { [K in keyof R]: Untracked<R[K]> }
  : R extends object ? { [K in keyof R]: Untracked<R[K]> }
  : R;

/** What a generator or stream of `T` is drained to. */
export type Items<T> = [T] extends [Uint8Array] ? Uint8Array : Untracked<T>[];

/** What a verified function's data is: awaited, generators and streams drained. */
export type Plain<R> = PlainAwaited<Awaited<R>>;

/** {@linkcode Plain} of what was awaited. */
export type PlainAwaited<R> = R extends KestData<infer T> ? Untracked<T>
  : R extends ReadableStream<infer T> ? Items<T>
  : R extends AsyncIterable<infer T> ? Items<T>
  : R extends Iterator<infer T, unknown, unknown> & Iterable<unknown> ? Items<T>
  : Untracked<R>;

/** What a streaming function yields. */
export type StreamItem<R> = StreamItemAwaited<Awaited<R>>;

/** {@linkcode StreamItem} of what was awaited. */
export type StreamItemAwaited<R> = R extends ReadableStream<infer T> ? Untracked<T>
  : R extends AsyncIterable<infer T> ? Untracked<T>
  : R extends Iterable<infer T> ? Untracked<T>
  : never;

/** A function that `verified` wrapped. */
export type VerifiedFunction<This, A extends readonly unknown[], R> = (
  this: This,
  ...args: TrackableParameters<A>
) => Promise<KestData<Plain<R>>>;

/** A function that `verified({ stream: true })` wrapped. */
export type VerifiedStreamFunction<This, A extends readonly unknown[], R> = (
  this: This,
  ...args: TrackableParameters<A>
) => Promise<KestStream<StreamItem<R>>>;
