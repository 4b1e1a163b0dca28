/**
 * Step 4 of verification: every entry against the rules by which its values
 * follow from each other and from its parents (SPEC 6.2).
 *
 * @module
 */

import { EMPTY_HASH } from "../bytes/content.ts";
import { accumulatedTaint, defaultTrust, ingressOnly } from "../lineage/derive.ts";
import { type Decision, type EntryBody, INLINE_RULES, isGenesis } from "../lineage/entry.ts";
import type { EntryNode } from "../lineage/node.ts";
import { checkInputs } from "./check_inputs.ts";
import { named, type Place, placeOf, type VerifyContext } from "./context.ts";
import { type Doubts, followsAny, isAffected } from "./doubts.ts";

/**
 * Step 4: the values that follow from the entry and its parents. A changed entry
 * is known to be wrong, and one below it is affected: it is not judged by values
 * that are known to be wrong.
 */
export function checkDerived(context: VerifyContext, doubts: Doubts): void {
  const mistainted = new Set<string>();
  for (const node of context.entries) {
    if (doubts.changed.has(node.hash)) continue;
    if (!isAffected(doubts, node)) {
      checkTaint(context, node, mistainted);
      checkTrust(context, node, doubts.misscored);
      checkSeen(context, node, doubts.misscored);
      checkValues(context, node);
    }
    checkInputs(
      node.body,
      (field, rule, computed) => mismatch(context, node, "INPUT_STATE", field, rule, { computed }),
    );
  }
}

function mismatch(
  context: VerifyContext,
  node: EntryNode,
  code: "KIND_SHAPE" | "ORIGIN_MISMATCH" | "TAINT_MISMATCH" | "TRUST_MISMATCH" | "INPUT_STATE",
  field: keyof EntryBody,
  rule: string,
  more: Place = {},
): void {
  context.findings.fail(
    "integrity",
    code,
    `${named(node)}: ${field} ${rule}`,
    placeOf(node, { field, stored: node.body[field], ...more }),
  );
}

function checkValues(context: VerifyContext, node: EntryNode): void {
  checkOrigin(context, node);
  checkShape(context, node);
  checkTime(context, node);
}

function checkTaint(context: VerifyContext, node: EntryNode, misfits: Set<string>): void {
  const { body, parents } = node;
  const computed = accumulatedTaint(
    parents.map((parent) => parent.body.accumulated_taint),
    body.added_taint,
    body.removed_taint,
  );
  if (sameList(computed, body.accumulated_taint) || followsAny(misfits, node)) return;
  misfits.add(node.hash);
  const rule = "is not its parents' taints with what was added and removed";
  mismatch(context, node, "TAINT_MISMATCH", "accumulated_taint", rule, { computed });
}

function checkTrust(context: VerifyContext, node: EntryNode, misfits: Set<string>): void {
  const { body, parents } = node;
  if (body.trust_rule !== "min") return;
  const scores = parents.map((parent) => parent.body.trust_score);
  const computed = defaultTrust(body.node_trust_score, scores);
  if (body.trust_score === computed || followsAny(misfits, node)) return;
  misfits.add(node.hash);
  const rule = "is not the least of its own and its parents' scores";
  mismatch(context, node, "TRUST_MISMATCH", "trust_score", rule, { computed });
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((item, index) => item === b[index]));
}

function checkOrigin(context: VerifyContext, node: EntryNode): void {
  const genesis = node.body.kind === "originate" || isGenesis(node.body.parent_roles);
  if (genesis === (node.body.origin !== null)) return;
  const rule = genesis
    ? "is missing, although data came in here"
    : "is given, although it has parents that flowed in";
  mismatch(context, node, "ORIGIN_MISMATCH", "origin", rule);
}

/** Tells which member is wrong, by which rule, and towards which parent if it is one's. */
type WrongShape = (field: keyof EntryBody, rule: string, parent?: EntryNode) => void;

/** What each kind of entry may look like (SPEC 4.7). */
function checkShape(context: VerifyContext, node: EntryNode): void {
  const { body } = node;
  const wrong: WrongShape = (field, rule, parent) =>
    mismatch(
      context,
      node,
      "KIND_SHAPE",
      field,
      rule,
      parent && { parentId: parent.body.entry_id },
    );
  const isDeclassify = body.kind === "declassify";
  if (body.removed_taint.length > 0 && !isDeclassify) {
    wrong("removed_taint", "is not empty, although only declassify removes taints");
  }
  if ((body.reason !== null) !== isDeclassify) wrong("reason", "belongs to declassify only");
  const produced = body.kind !== "denied" && body.kind !== "failed";
  if (produced === (body.content_kind === "none")) {
    wrong("content_kind", `does not fit an entry of kind ${body.kind}`);
  }
  const isEmpty = body.content_kind === "none" || body.content_kind === "undefined";
  if (isEmpty && body.content_hash !== EMPTY_HASH) {
    wrong("content_hash", `does not fit content of kind ${body.content_kind}`);
  }
  if (body.stream !== null && body.kind !== "step") wrong("stream", "belongs to steps only");
  if (body.kind === "originate" && body.parent_roles.some((roles) => roles.join() !== "ambient")) {
    wrong("parent_roles", "must be ambient where data is originated");
  }
  const unproduced = node.parents.find((parent, index) =>
    parent.body.content_kind === "none" &&
    body.parent_roles[index]!.some((role) => role === "argument" || role === "result")
  );
  if (unproduced) {
    wrong("parent_roles", "takes a value from a step that returned none", unproduced);
  }
  if (body.kind === "denied" && body.added_taint.length > 0) {
    wrong("added_taint", "must be empty where nothing ran");
  }
  if (!produced && body.trust_rule !== "min") {
    wrong("trust_rule", "must be min where nothing was returned");
  }
  checkDecisions(node, wrong);
  if (isDeclassify) checkDeclassify(node, wrong);
}

function checkDecisions({ body }: EntryNode, wrong: WrongShape): void {
  if (body.decisions.length === 0 && body.kind !== "denied") return;
  const denied = body.decisions.filter((decision) => decision.result === "deny");
  if (body.kind === "denied") {
    const last = body.decisions[body.decisions.length - 1];
    if (denied.length !== 1 || last !== denied[0]) {
      wrong("decisions", "must end with the one decision that denied");
    }
  } else if (denied.length > 0) {
    wrong("decisions", "has a denial, although the step ran");
  }
  const vacuous = body.decisions.some((decision) =>
    decision.result === "allow" &&
    (decision.cause !== null || decision.engine === null || decision.input_digest === null)
  );
  if (vacuous) wrong("decisions", "allows although nothing was evaluated");
  const unsourced = body.decisions.some((decision) =>
    (decision.source === "origin") !== (decision.reference !== null)
  );
  if (unsourced) {
    wrong("decisions", "must name a reference where an origin demanded one, only there");
  }
  if (body.decisions.some(isMisnamed)) {
    wrong("decisions", "names another rule than its reference stands for");
  }
}

/** A reference that says what its rule is, and a rule that is another. */
function isMisnamed({ reference, rule }: Decision): boolean {
  if (reference === null) return rule === INLINE_RULES;
  const isFixed = reference === INLINE_RULES || reference.startsWith("data.");
  return isFixed ? rule !== reference : rule === INLINE_RULES;
}

/** What decisions say they saw of time and trust is what flowed in (SPEC 8.3). */
function checkSeen(context: VerifyContext, node: EntryNode, misscored: Set<string>): void {
  const { body } = node;
  if (body.decisions.length === 0) return;
  const ingress = ingressOnly(node.parents, body.parent_roles);
  const before = Math.max(0, ...ingress.map((parent) => parent.body.timestamp_ms));
  const { tolerance } = context;
  const isOff = ({ time_ms: time }: Decision) =>
    time > body.timestamp_ms + tolerance || time < before - tolerance;
  const wrong = (rule: string) => mismatch(context, node, "KIND_SHAPE", "decisions", rule);
  if (body.decisions.some(isOff)) {
    return wrong("was made before what flowed in, or after the step");
  }
  // Of a step that returned nothing, only the default rule is on record (4.7).
  if (body.kind !== "step" || body.trust_rule !== "min" || followsAny(misscored, node)) return;
  const scores = ingress.map((parent) => parent.body.trust_score);
  const trust = defaultTrust(body.node_trust_score, scores);
  if (body.decisions.some((decision) => decision.trust_score !== trust)) {
    wrong("saw another trust score than what flowed in has");
  }
}

/** One parent, the same content, and only taints that were there (SPEC 4.8). */
function checkDeclassify(node: EntryNode, wrong: WrongShape): void {
  const { body, parents } = node;
  const parent = parents[0];
  if (parents.length !== 1 || parent === undefined || body.parent_roles[0]!.join() !== "argument") {
    wrong("parent_hashes", "must name exactly one argument");
    return;
  }
  if (
    body.content_hash !== parent.body.content_hash ||
    body.content_kind !== parent.body.content_kind
  ) {
    const rule = "differs from the parent's, although declassify changes no content";
    wrong("content_hash", rule, parent);
  }
  const unknown = body.removed_taint.some((taint) =>
    !parent.body.accumulated_taint.includes(taint)
  );
  if (unknown || body.removed_taint.length === 0) {
    wrong("removed_taint", "must be taints that the parent has", parent);
  }
  if (body.added_taint.length > 0) wrong("added_taint", "must be empty on declassify");
  if (body.trust_rule !== "min") wrong("trust_rule", "must be min on declassify");
}

/** Step 4, clocks: no entry is older than its parents or from the future. */
function checkTime(context: VerifyContext, node: EntryNode): void {
  const time = node.body.timestamp_ms;
  const report = (rule: string, place: Place) =>
    context.findings.fail(
      "integrity",
      "TIME_ORDER",
      `${named(node)} ${rule}`,
      placeOf(node, { field: "timestamp_ms", stored: time, ...place }),
    );
  for (const parent of node.parents) {
    const skew = parent.body.timestamp_ms - time;
    if (skew > context.tolerance) {
      report(`was made ${skew} ms before its parent ${parent.body.node_id}`, {
        parentId: parent.body.entry_id,
        computed: time + skew,
      });
    }
  }
  const ahead = time - context.now;
  if (ahead > context.tolerance) {
    report(`was made ${ahead} ms in the future`, { computed: context.now });
  }
}
