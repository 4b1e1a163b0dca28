/**
 * What OPA answers, read with suspicion: own properties, known types.
 *
 * @module
 */

import { canonicalize, isWellFormed } from "../bytes/canonical.ts";
import { fromUtf8 } from "../bytes/encoding.ts";
import { sha256 } from "../bytes/sha256.ts";
import { type CompileCode, type CompileIssue, PolicyCompileError } from "../rego/errors.ts";
import type { PolicyOutcome } from "./engine.ts";
import {
  remoteError,
  type RemoteOpaError,
  type RemoteOpaReason,
  type Task,
} from "./remote_errors.ts";
import type { Reply } from "./remote_http.ts";

type Json = Readonly<Record<string, unknown>>;

const DIGEST_PREFIX = "kest/v1/policy-remote\0";
const PLAIN = /^[A-Za-z0-9._:\/@+-]+$/;
const PLAIN_LENGTH = 256;
const DECISION_ID = /^[\x21-\x7e]{1,256}$/;
const CODE = /^[a-z][a-z0-9_]{0,63}$/;
const MAX_ISSUES = 100;
const COMPILE_CODES: readonly string[] = [
  ...["rego_parse_error", "rego_compile_error", "rego_type_error"],
  ...["rego_unsafe_var_error", "rego_recursion_error"],
];

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An own member, or `undefined`. */
function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The answer's object; `undefined` if it is none. */
function parseObject(body: Uint8Array | undefined): Json | undefined {
  try {
    const value: unknown = JSON.parse(fromUtf8(body ?? new Uint8Array()));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `[name, revision]` of all bundles, sorted by name; `undefined` if one is malformed. */
function revisionsOf(bundles: Json): readonly (readonly [string, string])[] | undefined {
  const pairs = Object.entries(bundles).map(([name, bundle]) =>
    [name, isObject(bundle) ? member(bundle, "revision") ?? "" : null] as const
  );
  const valid = pairs.every(([name, revision]) =>
    typeof revision === "string" && isWellFormed(name) && isWellFormed(revision)
  );
  if (!valid) return undefined;
  return (pairs as [string, string][]).sort(([a], [b]) => a < b ? -1 : 1);
}

/**
 * `remote:revision:name=revision,…`; `remote:sha256:…` of the canonical form of
 * all pairs where those texts are long or have characters that would make them
 * ambiguous. `null` unless every bundle has a revision: part of the policies
 * would be nameless.
 */
function digestOf(revisions: readonly (readonly [string, string])[]): string | null {
  if (revisions.length === 0 || revisions.some(([, revision]) => revision === "")) return null;
  const list = revisions.map((pair) => pair.join("=")).join(",");
  if (list.length <= PLAIN_LENGTH && revisions.flat().every((part) => PLAIN.test(part))) {
    return `remote:revision:${list}`;
  }
  return `remote:sha256:${sha256(DIGEST_PREFIX + canonicalize(revisions))}`;
}

/** The outcome in an answer of the data API. */
export function outcomeOf(task: Task, reply: Reply): PolicyOutcome {
  const malformed = (what: string) =>
    remoteError(task, "answer", `not an answer of OPA: ${what}`, { status: reply.status });
  const answer = parseObject(reply.body);
  if (answer === undefined) throw malformed("no JSON object");
  const provenance = member(answer, "provenance") ?? {};
  const bundles = member(provenance, "bundles") ?? {};
  const revisions = isObject(provenance) && isObject(bundles) ? revisionsOf(bundles) : undefined;
  if (revisions === undefined) throw malformed("its provenance has wrong types");
  const decisionId = member(answer, "decision_id") ?? "";
  if (typeof decisionId !== "string" || decisionId !== "" && !DECISION_ID.test(decisionId)) {
    throw malformed("its decision id is no short ASCII text");
  }
  const value = member(answer, "result");
  const policyDigest = digestOf(revisions);
  return decisionId === "" ? { value, policyDigest } : { value, policyDigest, decisionId };
}

function reasonOf(status: number): RemoteOpaReason {
  if (status === 400) return "input";
  if (status === 401 || status === 403) return "auth";
  if (status >= 500) return "server";
  return status >= 300 && status < 400 ? "redirect" : "status";
}

const WORDS: Partial<Record<RemoteOpaReason, string>> = {
  input: "OPA refused what it was sent",
  auth: "OPA refused the credentials",
  server: "OPA failed",
  redirect: "the server answered a redirect",
};

/** Where OPA saw a problem, as `file:row:col`, or nothing. */
function placeOf(error: unknown): string {
  const location = member(error, "location");
  const parts = ["file", "row", "col"].map((name) => member(location, name));
  return isObject(location) ? ` at ${parts.join(":")}` : "";
}

/** OPA's error members in words, outermost first, and the most specific code. */
function opaError(answer: Json | undefined): { readonly code?: string; readonly words: string } {
  const errors = member(answer, "errors");
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const all = [answer, first].filter((error) => isObject(error));
  const words = all.map((error) => {
    const parts = [text(member(error, "code")), text(member(error, "message"))];
    return parts.filter((part) => part).join(": ") + placeOf(error);
  });
  const codes = all.map((error) => text(member(error, "code")) ?? "").filter((c) => CODE.test(c));
  const code = codes.at(-1);
  return { ...(code === undefined ? {} : { code }), words: words.filter((w) => w).join("; ") };
}

/** The error of an answer whose status is not 200. */
function statusError(task: Task, { status, body }: Reply): RemoteOpaError {
  const reason = reasonOf(status);
  const { code, words } = opaError(parseObject(body));
  const what = `${WORDS[reason] ?? "the server answered"} (status ${status})`;
  return remoteError(task, reason, words ? `${what}: ${words}` : what, { status, opaCode: code });
}

/**
 * Refuses everything but a complete answer with status 200.
 *
 * @throws {RemoteOpaError} by the status, or `too-large`.
 */
export function refuseStatus(task: Task, reply: Reply, limit: number): void {
  if (reply.status !== 200) throw statusError(task, reply);
  if (reply.body !== undefined) return;
  const facts = { status: reply.status };
  throw remoteError(task, "too-large", `the answer is larger than ${limit} bytes`, facts);
}

function position(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) > 0 ? value as number : 1;
}

/** One of OPA's compile errors; `name` and `source` are those of the pushed policy. */
function issueOf(error: unknown, name: string, source: string): CompileIssue {
  const location = member(error, "location");
  const code = text(member(error, "code")) ?? "";
  const message = text(member(error, "message")) ?? "";
  const file = text(member(location, "file")) || name;
  const row = position(member(location, "row"));
  const isKnown = COMPILE_CODES.includes(code);
  return Object.freeze({
    code: isKnown ? code as CompileCode : "rego_compile_error",
    message: (isKnown || !code ? message : `${code}: ${message}`).slice(0, 600),
    file,
    row,
    col: position(member(location, "col")),
    // Problems can lie in other policies of the server, whose source is not here.
    line: file === name ? (source.split("\n", row)[row - 1] ?? "").slice(0, 200) : "",
  });
}

/**
 * Refuses a policy that OPA could not compile.
 *
 * @throws {PolicyCompileError} with OPA's problems.
 */
export function refuseCompileErrors({ status, body }: Reply, name: string, source: string): void {
  if (status !== 400) return;
  const errors = member(parseObject(body), "errors");
  if (!Array.isArray(errors) || errors.length === 0) return;
  throw new PolicyCompileError(
    errors.slice(0, MAX_ISSUES).map((error) => issueOf(error, name, source)),
  );
}
