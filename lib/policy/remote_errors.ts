/**
 * Errors of remote decisions: why there is none, without anything secret.
 *
 * @module
 */

import { type ErrorCode, KestError } from "../base/errors.ts";
import { printable } from "../bytes/encoding.ts";

/**
 * Why a remote engine has no answer:
 *
 * - `rule`: the rule is no rule path, or one that OPA's REST API cannot be asked;
 * - `input`: what was to be sent is no JSON, or OPA refused it (400);
 * - `auth`: OPA refused the credentials (401, 403);
 * - `server`: OPA failed (5xx), evaluations that fail included;
 * - `status`: any other status;
 * - `redirect`: the server pointed elsewhere, which is never followed;
 * - `transport`: no connection, or it broke, after all retries;
 * - `timeout`: no answer within `timeoutMs`;
 * - `aborted`: the request's signal was aborted;
 * - `too-large`: the answer is longer than `maxResponseBytes`;
 * - `answer`: the answer is not what OPA answers.
 */
export type RemoteOpaReason =
  | "rule"
  | "input"
  | "auth"
  | "server"
  | "status"
  | "redirect"
  | "transport"
  | "timeout"
  | "aborted"
  | "too-large"
  | "answer";

/** What a {@linkcode RemoteOpaError} knows about the answer. */
export interface RemoteOpaFacts {
  /** The HTTP status. */
  readonly status?: number | undefined;
  /** OPA's code. */
  readonly opaCode?: string | undefined;
}

/**
 * A remote engine has no answer. Its `code` is `POLICY_EVALUATION`, or
 * `POLICY_LOAD` where a policy was to be added. No message holds the token, a
 * header or the input; OPA's own messages are kept, and those of strict builtin
 * errors may quote parts of the input.
 *
 * @example
 * ```ts
 * import { RemoteOpaEngine, RemoteOpaError } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const engine = new RemoteOpaEngine("https://opa.example.org", {
 *   fetch: () => Promise.resolve(Response.json({ code: "unauthorized" }, { status: 401 })),
 * });
 * const error = await engine.evaluate({
 *   rule: "data.kest.policy.allow_merge",
 *   inputText: "{}",
 *   timeMs: 0,
 *   seed: "00000000000000000000000000000000",
 *   signal: new AbortController().signal,
 * }).catch((thrown: unknown) => thrown);
 * assert(error instanceof RemoteOpaError);
 * assert.equal(error.reason, "auth");
 * assert.equal(error.status, 401);
 * assert.equal(error.opaCode, "unauthorized");
 * ```
 */
export class RemoteOpaError extends KestError {
  /** The name of the class. */
  override readonly name = "RemoteOpaError";
  /** Why there is no answer. */
  readonly reason: RemoteOpaReason;
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** OPA's code, e.g. `eval_conflict_error`: the first specific one of its answer. */
  readonly opaCode: string | undefined;

  /** Made by the engine. */
  constructor(
    code: ErrorCode,
    reason: RemoteOpaReason,
    message: string,
    facts: RemoteOpaFacts = {},
  ) {
    super(code, message);
    this.reason = reason;
    this.status = facts.status;
    this.opaCode = facts.opaCode;
  }
}

/** What is being done, for errors. */
export interface Task {
  /** The code of its errors. */
  readonly code: "POLICY_EVALUATION" | "POLICY_LOAD";
  /** Its subject, e.g. `Rule data.a.b`. */
  readonly subject: string;
  /** Texts that no message may hold. */
  readonly secrets: readonly string[];
}

// Shorter texts would blot out what they have nothing to do with.
const SECRET_LENGTH = 4;

function redact(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret.length >= SECRET_LENGTH)
    .reduce((left, secret) => left.replaceAll(secret, "[redacted]"), text);
}

/** The error of a task: one line, printable, without its secrets. */
export function remoteError(
  { code, subject, secrets }: Task,
  reason: RemoteOpaReason,
  message: string,
  facts: RemoteOpaFacts = {},
): RemoteOpaError {
  const line = redact(message, secrets).replace(/\s+/g, " ").slice(0, 600);
  return new RemoteOpaError(code, reason, `${subject}: ${printable(line)}`, facts);
}

/** A name in an error's subject. */
export function quoted(name: string): string {
  return printable(name).slice(0, 256);
}

/** What runtimes say about a broken connection: the message, and those of its causes. */
export function transportText(thrown: unknown): string {
  const texts: string[] = [];
  let current = thrown;
  for (let depth = 0; depth < 4 && typeof current === "object" && current !== null; depth++) {
    const { message, code, cause } = current as Record<"message" | "code" | "cause", unknown>;
    const text = [message, code].find((part) => typeof part === "string" && part !== "");
    if (text !== undefined) texts.push(text as string);
    current = cause;
  }
  return texts.join(": ") || "no reason given";
}
