/**
 * Entries and edges as CSV (RFC 4180), for spreadsheets.
 *
 * A cell that a spreadsheet would take for a formula, because it begins with `=`,
 * `+`, `-`, `@`, a tab or a carriage return, gets an apostrophe in front: names in
 * a passport come from strangers. Readers that want the exact text take the JSON.
 *
 * @module
 */

import { type Dag, parentsOf } from "./dag.ts";
import type { EntryFacts } from "./facts.ts";

const FORMULA = new Set(["=", "+", "-", "@", "\t", "\r"]);

function cell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = FORMULA.has(value[0] ?? "") ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function table(rows: Iterable<readonly (string | number | null)[]>): string {
  const lines: string[] = [];
  for (const row of rows) lines.push(row.map(cell).join(","));
  return lines.join("\r\n") + "\r\n";
}

function time(ms: number | null): string | null {
  if (ms === null) return null;
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}

const COLUMNS = [
  ...["entry_id", "entry_hash", "kind", "node_id", "time", "trust_score", "public_key_id"],
  ...["user_id", "session_id", "added_taint", "removed_taint", "accumulated_taint", "labels"],
  "parents",
];

/**
 * One line per entry, and per parent that is missing. Taints are separated by
 * spaces, as are the ids of parents; labels are JSON.
 */
export function nodesCsv(dag: Dag, facts: readonly EntryFacts[]): string {
  return table([
    COLUMNS,
    ...facts.map((entry, node) => [
      entry.id,
      entry.hash,
      entry.kind,
      entry.nodeId,
      time(entry.timestampMs),
      entry.trustScore,
      entry.keyId,
      entry.origin?.userId ?? null,
      entry.origin?.sessionId ?? null,
      entry.addedTaint.join(" "),
      entry.removedTaint.join(" "),
      entry.accumulatedTaint.join(" "),
      JSON.stringify(entry.labels),
      Array.from(parentsOf(dag, node), (parent) => facts[parent]!.id).join(" "),
    ]),
  ]);
}

/** One line per edge, from parent to child; those that close a cycle come last. */
export function edgesCsv(dag: Dag, facts: readonly EntryFacts[]): string {
  const line = (parent: number, child: number) => [
    facts[parent]!.id,
    facts[child]!.id,
    facts[parent]!.nodeId,
    facts[child]!.nodeId,
  ];
  const rows = [["parent_entry_id", "child_entry_id", "parent_node_id", "child_node_id"]];
  for (let edge = 0; edge < dag.edges; edge++) {
    rows.push(line(dag.parents[edge]!, dag.edgeChild[edge]!));
  }
  for (let i = 0; i < dag.closing.length; i += 2) {
    rows.push(line(dag.closing[i]!, dag.closing[i + 1]!));
  }
  return table(rows);
}
