/**
 * What the steps of verification share: the passport's entries, what was found
 * so far, and the caller's questions.
 *
 * @module
 */

import { printable } from "../bytes/encoding.ts";
import type { EntryNode, NodeMap } from "../lineage/node.ts";
import type { Seal } from "../lineage/seal.ts";
import type { Coverage } from "../lineage/coverage.ts";
import type { Aspect, Finding, FindingCode } from "./report.ts";
import type { CheckedTrust } from "./trust_policy.ts";

/** A seal that passed step 5, with what it attests. */
export interface ValidSeal {
  readonly index: number;
  readonly seal: Seal;
  readonly coverage: Coverage;
}

/** What is wrong with a seal. */
export interface SealProblem {
  readonly code: "SEAL_COUNT" | "SEAL_HEADS" | "SEAL_KEY" | "SEAL_SCOPE" | "SEAL_SIGNATURE";
  readonly message: string;
  readonly place: Place;
}

/** A seal with what step 5 found wrong with it; if nothing, it is valid. */
export interface CheckedSeal extends ValidSeal {
  readonly problems: readonly SealProblem[];
}

/** The questions and the state of one verification. */
export interface VerifyContext {
  /** The passport's entries, parents before children. */
  readonly entries: readonly EntryNode[];
  /** The same by hash. */
  readonly nodes: NodeMap;
  /** Entries from which no other descends. */
  readonly heads: readonly EntryNode[];
  readonly seals: readonly Seal[];
  readonly trust: CheckedTrust;
  /** The time of verification, in milliseconds since 1970. */
  readonly now: number;
  /** Allowed disagreement of clocks, in milliseconds. */
  readonly tolerance: number;
  readonly findings: Findings;
}

/** Where in the passport a finding lies, and what differs there. */
export type Place = Omit<Finding, "aspect" | "code" | "message" | "severity">;

/** Collects findings. */
export class Findings {
  readonly list: Finding[] = [];

  /** Something is wrong. */
  fail(aspect: Aspect, code: FindingCode, message: string, place: Place = {}): void {
    this.#add({ code, aspect, severity: "fail", message, ...place });
  }

  /** Something cannot be affirmed. */
  unknown(aspect: Aspect, code: FindingCode, message: string, place: Place = {}): void {
    this.#add({ code, aspect, severity: "unknown", message, ...place });
  }

  /** Something is worth knowing. */
  note(aspect: Aspect, code: FindingCode, message: string, place: Place = {}): void {
    this.#add({ code, aspect, severity: "note", message, ...place });
  }

  /** Names in a message come from the passport: they must not forge output. */
  #add(finding: Finding): void {
    this.list.push(Object.freeze({ ...finding, message: printable(finding.message) }));
  }

  /** All findings, the gravest first; in the order found among equals. */
  sorted(): readonly Finding[] {
    const rank = { fail: 0, unknown: 1, note: 2 };
    return Object.freeze([...this.list].sort((a, b) => rank[a.severity] - rank[b.severity]));
  }
}

/** The place of an entry. */
export function placeOf(node: EntryNode, more: Place = {}): Place {
  return { entryId: node.body.entry_id, nodeId: node.body.node_id, ...more };
}

/** An entry in a sentence. */
export function named(node: EntryNode): string {
  return `Entry ${node.body.entry_id} (${node.body.node_id})`;
}
