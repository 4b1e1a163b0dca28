/**
 * Streaming results: tracked as they pass, final when they end (SPEC 7.5).
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { isThenable, StreamContent } from "../bytes/content.ts";
import type { StreamEnd } from "../lineage/entry.ts";
import { type Passport, passportFrom } from "../lineage/passport.ts";
import { currentFrame, type Frame, runInside, type Tracked } from "./context.ts";
import { type KestData, track } from "./kest_data.ts";
import { closeQuietly, drain, flatten, iteratorOf } from "./result.ts";
import { type Admitted, enter, leave, publish, recordFailure, type StepSpec } from "./step.ts";
import { STREAM } from "./stream_brand.ts";

let start: <T>(
  admitted: Admitted,
  source: AsyncIterator<unknown> | Iterator<unknown>,
) => KestStream<T>;

/**
 * What a function wrapped with `stream: true` returns: iterate it once. Its
 * entry is made when it ends; a consumer that stops early makes an entry that
 * says `cancelled`.
 *
 * @example
 * ```ts
 * import { verified } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const count = verified({ nodeId: "count", stream: true }, function* (to: number) {
 *   for (let i = 1; i <= to; i++) yield i;
 * });
 * const stream = await count(3);
 * const seen: number[] = [];
 * for await (const item of stream) seen.push(item);
 * assert.deepEqual(seen, [1, 2, 3]);
 * assert.equal((await stream.final).heads[0]?.stream, "complete");
 * ```
 */
export class KestStream<T> implements AsyncIterable<T> {
  /** The passport of the ended stream; rejects if the stream fails. */
  readonly final: Promise<Passport>;
  readonly #admitted: Admitted;
  readonly #source: AsyncIterator<unknown> | Iterator<unknown>;
  readonly #content = new StreamContent();
  readonly #returned: Tracked[] = [];
  readonly #settle: PromiseWithResolversLike<Passport>;
  readonly #consumers = new Set<Frame>();
  readonly #stop = (): Promise<unknown> => this.#abandon();
  #taken = false;
  #ended: Tracked | undefined;
  #failed = false;
  #pulls = 0;
  #last: Promise<unknown> = Promise.resolve();

  static {
    start = (admitted, source) => new KestStream(admitted, source);
    Object.defineProperty(KestStream.prototype, STREAM, { value: true });
  }

  private constructor(
    admitted: Admitted,
    source: AsyncIterator<unknown> | Iterator<unknown>,
  ) {
    this.#admitted = admitted;
    this.#source = source;
    this.#settle = withResolvers<Passport>();
    this.final = this.#settle.promise;
    // A consumer sees a failure while iterating; `final` need not be awaited.
    this.final.catch(() => {});
  }

  /**
   * Starts reading.
   *
   * @throws {KestError} `STREAM_ACTIVE` if it is iterated a second time.
   */
  [Symbol.asyncIterator](): AsyncIterator<T> {
    if (this.#taken) {
      throw new KestError("STREAM_ACTIVE", "A streaming result can be iterated only once");
    }
    this.#taken = true;
    return {
      next: () => {
        this.#noteConsumer();
        return this.#inside(() => this.#next());
      },
      return: () => this.#inside(() => this.#cancel()),
    };
  }

  /**
   * Reads the whole stream into one tracked value: bytes for byte streams, an
   * array otherwise.
   *
   * @throws {KestError} `LIMIT` if it yields more than the instance allows;
   * `STREAM_ACTIVE` if it was iterated before.
   */
  async collect(): Promise<KestData<T extends Uint8Array ? Uint8Array : T[]>> {
    const data = await drain(this[Symbol.asyncIterator](), this.#admitted.spec.config);
    return track(data, this.#ended!) as KestData<T extends Uint8Array ? Uint8Array : T[]>;
  }

  /** One pull at a time, in the captured context. */
  #inside<R>(act: () => Promise<R>): Promise<R> {
    this.#pulls++;
    const acted = this.#last.then(() => runInside(this.#admitted.frame, act));
    const settled = (): void => void this.#pulls--;
    this.#last = acted.then(settled, settled);
    return acted;
  }

  /** The call that read items ended: so does the stream, even if a pull never settles. */
  async #abandon(): Promise<void> {
    if (this.#pulls === 0) await this.#inside(() => this.#cancel());
    else {
      void runInside(this.#admitted.frame, () => closeQuietly(this.#source));
      await this.#end("cancelled");
    }
  }

  /** A call that reads items reads what they are made of, and the entry once it is made. */
  #noteConsumer(): void {
    const consumer = currentFrame();
    if (consumer === undefined || consumer === this.#admitted.frame) return;
    for (const tracked of this.#admitted.frame.ambient()) consumer.addRead(tracked);
    if (this.#ended || this.#failed) return;
    this.#consumers.add(consumer);
    consumer.addStream(this.#stop);
  }

  async #next(): Promise<IteratorResult<T>> {
    if (this.#ended || this.#failed) return { done: true, value: undefined };
    try {
      const next = await this.#source.next();
      if (!next.done) {
        const { data, tracked } = flatten(await next.value);
        if (this.#ended) return { done: true, value: undefined };
        this.#content.add(data);
        this.#returned.push(...tracked);
        return { done: false, value: data as T };
      }
    } catch (error) {
      if (this.#ended) return { done: true, value: undefined };
      await closeQuietly(this.#source);
      return await this.#fail(error);
    }
    await this.#end("complete");
    return { done: true, value: undefined };
  }

  async #cancel(): Promise<IteratorResult<T>> {
    if (!this.#ended && !this.#failed) {
      try {
        await this.#source.return?.();
      } catch (error) {
        return await this.#fail(error);
      }
      await this.#end("cancelled");
    }
    return { done: true, value: undefined };
  }

  async #fail(error: unknown): Promise<never> {
    this.#failed = true;
    const failed = await recordFailure(this.#admitted, error);
    this.#release(failed);
    this.#settle.reject(error);
    throw error;
  }

  /** The entry is made: the calls that read items descend from it. */
  #release(tracked: Tracked | undefined): void {
    for (const consumer of this.#consumers) {
      consumer.removeStream(this.#stop);
      if (tracked) consumer.addRead(tracked);
    }
    this.#consumers.clear();
  }

  async #end(stream: StreamEnd): Promise<void> {
    try {
      await this.#finish(stream);
    } catch (error) {
      if (!this.#ended) return await this.#fail(error);
      this.#settle.reject(error);
      throw error;
    }
  }

  async #finish(stream: StreamEnd): Promise<void> {
    await this.#admitted.frame.endStreams();
    if (this.#ended || this.#failed) return;
    const content = this.#content.finish();
    const end = {
      kind: "step" as const,
      content,
      addedTaint: this.#admitted.spec.addedTaint,
      stream,
    };
    const tracked = leave(this.#admitted, end, this.#returned);
    this.#ended = tracked;
    let published: void | Promise<void>;
    try {
      published = publish(this.#admitted, tracked);
    } finally {
      this.#release(tracked);
    }
    await published;
    this.#settle.resolve(passportFrom([tracked.node], tracked.seals));
  }
}

interface PromiseWithResolversLike<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers<T>(): PromiseWithResolversLike<T> {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Runs one call of a function wrapped with `stream: true`. */
export async function runStream(
  spec: StepSpec,
  self: unknown,
  args: readonly unknown[],
): Promise<KestStream<unknown>> {
  const admitted = await enter(spec, args);
  try {
    admitted.refuseChanged();
    return await runInside(admitted.frame, async () => {
      const returned = spec.fn.apply(self, admitted.args as never[]);
      const result = isThenable(returned) ? await returned : returned;
      const source = iteratorOf(result);
      if (!source) {
        throw new TypeError(`${spec.nodeId} was wrapped with stream: true, but returned no stream`);
      }
      return start(admitted, source);
    });
  } catch (error) {
    await recordFailure(admitted, error);
    throw error;
  }
}
