/**
 * Steps 2 to 4 of verification: every entry against its own hash, its edges and
 * the rules by which its values follow from its parents (SPEC 6.2).
 *
 * @module
 */

import { entryHash, inputStateHash } from "../lineage/binding.ts";
import { EMPTY_HASH } from "../bytes/content.ts";
import { accumulatedTaint, defaultTrust } from "../lineage/derive.ts";
import { type Entry, type EntryBody, type Input, isGenesis } from "../lineage/entry.ts";
import type { EntryNode } from "../lineage/node.ts";
import { named, placeOf, type VerifyContext } from "./context.ts";

/** Step 2: recompute every entry hash; returns the entries that were changed. */
export function checkHashes(context: VerifyContext): Set<string> {
  const changed = new Set<string>();
  for (const node of context.entries) {
    const computed = entryHash(node.body);
    if (computed !== node.hash) changed.add(node.hash);
  }
  return changed;
}

/**
 * Step 3: every edge names the hash that its parent has. A parent whose hash was
 * recomputed after a change shows here, at the edge. Returns the entries with a
 * broken edge.
 */
export function checkEdges(context: VerifyContext): Set<string> {
  const broken = new Set<string>();
  for (const node of context.entries) {
    node.parents.forEach((parent, index) => {
      const stored = node.body.parent_hashes[index]!;
      if (stored === parent.hash) return;
      broken.add(node.hash);
      context.findings.fail(
        "integrity",
        "EDGE_CHANGED",
        `${
          named(node)
        } descends from another version of entry ${parent.body.entry_id} (${parent.body.node_id})`,
        placeOf(node, {
          parentId: parent.body.entry_id,
          field: `parent_hashes/${index}`,
          stored,
          computed: parent.hash,
        }),
      );
    });
  }
  return broken;
}

/**
 * Step 4: the values that follow from the parents. An entry below a changed one
 * is affected, not changed: it is not judged by values that are known to be
 * wrong.
 */
export function checkDerived(
  context: VerifyContext,
  changed: ReadonlySet<string>,
  broken: ReadonlySet<string>,
): void {
  for (const node of context.entries) {
    const affected = broken.has(node.hash) ||
      node.parents.some((parent) => changed.has(parent.hash));
    const before = context.findings.list.length;
    if (!affected) checkValues(context, node);
    checkInputs(context, node);
    if (changed.has(node.hash)) reportChanged(context, node, before);
  }
}

/** A changed entry, and the member at fault where a rule gave it away. */
function reportChanged(context: VerifyContext, node: EntryNode, before: number): void {
  const given = context.findings.list.slice(before).find((finding) => finding.field !== undefined);
  context.findings.fail(
    "integrity",
    "ENTRY_CHANGED",
    `${named(node)} was changed: its hash does not match its content`,
    placeOf(node, {
      field: given?.field ?? "entry_hash",
      stored: node.hash,
      computed: entryHash(node.body),
    }),
  );
}

function mismatch(
  context: VerifyContext,
  node: EntryNode,
  code: "KIND_SHAPE" | "ORIGIN_MISMATCH" | "TAINT_MISMATCH" | "TRUST_MISMATCH" | "INPUT_STATE",
  field: keyof EntryBody,
  rule: string,
  computed?: unknown,
): void {
  context.findings.fail(
    "integrity",
    code,
    `${named(node)}: ${field} ${rule}`,
    placeOf(node, { field, stored: node.body[field], computed }),
  );
}

function checkValues(context: VerifyContext, node: EntryNode): void {
  const { body, parents } = node;
  const taints = accumulatedTaint(
    parents.map((parent) => parent.body.accumulated_taint),
    body.added_taint,
    body.removed_taint,
  );
  if (!sameList(taints, body.accumulated_taint)) {
    mismatch(
      context,
      node,
      "TAINT_MISMATCH",
      "accumulated_taint",
      "is not its parents' taints with what was added and removed",
      taints,
    );
  }
  const trust = defaultTrust(
    body.node_trust_score,
    parents.map((parent) => parent.body.trust_score),
  );
  if (body.trust_rule === "min" && body.trust_score !== trust) {
    const rule = "is not the least of its own and its parents' scores";
    mismatch(context, node, "TRUST_MISMATCH", "trust_score", rule, trust);
  }
  checkOrigin(context, node);
  checkShape(context, node);
  checkTime(context, node);
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

/** What each kind of entry may look like (SPEC 4.7). */
function checkShape(context: VerifyContext, node: EntryNode): void {
  const { body } = node;
  const wrong = (field: keyof EntryBody, rule: string) =>
    mismatch(context, node, "KIND_SHAPE", field, rule);
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
  const unproduced = node.parents.some((parent, index) =>
    parent.body.content_kind === "none" &&
    body.parent_roles[index]!.some((role) => role === "argument" || role === "result")
  );
  if (unproduced) wrong("parent_roles", "takes a value from a step that returned none");
  if (body.kind === "denied" && body.added_taint.length > 0) {
    wrong("added_taint", "must be empty where nothing ran");
  }
  if (!produced && body.trust_rule !== "min") {
    wrong("trust_rule", "must be min where nothing was returned");
  }
  checkDecisions(body, wrong);
  if (isDeclassify) checkDeclassify(node, wrong);
}

function checkDecisions(
  body: EntryBody,
  wrong: (field: keyof EntryBody, rule: string) => void,
): void {
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
}

/** One parent, the same content, and only taints that were there (SPEC 4.8). */
function checkDeclassify(
  node: EntryNode,
  wrong: (field: keyof EntryBody, rule: string) => void,
): void {
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
    wrong("content_hash", "differs from the parent's, although declassify changes no content");
  }
  const unknown = body.removed_taint.some((taint) =>
    !parent.body.accumulated_taint.includes(taint)
  );
  if (unknown || body.removed_taint.length === 0) {
    wrong("removed_taint", "must be taints that the parent has");
  }
  if (body.added_taint.length > 0) wrong("added_taint", "must be empty on declassify");
  if (body.trust_rule !== "min") wrong("trust_rule", "must be min on declassify");
}

/** Step 4, clocks: no entry is older than its parents or from the future. */
function checkTime(context: VerifyContext, node: EntryNode): void {
  const time = node.body.timestamp_ms;
  const report = (rule: string, computed: number) =>
    context.findings.fail(
      "integrity",
      "TIME_ORDER",
      `${named(node)} ${rule}`,
      placeOf(node, { field: "timestamp_ms", stored: time, computed }),
    );
  for (const parent of node.parents) {
    const skew = parent.body.timestamp_ms - time;
    if (skew > context.tolerance) {
      report(`was made ${skew} ms before its parent ${parent.body.node_id}`, time + skew);
    }
  }
  const ahead = time - context.now;
  if (ahead > context.tolerance) report(`was made ${ahead} ms in the future`, context.now);
}

/** Step 4, inputs: the descriptors match their hash, and tracked ones their edges. */
function checkInputs(context: VerifyContext, node: EntryNode): void {
  const { body } = node;
  const wrong = (field: keyof EntryBody, rule: string, computed?: unknown) =>
    mismatch(context, node, "INPUT_STATE", field, rule, computed);
  const computed = inputStateHash(body.inputs);
  if (computed !== body.input_state_hash) {
    wrong("input_state_hash", "is not the hash of inputs", computed);
  }
  const raw = rawArguments(body.inputs);
  if (raw !== body.raw_arguments) {
    wrong("raw_arguments", "is not the number of untracked inputs", raw);
  }
  if (!namesItsArguments(body)) {
    wrong("inputs", "names other entries than the parents with role argument");
  }
}

/** How many different arguments have a raw descriptor. */
function rawArguments(inputs: readonly Input[]): number {
  const raw = new Set<number>();
  for (const input of inputs) if ("hash" in input) raw.add(input.arg);
  return raw.size;
}

/** Whether the tracked inputs are exactly the parents with role `argument`. */
function namesItsArguments({ inputs, parent_hashes: hashes, parent_roles: roles }: Entry): boolean {
  const parents = new Set(hashes.filter((_, index) => roles[index]!.includes("argument")));
  const named = new Set<string>();
  for (const input of inputs) {
    if (!("entry_hash" in input)) continue;
    if (!parents.has(input.entry_hash)) return false;
    named.add(input.entry_hash);
  }
  return named.size === parents.size;
}
