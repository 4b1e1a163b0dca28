/**
 * Steps 9 and 10 of verification: nothing is missing, and the passport is meant
 * for this reader, now (SPEC 6.2).
 *
 * @module
 */

import type { EntryNode } from "../lineage/node.ts";
import { originKey } from "../lineage/derive.ts";
import { named, placeOf, type ValidSeal, type VerifyContext } from "./context.ts";
import type { Status } from "./report.ts";

/** What the verifier pins. */
export interface Expectations {
  /** Who the reader is: audiences that the outermost seal may name. */
  readonly audience?: string;
  /** The challenge that the reader gave. */
  readonly nonce?: string;
  /** Hashes of entries that must be heads. */
  readonly expectHeads?: readonly string[];
  /** `user_id`s of which every origin must be one. */
  readonly expectOrigin?: string | readonly string[];
}

/** Step 9: expected heads and origins, async context, streams. */
export function checkCompleteness(context: VerifyContext, expected: Expectations): void {
  const heads = new Set(context.heads.map((head) => head.hash));
  for (const hash of expected.expectHeads ?? []) {
    if (heads.has(hash)) continue;
    context.findings.fail("completeness", "TRUNCATED", `An expected head is missing: ${hash}`, {
      field: "heads",
      stored: [...heads],
      computed: hash,
    });
  }
  const users = expected.expectOrigin === undefined ? undefined : [expected.expectOrigin].flat();
  for (const node of context.entries) {
    const { body } = node;
    if (users && body.origin !== null && !users.includes(body.origin.user_id)) {
      context.findings.fail(
        "completeness",
        "ORIGIN_UNEXPECTED",
        `${named(node)} comes from ${body.origin.user_id}, which was not expected`,
        placeOf(node, { field: "origin", stored: originKey(body.origin), computed: users }),
      );
    }
    if (!body.async_context && !context.trust.policy.accept_missing_async_context) {
      context.findings.unknown(
        "completeness",
        "ASYNC_CONTEXT",
        `${named(node)} was made without async context: nested calls after an await may be missing`,
        placeOf(node, { field: "async_context", stored: false }),
      );
    }
    if (body.stream === "cancelled") {
      context.findings.note(
        "completeness",
        "STREAM_CANCELLED",
        `${named(node)} returned a stream that was cancelled: its content is what was read`,
        placeOf(node, { field: "stream", stored: body.stream }),
      );
    }
  }
}

/**
 * Step 10: each head is covered by a seal that is bound to this reader and has
 * not expired; each inner seal was addressed to whoever sealed next. Returns
 * what to say if nothing is wrong.
 */
export function checkFreshness(
  context: VerifyContext,
  seals: readonly ValidSeal[],
  expected: Expectations,
): { readonly status: Status; readonly code: string } {
  let bound = false;
  for (const head of context.heads) {
    const covering = seals.filter(({ coverage }) => coverage.attested.has(head.hash));
    if (covering.length === 0) {
      if (expected.audience !== undefined || expected.nonce !== undefined) {
        context.findings.unknown(
          "freshness",
          "AUDIENCE_UNCHECKED",
          `${named(head)} has no seal that could name a reader`,
          placeOf(head),
        );
      }
      continue;
    }
    const problems = covering.map((seal) => bindingProblem(context, seal, expected));
    const best = problems.find((problem) => problem === undefined) ?? problems[0];
    if (problems.every((problem) => problem !== undefined)) report(context, head, best!);
    bound ||= covering.some(({ seal }) =>
      seal.audience !== undefined || seal.nonce !== undefined || seal.expires_at_ms !== undefined
    );
  }
  checkInnerAudiences(context, seals);
  return bound ? { status: "pass", code: "FRESH" } : { status: "none", code: "NOT_BOUND" };
}

interface BindingProblem {
  readonly code: "AUDIENCE" | "AUDIENCE_UNCHECKED" | "EXPIRED" | "NONCE" | "NONCE_UNCHECKED";
  readonly severity: "fail" | "unknown";
  readonly message: string;
  readonly seal: number;
}

/** Why a seal is not meant for this reader now, or `undefined`. */
function bindingProblem(
  context: VerifyContext,
  { index, seal }: ValidSeal,
  expected: Expectations,
): BindingProblem | undefined {
  const problem = (
    code: BindingProblem["code"],
    severity: BindingProblem["severity"],
    message: string,
  ): BindingProblem => ({ code, severity, message: `Seal ${index} ${message}`, seal: index });
  if (seal.expires_at_ms !== undefined && context.now > seal.expires_at_ms) {
    return problem("EXPIRED", "fail", `expired at ${new Date(seal.expires_at_ms).toISOString()}`);
  }
  if (seal.audience !== expected.audience) {
    return expected.audience === undefined
      ? problem("AUDIENCE_UNCHECKED", "unknown", `is addressed to ${seal.audience}; say who reads`)
      : problem("AUDIENCE", "fail", `is not addressed to ${expected.audience}`);
  }
  if (seal.nonce !== expected.nonce) {
    return expected.nonce === undefined
      ? problem("NONCE_UNCHECKED", "unknown", "answers a nonce; say which one was given")
      : problem("NONCE", "fail", "does not answer the nonce that was given");
  }
  return undefined;
}

function report(context: VerifyContext, head: EntryNode, problem: BindingProblem): void {
  context.findings[problem.severity](
    "freshness",
    problem.code,
    problem.message,
    placeOf(head, { seal: problem.seal }),
  );
}

/** An inner seal's audience is the next sealer: it was not handed to somebody else. */
function checkInnerAudiences(context: VerifyContext, seals: readonly ValidSeal[]): void {
  const addressed = new Map<string, ValidSeal[]>();
  for (const inner of seals) {
    for (const hash of inner.coverage.attested.keys()) {
      const list = addressed.get(hash);
      if (list) list.push(inner);
      else addressed.set(hash, [inner]);
    }
  }
  const reported = new Set<string>();
  for (const next of seals) {
    for (const node of next.coverage.attested.values()) {
      for (const parent of node.parents) {
        const inner = addressed.get(parent.hash) ?? [];
        const own = inner.some(({ seal }) => seal.public_key_id === next.seal.public_key_id);
        if (own || inner.length === 0 || inner.some((seal) => isAddressed(context, seal, next))) {
          continue;
        }
        const key = `${inner[0]!.index} ${next.index}`;
        if (reported.has(key)) continue;
        reported.add(key);
        context.findings.fail(
          "freshness",
          "AUDIENCE",
          `Seal ${inner[0]!.index} is addressed to ${
            inner[0]!.seal.audience
          }, but key ${next.seal.public_key_id} went on from it`,
          placeOf(node, { parentId: parent.body.entry_id, seal: inner[0]!.index }),
        );
      }
    }
  }
}

function isAddressed(context: VerifyContext, inner: ValidSeal, next: ValidSeal): boolean {
  const { audience } = inner.seal;
  if (audience === undefined || audience === next.seal.public_key_id) return true;
  return context.trust.keys.get(next.seal.public_key_id)?.rights.name === audience;
}
