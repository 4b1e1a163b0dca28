/**
 * What a page should draw differently after a verification: what was changed,
 * what it shows at, and what is merely below it.
 *
 * @module
 */

import type { PassportJson } from "../lineage/passport.ts";
import type { Finding, VerificationReport } from "./report.ts";

/** An edge by the ids of its ends. */
export interface Edge {
  /** The entry that names the parent. */
  readonly child: string;
  /** The parent. */
  readonly parent: string;
}

/** A seal that does not hold, or of which a head is gone. */
export interface MarkedSeal {
  /** Its index in the passport's `seals`. */
  readonly index: number;
  /** Ids of entries that no other seal attests and that this one may have attested. */
  readonly entries: readonly string[];
}

/** What to mark, by the ids of entries. Nothing is in two of `changed` and `affected`. */
export interface Marks {
  /** Entries in which something is wrong. */
  readonly changed: ReadonlySet<string>;
  /** Edges that lead to another version of their parent, or do not fit it. */
  readonly edges: readonly Edge[];
  /** Seals that do not hold. */
  readonly seals: readonly MarkedSeal[];
  /** Seals of which heads are not here: handed on in part, or changed below them. */
  readonly withheld: readonly MarkedSeal[];
  /** Entries that no valid seal attests. */
  readonly uncovered: ReadonlySet<string>;
  /** Entries that descend from a changed entry or over a broken edge: to be shaded, not flagged. */
  readonly affected: ReadonlySet<string>;
}

/** Data that came along and differs is no change of the passport. */
function isFailure({ aspect, code, severity }: Finding): boolean {
  return aspect === "integrity" && severity === "fail" && code !== "DATA_HASH";
}

function edgesOf(findings: readonly Finding[]): Edge[] {
  const edges = new Map<string, Edge>();
  for (const { entryId: child, parentId: parent } of findings) {
    if (child !== undefined && parent !== undefined) {
      edges.set(`${child} ${parent}`, { child, parent });
    }
  }
  return [...edges.values()];
}

function sealsOf(findings: readonly Finding[]): MarkedSeal[] {
  const seals = new Map<number, Set<string>>();
  for (const { seal, entries = [] } of findings) {
    if (seal === undefined) continue;
    const known = seals.get(seal) ?? new Set();
    for (const id of entries) known.add(id);
    seals.set(seal, known);
  }
  return [...seals].sort(([a], [b]) => a - b)
    .map(([index, entries]) => ({ index, entries: [...entries] }));
}

/** The children of each entry, by ids. */
function childrenOf({ history }: Pick<PassportJson, "history">): Map<string, string[]> {
  const children = new Map<string, string[]>();
  for (const { entry_id: id, parent_entry_ids: parents } of Object.values(history)) {
    for (const parent of parents) {
      if (!children.get(parent)?.push(id)) children.set(parent, [id]);
    }
  }
  return children;
}

/**
 * What a report says about a passport, place by place.
 *
 * @param passport The passport that was verified, or its JSON form.
 */
export function marksOf(
  report: Pick<VerificationReport, "findings">,
  passport: Pick<PassportJson, "history">,
): Marks {
  const failures = report.findings.filter(isFailure);
  const own = failures.filter((finding) =>
    finding.parentId === undefined && finding.seal === undefined
  );
  const changed = new Set(own.flatMap((finding) => finding.entryId ?? []));
  const edges = edgesOf(failures);
  const coded = (code: Finding["code"]) =>
    report.findings.filter((finding) => finding.code === code);
  return {
    changed,
    edges,
    seals: sealsOf(failures),
    withheld: sealsOf(coded("WITHHELD")),
    uncovered: new Set(coded("OPEN").flatMap((finding) => finding.entryId ?? [])),
    affected: affectedBy(changed, edges, passport),
  };
}

function affectedBy(
  changed: ReadonlySet<string>,
  edges: readonly Edge[],
  passport: Pick<PassportJson, "history">,
): ReadonlySet<string> {
  if (changed.size === 0 && edges.length === 0) return new Set();
  const children = childrenOf(passport);
  const below = new Set(edges.map((edge) => edge.child));
  for (const id of changed) for (const child of children.get(id) ?? []) below.add(child);
  for (const id of below) for (const child of children.get(id) ?? []) below.add(child);
  for (const id of changed) below.delete(id);
  return below;
}
