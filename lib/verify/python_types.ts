/**
 * What is read from passports of the Python package kest 0.1 and 0.2.
 *
 * @module
 */

import type { PublicKey } from "../keys/public_key.ts";

/** The Python versions whose passports can be read. */
export type PythonKestVersion = "0.1" | "0.2";

/** What the signature of a Python passport is worth. */
export type PythonSignatureStatus =
  | "changed"
  | "unchecked"
  | "unsigned"
  | "valid";

/** Who brought the data in, as the Python package records it. */
export interface PythonOrigin {
  /** The person or system. */
  readonly userId: string;
  /** The session. */
  readonly sessionId: string;
  /** Names of policies. */
  readonly curatedRefs: readonly string[];
  /** Policy source, or `null`. */
  readonly inlineRules: string | null;
}

/** One step, as the Python package records it. */
export interface PythonEntry {
  /** Its key in `history`, by which children name it. */
  readonly key: string;
  /** Its `entry_id`; Python writes the same text as {@linkcode key}. */
  readonly entryId: string;
  /** Keys of its parents. */
  readonly parentEntryIds: readonly string[];
  /** The name of the step. */
  readonly nodeId: string;
  /** Milliseconds since 1970, rounded to a double; for display. */
  readonly timestampMs: number;
  /** The same as decimal digits, as they are signed. */
  readonly timestampText: string;
  /** What Python calls the hash of the input. */
  readonly inputStateHash: string;
  /** The literal `output_hash` or `genesis`, not a hash. */
  readonly contentHash: string;
  /** What the environment collectors reported. */
  readonly environment: Readonly<Record<string, string>>;
  /** Labels of the step. */
  readonly labels: Readonly<Record<string, string>>;
  /** Taints that this step adds. */
  readonly addedTaint: readonly string[];
  /** Taints of this step and those it descends from, as claimed. */
  readonly accumulatedTaint: readonly string[];
  /** As claimed; may be infinite or NaN. `null` in 0.1, which has none. */
  readonly trustScore: number | null;
}

/** A passport of the Python package. Frozen. */
export interface PythonPassport {
  /** The version whose model the passport was read with. */
  readonly kestVersion: PythonKestVersion;
  /**
   * The versions whose signed form this may be. Both, if no entry has a trust
   * score and nothing names the version: 0.2 signs its default there.
   */
  readonly signedAs: readonly PythonKestVersion[];
  /** Who brought the data in. */
  readonly origin: PythonOrigin;
  /** The steps, in file order. */
  readonly entries: readonly PythonEntry[];
  /** Base64 as it was found; `""` is unsigned. */
  readonly signature: string;
  /** What the producer calls its key: any text, not a thumbprint. */
  readonly publicKeyId: string;
  /**
   * JSON Pointers, from the passport, of members that Python ignores and its
   * signature does not cover: the first {@linkcode Limits.issues} of them.
   */
  readonly uncovered: readonly string[];
  /** How many such members there are. */
  readonly uncoveredCount: number;
  /** The key that came in the same file, or `null`. It proves nothing about who signed. */
  readonly embeddedKey: PublicKey | null;
}

/** The file that the sample passports of the Python package come in. */
export interface PythonSample {
  /** The version that it names, or `null`. */
  readonly kestVersion: PythonKestVersion | null;
  /** The key that it holds, or `null`. */
  readonly embeddedKey: PublicKey | null;
  /** What the file says its signature check gives: only a claim. `null` if absent. */
  readonly expect: string | null;
  /** The passport, unread. */
  readonly passport: unknown;
}
