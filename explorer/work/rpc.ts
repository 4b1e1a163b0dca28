/**
 * Calls between the page and its workers: one message there, one back.
 *
 * @module
 */

/** What went wrong in a worker, as far as the page shows it. */
export interface Failure {
  /** The code of a `KestError`, or `INTERNAL`. */
  readonly code: string;
  readonly message: string;
  /** JSON Pointer to what is at fault. */
  readonly path: string | undefined;
  /** All problems, where a text could not be read. */
  readonly issues: readonly { readonly code: string; readonly path: string; message: string }[];
}

/** The error of a call that failed in the worker. */
export class RemoteError extends Error {
  override readonly name = "RemoteError";
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Methods that take one structured-cloneable value and answer one. */
// deno-lint-ignore no-explicit-any -- each method has types of its own
export type Handlers = Readonly<Record<string, (argument: any) => unknown>>;

/** The methods of some handlers, as the other side sees them. */
export type Calls<H extends Handlers> = {
  readonly [M in keyof H]: (
    argument: Parameters<H[M]>[0],
    transfer?: Transferable[],
  ) => Promise<Sent<Awaited<ReturnType<H[M]>>>>;
};

/** An answer as it arrives. */
type Sent<T> = T extends Moved<infer V> ? V : T;

interface Call {
  readonly id: number;
  readonly method: string;
  readonly argument: unknown;
}

type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure }
  | { readonly event: string; readonly value: unknown };

/** An answer whose buffers move instead of being copied. */
export class Moved<T> {
  readonly value: T;
  readonly buffers: Transferable[];

  constructor(value: T, buffers: Transferable[]) {
    this.value = value;
    this.buffers = buffers;
  }
}

/** An answer whose typed arrays, however deep, are copied here, so that they arrive at once. */
export function copied<T>(answer: T): Moved<T> {
  const buffers: Transferable[] = [];
  const copy = (value: unknown): unknown => {
    if (ArrayBuffer.isView(value)) {
      const own = (value as Uint8Array).slice();
      buffers.push(own.buffer);
      return own;
    }
    if (Array.isArray(value)) return value;
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, copy(each)]));
  };
  return new Moved(copy(answer) as T, buffers);
}

/** The scope of a worker, as far as it is used here. */
export interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
}

/** Tells the page something that it did not ask for. */
export type Notify = (event: string, value: unknown) => void;

function failureOf(error: unknown): Failure {
  const { code, message, path, issues } = error as Partial<Failure> & { readonly code?: unknown };
  return {
    code: typeof code === "string" ? code : "INTERNAL",
    message: typeof message === "string" ? message : String(error),
    path: typeof path === "string" ? path : undefined,
    issues: Array.isArray(issues)
      ? issues.map(({ code, path, message }) => ({ code, path, message }))
      : [],
  };
}

/** Answers calls in a worker, each as it comes. */
export function serve(scope: WorkerScope, make: (notify: Notify) => Handlers): void {
  const handlers = make((event, value) => scope.postMessage({ event, value } satisfies Answer));
  scope.onmessage = async ({ data }: MessageEvent<Call>) => {
    const { id, method, argument } = data;
    try {
      if (!Object.hasOwn(handlers, method)) throw new TypeError(`no method ${method}`);
      const answer = await handlers[method]!(argument);
      if (answer instanceof Moved) scope.postMessage({ id, value: answer.value }, answer.buffers);
      else scope.postMessage({ id, value: answer });
    } catch (error) {
      scope.postMessage({ id, failure: failureOf(error) });
    }
  };
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The methods of a worker; `onEvent` hears what it tells unasked. */
export function callsTo<H extends Handlers>(
  worker: Pick<Worker, "onmessage" | "onerror" | "postMessage">,
  onEvent: Notify = () => {},
): Calls<H> {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    if ("event" in data) return onEvent(data.event, data.value);
    const call = waiting.get(data.id);
    waiting.delete(data.id);
    if ("failure" in data) call?.reject(new RemoteError(data.failure));
    else call?.resolve(data.value);
  };
  worker.onerror = (event) => {
    const failure = failureOf(new Error(`The worker failed: ${event.message}`));
    for (const { reject } of waiting.values()) reject(new RemoteError(failure));
    waiting.clear();
  };
  const call = (method: string) => (argument: unknown, transfer: Transferable[] = []) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      worker.postMessage({ id: last, method, argument } satisfies Call, transfer);
    });
  return new Proxy({}, { get: (_, method) => call(String(method)) }) as Calls<H>;
}
