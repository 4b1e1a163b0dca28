/**
 * Workers made of the scripts that the page already has, so that a page is one
 * file and its content policy needs no other script.
 *
 * @module
 */

import { type Calls, callsTo, type Handlers, type Notify } from "./rpc.ts";

const ENGINE = Symbol.for("kest.engine");

/** Keeps the text of the policy engine for {@linkcode engineText}. */
export function keepEngine(text: string): void {
  Object.defineProperty(globalThis, ENGINE, { value: text });
}

/** The text of the policy engine; `undefined` in pages without policies. */
export function engineText(): string | undefined {
  return (globalThis as { [ENGINE]?: string })[ENGINE];
}

/** A worker that runs. */
export interface Spawned<H extends Handlers> {
  readonly calls: Calls<H>;
  /** Ends it; calls that wait never answer. */
  end(): void;
}

/** Starts a worker under a name by which its script knows what it is. */
export function spawn<H extends Handlers>(
  text: string,
  name: string,
  onEvent?: Notify,
): Spawned<H> {
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const worker = new Worker(url, { name });
  const calls = callsTo<H>(worker, onEvent);
  return {
    calls,
    end() {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
