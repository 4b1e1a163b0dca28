/**
 * Steps 9 and 10 of verification: nothing is missing, and the passport is meant
 * for this reader, now (SPEC 6.2).
 *
 * @module
 */

import type { EntryNode } from "../lineage/node.ts";
import { originKey } from "../lineage/derive.ts";
import { named, placeOf, type ValidSeal, type VerifyContext } from "./context.ts";
import { type Doubts, isAffected, isDoubtful } from "./doubts.ts";
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
export function checkCompleteness(
  context: VerifyContext,
  expected: Expectations,
  doubts: Doubts,
): void {
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
    const isJudged = users && body.origin !== null && !isDoubtful(doubts, node);
    if (isJudged && !users.includes(body.origin.user_id)) {
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

/** What to say of passports that nobody bound to a reader, a challenge or a time. */
export const NOT_BOUND = { status: "none", code: "NOT_BOUND" } as const;

/** Whether step 10 comes to {@linkcode NOT_BOUND} whichever seals are valid. */
export function isNothingBound({ heads, seals }: VerifyContext, expected: Expectations): boolean {
  return heads.length > 0 && expected.audience === undefined && expected.nonce === undefined &&
    seals.every(({ audience, nonce, expires_at_ms: expiry }) =>
      audience === undefined && nonce === undefined && expiry === undefined
    );
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
  doubts: Doubts,
): { readonly status: Status; readonly code: string } {
  const sealsOf = sealsByHead(seals);
  let bound = true;
  for (const head of context.heads) {
    const covering = sealsOf.get(head.hash) ?? [];
    if (covering.length === 0) {
      bound = false;
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
    const fitting = covering.filter((_, index) => problems[index] === undefined);
    if (fitting.length === 0) report(context, head, settled(problems[0]!, doubts));
    bound &&= fitting.some(({ seal }) =>
      seal.audience !== undefined || seal.nonce !== undefined || seal.expires_at_ms !== undefined
    );
  }
  checkInnerAudiences(context, seals, doubts);
  return bound ? { status: "pass", code: "FRESH" } : NOT_BOUND;
}

/** The seals of each head. Nothing descends from a head, so a seal attests it by its name only. */
function sealsByHead(seals: readonly ValidSeal[]): ReadonlyMap<string, readonly ValidSeal[]> {
  const found = new Map<string, ValidSeal[]>();
  for (const valid of seals) {
    const base = new Set(valid.seal.base);
    for (const { hash } of valid.coverage.present) {
      if (base.has(hash)) continue;
      const list = found.get(hash);
      if (list) list.push(valid);
      else found.set(hash, [valid]);
    }
  }
  return found;
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
    return problem("EXPIRED", "fail", `expired at ${timeText(seal.expires_at_ms)}`);
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

/** Where edges were changed, what is a head may be none: its seal was for the next sealer. */
function settled(problem: BindingProblem, { changed, misled }: Doubts): BindingProblem {
  if (changed.size + misled.size === 0) return problem;
  if (problem.code !== "AUDIENCE" && problem.code !== "NONCE") return problem;
  return { ...problem, code: `${problem.code}_UNCHECKED`, severity: "unknown" };
}

function report(context: VerifyContext, head: EntryNode, problem: BindingProblem): void {
  context.findings[problem.severity](
    "freshness",
    problem.code,
    problem.message,
    placeOf(head, { seal: problem.seal }),
  );
}

/** Whom the seals of an entry address it to. */
interface Addressed {
  readonly first: ValidSeal;
  readonly audiences: Set<string | undefined>;
}

/** An inner seal's audience is the next sealer: it was not handed to somebody else. */
function checkInnerAudiences(
  context: VerifyContext,
  seals: readonly ValidSeal[],
  doubts: Doubts,
): void {
  const keyOf = (node: EntryNode) => node.body.public_key_id;
  const handedOver = new Set(
    context.entries.flatMap((node) =>
      node.parents.filter((parent) => keyOf(parent) !== keyOf(node)).map(({ hash }) => hash)
    ),
  );
  const addressed = new Map<string, Addressed>();
  for (const first of handedOver.size === 0 ? [] : seals) {
    const { audience } = first.seal;
    for (const { hash } of first.coverage.attested) {
      if (!handedOver.has(hash)) continue;
      const known = addressed.get(hash);
      if (known) known.audiences.add(audience);
      else addressed.set(hash, { first, audiences: new Set([audience]) });
    }
  }
  const reported = new Set<string>();
  for (const node of context.entries) {
    const next = keyOf(node);
    // Which key went on from which is not known where entries or edges were changed.
    if (next === null || doubts.changed.has(node.hash) || isAffected(doubts, node)) continue;
    for (const parent of node.parents) {
      const inner = addressed.get(parent.hash);
      if (inner === undefined || keyOf(parent) === next) continue;
      const key = `${inner.first.index} ${next}`;
      if (isAddressed(context, inner, next) || reported.has(key)) continue;
      reported.add(key);
      reportDetour(context, node, parent, inner, next);
    }
  }
}

function isAddressed(context: VerifyContext, { audiences }: Addressed, next: string): boolean {
  if (audiences.has(undefined) || audiences.has(next)) return true;
  const known = context.trust.keys.get(next);
  return known !== undefined && audiences.has(known.rights.name);
}

/** A key that nobody knows has no name: whether it was addressed cannot be told. */
function reportDetour(
  context: VerifyContext,
  node: EntryNode,
  parent: EntryNode,
  { first: { index, seal } }: Addressed,
  next: string,
): void {
  const place = placeOf(node, { parentId: parent.body.entry_id, seal: index });
  const message = `Seal ${index} is addressed to ${seal.audience}, but key ${next} went on from it`;
  if (context.trust.keys.has(next)) context.findings.fail("freshness", "AUDIENCE", message, place);
  else context.findings.unknown("freshness", "AUDIENCE_UNCHECKED", message, place);
}

/** A time in words; dates end in the year 275760, integers do not. */
function timeText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString();
}
