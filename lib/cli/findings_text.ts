/**
 * Findings for people: what is wrong first, what is alike together.
 *
 * @module
 */

import type { Finding } from "../verify/report.ts";
import type { Screen, Tone } from "./screen.ts";

/** Findings that are listed in all. */
const LISTED = 20;

/** Findings alike that are listed; above this only the first of them are. */
const ALIKE = 4;
const SHOWN_OF_ALIKE = 2;

const TONES: Readonly<Record<Finding["severity"], Tone>> = {
  fail: "bad",
  unknown: "unsure",
  note: "plain",
};

/** Characters of a value that are shown. */
const VALUE_LENGTH = 60;

/** A value in short: hashes by their beginning, the rest cut. */
function shortened(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "nothing";
  const short = text.replace(/[0-9a-f]{64}/g, (hash) => `${hash.slice(0, 12)}…`);
  const characters = [...short.slice(0, 2 * VALUE_LENGTH)];
  const cut = characters.length > VALUE_LENGTH || short.length > 2 * VALUE_LENGTH;
  return cut ? `${characters.slice(0, VALUE_LENGTH).join("")}…` : short;
}

/** The member at fault, with what it says and what it should say. */
function differenceOf({ field, stored, computed }: Finding): string | undefined {
  if (field === undefined) return undefined;
  if (computed === undefined) {
    return stored === undefined ? undefined : `${field} is ${shortened(stored)}`;
  }
  const is = stored === undefined ? "" : ` stored ${shortened(stored)},`;
  return `${field}:${is} computed ${shortened(computed)}`;
}

/** The entry and the parent concerned, where the sentence does not name them. */
function placeOf({ message, entryId, nodeId, parentId }: Finding): string {
  const names = (id: string | undefined): id is string => id !== undefined && !message.includes(id);
  const entry = names(entryId)
    ? `entry ${entryId}${nodeId === undefined ? "" : ` (${nodeId})`}`
    : "";
  return [entry, names(parentId) ? `parent ${parentId}` : ""].filter(Boolean).join(", ");
}

function printFinding(screen: Screen, finding: Finding, indent: number): void {
  const { severity, code } = finding;
  screen.row(
    [["  " + severity.padEnd(7), TONES[severity]], `  ${code}`],
    finding.message,
    indent,
  );
  const place = placeOf(finding);
  if (place !== "") screen.text([], place, screen.narrow ? 4 : indent);
  const difference = differenceOf(finding);
  if (difference !== undefined) screen.text([], difference, screen.narrow ? 4 : indent);
}

interface Group {
  readonly findings: Finding[];
}

function groupsOf(findings: readonly Finding[]): Group[] {
  const groups = new Map<string, Group>();
  for (const finding of findings) {
    // Only what many entries have in common is alike; other findings say different things.
    const common = finding.entryId === undefined ? finding.message : finding.field ?? "";
    const key = `${finding.severity} ${finding.code} ${common}`;
    const group = groups.get(key);
    if (group) group.findings.push(finding);
    else groups.set(key, { findings: [finding] });
  }
  return [...groups.values()];
}

/** The nodes of the findings that are not listed, the most frequent first. */
function nodesOf(findings: readonly Finding[]): string {
  const counts = new Map<string, number>();
  for (const { nodeId } of findings) {
    if (nodeId !== undefined) counts.set(nodeId, (counts.get(nodeId) ?? 0) + 1);
  }
  const ranked = [...counts].sort((a, b) => b[1] - a[1]);
  const named = ranked.slice(0, 3).map(([node, count]) => `${node} (${count})`);
  const more = ranked.length > 3 ? " and others" : "";
  return named.length === 0 ? "" : `, at ${named.join(", ")}${more}`;
}

function printGroup(screen: Screen, { findings }: Group, room: number, indent: number): number {
  const all = findings.length <= ALIKE;
  const shown = findings.slice(0, Math.min(room, all ? ALIKE : SHOWN_OF_ALIKE));
  for (const finding of shown) printFinding(screen, finding, indent);
  const rest = findings.slice(shown.length);
  if (rest.length === 0 || shown.length === room) return shown.length;
  screen.text([], `and ${rest.length} more of ${findings[0]!.code}${nodesOf(rest)}`, indent);
  return findings.length;
}

/** Prints the findings, if there are any. */
export function printFindings(screen: Screen, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  screen.gap();
  screen.line("Findings");
  const width = Math.max(...findings.slice(0, 1000).map(({ code }) => code.length));
  const indent = screen.narrow ? 4 : 13 + width;
  let told = 0;
  let room = LISTED;
  for (const group of groupsOf(findings)) {
    if (room === 0) break;
    told += printGroup(screen, group, room, indent);
    room -= Math.min(room, group.findings.length > ALIKE ? SHOWN_OF_ALIKE : group.findings.length);
  }
  const more = findings.length - told;
  if (more > 0) screen.line(`  … and ${more} more (--json lists all)`);
}
