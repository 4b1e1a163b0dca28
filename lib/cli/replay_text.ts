/**
 * Replayed decisions for people: what is alike together, in the order of the
 * history.
 *
 * @module
 */

import type { Decision, DenyCause } from "../lineage/entry.ts";
import type { ReplayedDecision, ReplayReport, ReplayStatus } from "../policy/replay.ts";
import type { Screen, Tone } from "./screen.ts";

/** What a replay comes to as a whole. */
export type ReplayOutcome = "reproduced" | "different" | "not-replayed";

const HEADLINES: Readonly<Record<ReplayOutcome, readonly [string, Tone]>> = {
  reproduced: ["REPRODUCED", "good"],
  different: ["DIFFERENT", "bad"],
  "not-replayed": ["NOT REPLAYED", "unsure"],
};

const WORDS: Readonly<Record<ReplayStatus, readonly [string, Tone]>> = {
  reproduced: ["reproduced", "good"],
  different: ["different", "bad"],
  "not-replayable": ["not replayable", "unsure"],
};

/** Columns of the status. */
const LEAD = 18;
/** Kinds of decisions that are listed. */
const MOST_GROUPS = 200;
/** Policies on record that are named. */
const MOST_DIGESTS = 3;
/** Entries that are named of decisions alike. */
const MOST_ENTRIES = 3;

/** Not vacuous: no decision at all is nothing reproduced. */
export function outcomeOf({ different, notReplayable, decisions }: ReplayReport): ReplayOutcome {
  if (different > 0) return "different";
  return notReplayable > 0 || decisions.length === 0 ? "not-replayed" : "reproduced";
}

function resultText(result: string, cause: DenyCause | null): string {
  return cause === null ? result : `${result} (${cause})`;
}

/** `rego`, `wasm`, `remote`. */
function kindOf(digest: string): string {
  return digest.split(":", 1)[0]!;
}

/** Whether the policies are those on record, as far as digests can tell. */
function policyText({ decision, samePolicy }: ReplayedDecision, digest: string): string {
  const recorded = decision.policy_digest;
  if (samePolicy === true) return "the same policy";
  if (samePolicy === false) return "another policy";
  if (recorded === null) return "no policy digest on record";
  const [was, is] = [kindOf(recorded), kindOf(digest)];
  if (was !== is) return `policy digests of different kinds (${was} on record, ${is} here)`;
  // Inline rules have a digest of their own.
  if (decision.reference === "inline_rules") return "policy not compared";
  return recorded === digest ? "the same policy" : "another policy";
}

/** Digests on record of the kind of ours, but others. */
function otherDigests(report: ReplayReport, digest: string): readonly string[] {
  const recorded = report.decisions.flatMap(({ decision }) =>
    decision.reference === "inline_rules" ? [] : decision.policy_digest ?? []
  );
  const others = recorded.filter((each) => each !== digest && kindOf(each) === kindOf(digest));
  return [...new Set(others)];
}

function ruleText({ rule, reference }: Decision): string {
  return reference === null || reference === rule ? rule : `${rule} (for ${reference})`;
}

function lineOf(replayed: ReplayedDecision, digest: string): string {
  const { decision, result, cause } = replayed;
  const recorded = `recorded ${resultText(decision.result, decision.cause)}`;
  const now = result === null ? "not evaluated" : `replayed ${resultText(result, cause)}`;
  return `${recorded}, ${now}; ${policyText(replayed, digest)}`;
}

/** Decisions that are told with the same words. */
interface Group {
  readonly first: ReplayedDecision;
  readonly line: string;
  readonly entries: string[];
}

function groupsOf(report: ReplayReport, digest: string): Group[] {
  const groups = new Map<string, Group>();
  for (const replayed of report.decisions) {
    const { nodeId, decision, status, reason, sentence, entryId } = replayed;
    const line = lineOf(replayed, digest);
    const key = JSON.stringify([nodeId, ruleText(decision), status, reason, line, sentence]);
    const group = groups.get(key);
    if (group) group.entries.push(entryId);
    else groups.set(key, { first: replayed, line, entries: [entryId] });
  }
  return [...groups.values()];
}

function entriesText(entries: readonly string[]): string {
  const more = entries.length - MOST_ENTRIES;
  const shown = entries.slice(0, MOST_ENTRIES).join(", ");
  return `entry ${shown}${more > 0 ? ` and ${more} more` : ""}`;
}

function printGroup(screen: Screen, { first, line, entries }: Group): void {
  const [word, tone] = WORDS[first.status];
  const indent = screen.narrow ? 4 : LEAD;
  const times = entries.length === 1 ? "" : `  (${entries.length} times)`;
  const what = `${first.nodeId}: ${ruleText(first.decision)}${times}`;
  screen.row([[`  ${word}`, tone]], what, LEAD);
  screen.text([], line, indent);
  if (first.status === "reproduced") return;
  screen.text([], first.sentence, indent);
  screen.text([], entriesText(entries), indent);
}

function printCounts(screen: Screen, report: ReplayReport): void {
  const { decisions, reproduced, different, notReplayable } = report;
  screen.gap();
  if (decisions.length === 0) {
    return screen.text([], "No entry records a decision: there is nothing to replay.", 0);
  }
  screen.text(
    [],
    `${reproduced} reproduced, ${different} different, ${notReplayable} not replayable`,
    0,
  );
  const unknown = decisions.filter(({ status, samePolicy }) =>
    status === "reproduced" && samePolicy === null
  );
  if (unknown.length === 0) return;
  const text = `Of ${unknown.length} only the result is the same: whether the policy is, ` +
    "digests cannot tell.";
  screen.text([], text, 0);
}

/** Prints a report; `digest` is that of the policies that were asked. */
export function printReplay(
  screen: Screen,
  file: string,
  report: ReplayReport,
  digest: string,
): void {
  const headline = HEADLINES[outcomeOf(report)];
  screen.text([headline, "  "], file, headline[0].length + 2);
  const groups = groupsOf(report, digest);
  for (const group of groups.slice(0, MOST_GROUPS)) printGroup(screen, group);
  const more = groups.length - MOST_GROUPS;
  if (more > 0) screen.line(`  … and ${more} more kinds (--json lists all)`);
  printCounts(screen, report);
  screen.gap();
  screen.row(["Policies"], digest, 11);
  const others = otherDigests(report, digest);
  for (const other of others.slice(0, MOST_DIGESTS)) screen.row(["On record"], other, 11);
  if (others.length > 0) {
    screen.text([], "Give exactly the files and the data that were used when it was recorded.", 0);
  }
  screen.text([], `This is not a verification: kest verify ${file} checks it.`, 0);
}
