/**
 * One HTTP exchange with a deadline: bounded in time, size and repetitions.
 *
 * @module
 */

import { remoteError, type RemoteOpaError, type Task, transportText } from "./remote_errors.ts";
import type { RemoteSettings } from "./remote_options.ts";

/** What is sent. */
export interface Message {
  readonly method: "POST" | "PUT";
  /** Path and query below the address. */
  readonly path: string;
  readonly type: "application/json" | "text/plain";
  readonly body: Uint8Array<ArrayBuffer>;
  /** Whether the server takes this body compressed. */
  readonly compressible: boolean;
}

/** What came back. */
export interface Reply {
  readonly status: number;
  /** The body; `undefined` if it is larger than allowed. */
  readonly body: Uint8Array | undefined;
}

interface Deadline {
  readonly signal: AbortSignal;
  /** By `performance.now`. */
  readonly endsAt: number;
}

const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 1000;

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function initOf(message: Message, settings: RemoteSettings): Promise<RequestInit> {
  const { method, type, body, compressible } = message;
  const compressed = compressible && body.length >= settings.gzipFrom &&
    typeof CompressionStream === "function";
  return {
    method,
    headers: {
      ...settings.headers,
      accept: "application/json",
      "content-type": type,
      ...(compressed ? { "content-encoding": "gzip" } : {}),
    },
    body: compressed ? await gzip(body) : body,
    // A redirect would take the input, and in some runtimes the token, elsewhere.
    redirect: "error",
    credentials: "omit",
  };
}

/** The body, or `undefined` as soon as it is longer than `limit`. */
async function readBody(response: Response, limit: number): Promise<Uint8Array | undefined> {
  const reader = response.body?.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (;;) {
    const part = await reader?.read();
    if (!part?.value) return new Uint8Array(await new Blob(parts).arrayBuffer());
    parts.push(part.value);
    length += part.value.length;
    if (length <= limit) continue;
    // Not awaited: a server that goes on sending could keep it from ending.
    reader?.cancel().catch(() => {});
    return undefined;
  }
}

/** Errors that the next attempt would meet again: permissions and redirects. */
function isLasting(thrown: unknown): boolean {
  const name = thrown instanceof Error ? thrown.name : "";
  return ["NotCapable", "PermissionDenied"].includes(name) || isRedirect(thrown);
}

/**
 * Runtimes have no other sign of a refused redirect than their words. They may
 * hold the URL too, but a URL has no space.
 */
function isRedirect(thrown: unknown): boolean {
  return /(?:unexpected|encountered|followed) redirect/i.test(transportText(thrown));
}

function transportError(thrown: unknown, task: Task): RemoteOpaError {
  if (isRedirect(thrown)) return remoteError(task, "redirect", "the server answered a redirect");
  const text = `no answer from OPA: ${transportText(thrown)}`;
  return remoteError(task, "transport", text);
}

/** Ends early, without an error, when the signal is aborted. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", end, { once: true });
  });
}

async function attempts(
  settings: RemoteSettings,
  task: Task,
  message: Message,
  { signal, endsAt }: Deadline,
): Promise<Reply> {
  // Called without a receiver: browsers' fetch refuses any other than the window.
  const { base, fetch } = settings;
  const init = { ...await initOf(message, settings), signal };
  for (let attempt = 0;; attempt++) {
    try {
      const response = await fetch(base + message.path, init);
      if (response.redirected) throw new TypeError("followed redirect");
      const { status } = response;
      return { status, body: await readBody(response, settings.maxResponseBytes) };
    } catch (thrown) {
      const wait = Math.min(FIRST_PAUSE * 2 ** attempt, LONGEST_PAUSE) * (0.5 + Math.random() / 2);
      const late = signal.aborted || performance.now() + wait >= endsAt;
      if (late || attempt >= settings.retries || isLasting(thrown)) {
        throw transportError(thrown, task);
      }
      await pause(wait, signal);
    }
  }
}

/**
 * Sends a message and reads the answer, whatever its status. What fails before
 * there is an answer is tried again, within the deadline; OPA's own errors are not.
 *
 * @throws {RemoteOpaError} `transport`, `redirect`, `timeout` or `aborted`.
 */
export async function send(
  settings: RemoteSettings,
  task: Task,
  message: Message,
  outer?: AbortSignal,
): Promise<Reply> {
  const { timeoutMs } = settings;
  if (outer?.aborted) throw remoteError(task, "aborted", "the deadline passed before it started");
  const abort = new AbortController();
  let end = (_error: RemoteOpaError) => {};
  // Raced as well as signalled: a custom fetch may not listen.
  const ended = new Promise<never>((_, reject) => {
    end = (error) => {
      reject(error);
      abort.abort(error);
    };
  });
  const onAbort = () => end(remoteError(task, "aborted", "the deadline passed: aborted"));
  const onTimeout = () => end(remoteError(task, "timeout", `no answer within ${timeoutMs} ms`));
  outer?.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(onTimeout, timeoutMs);
  const deadline = { signal: abort.signal, endsAt: performance.now() + timeoutMs };
  try {
    return await Promise.race([ended, attempts(settings, task, message, deadline)]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", onAbort);
  }
}
