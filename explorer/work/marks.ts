/**
 * What a recheck found about each entry, as one number per entry: a report of a
 * hundred thousand findings would block the page.
 *
 * @module
 */

import type { Finding, VerificationReport } from "../../lib/verify/report.ts";
import type { Dag } from "../graph/dag.ts";

/** What is marked, the gravest first; 0 is nothing. */
export const MARK = { none: 0, changed: 1, wrong: 2, affected: 3, open: 4, unknown: 5 } as const;

/** Marks as people see them: a sign and a word, never a colour alone. */
export const MARK_WORDS: readonly (readonly [sign: string, word: string])[] = [
  ["", ""],
  ["✗", "changed"],
  ["!", "wrong"],
  ["↓", "affected"],
  ["○", "not sealed"],
  ["?", "unknown signer"],
];

/** What marks need to know of an entry. */
export interface Marked {
  readonly id: string;
  readonly keyId: string | null;
}

/**
 * The mark of each entry, {@linkcode MARK}`.affected` only where an edge leads to
 * another version of a parent: see {@linkcode spread}.
 */
export function marksOf(
  entries: readonly Marked[],
  { findings, signers }: VerificationReport,
): Uint8Array<ArrayBuffer> {
  const unknown = new Set(signers.filter((s) => s.name === null).map((s) => s.publicKeyId));
  const numbers = new Map(entries.map(({ id }, index) => [id, index]));
  const marks = Uint8Array.from(
    entries,
    ({ keyId }) => keyId !== null && unknown.has(keyId) ? MARK.unknown : MARK.none,
  );
  const raise = (id: string | undefined, mark: number) => {
    const entry = id === undefined ? undefined : numbers.get(id);
    if (entry === undefined || mark === MARK.none) return;
    if (marks[entry] === MARK.none || mark < marks[entry]!) marks[entry] = mark;
  };
  for (const finding of findings) {
    raise(finding.entryId, markOf(finding));
    // What only a bad seal, or a head that is gone, attested.
    for (const id of finding.entries ?? []) raise(id, MARK.open);
  }
  return marks;
}

function markOf({ code, severity, parentId }: Finding): number {
  if (code === "OPEN") return MARK.open;
  if (severity !== "fail") return MARK.none;
  if (parentId !== undefined) return MARK.affected;
  return code === "ENTRY_CHANGED" ? MARK.changed : MARK.wrong;
}

/** Marks everything below what was changed as affected; `marks` is written. */
export function spread(dag: Dag, marks: Uint8Array): void {
  const isHit = (mark: number) => mark === MARK.changed || mark === MARK.affected;
  if (!marks.includes(MARK.changed) && !marks.includes(MARK.affected)) return;
  // No view of the parents for each node: this runs in the page.
  const { order, parents, parentStart } = dag;
  for (const node of order) {
    const mark = marks[node]!;
    if (isHit(mark) || mark === MARK.wrong) continue;
    const end = parentStart[node + 1]!;
    for (let edge = parentStart[node]!; edge < end; edge++) {
      if (isHit(marks[parents[edge]!]!)) marks[node] = MARK.affected;
    }
  }
}
