/**
 * The verifier's report: five verdicts kept apart, findings with codes (SPEC 6).
 *
 * @module
 */

/** The five questions a verifier answers (SPEC 6.1). */
export type Aspect = "completeness" | "freshness" | "identity" | "integrity" | "policy";

/** All aspects, in the order of the report. */
export const ASPECTS: readonly Aspect[] = [
  "integrity",
  "identity",
  "completeness",
  "policy",
  "freshness",
];

/**
 * How one question was answered: `pass`, `fail`, `unknown` (nothing wrong was
 * found, but it cannot be affirmed) or `none` (nothing was asked).
 */
export type Status = "fail" | "none" | "pass" | "unknown";

/** The codes of findings (SPEC 9.2). */
export type FindingCode =
  // integrity
  | "ENTRY_CHANGED"
  | "EDGE_CHANGED"
  | "INPUT_STATE"
  | "TAINT_MISMATCH"
  | "TRUST_MISMATCH"
  | "ORIGIN_MISMATCH"
  | "KIND_SHAPE"
  | "DATA_HASH"
  | "SEAL_KEY"
  | "SEAL_SIGNATURE"
  | "SEAL_HEADS"
  | "SEAL_COUNT"
  | "SEAL_SCOPE"
  | "UNSEALED"
  | "TIME_ORDER"
  | "PYTHON_SIGNATURE"
  // identity
  | "TRUST_EMPTY"
  | "KEY_UNKNOWN"
  | "KEY_REVOKED"
  | "KEY_PERIOD"
  | "SIGNER_NOT_ALLOWED"
  | "ORIGIN_NOT_ALLOWED"
  | "DECLASSIFY_NOT_ALLOWED"
  | "TRUST_NOT_ALLOWED"
  | "UNSIGNED"
  | "PYTHON_PASSPORT"
  // completeness
  | "OPEN"
  | "WITHHELD"
  | "TRUNCATED"
  | "ORIGIN_UNEXPECTED"
  | "ASYNC_CONTEXT"
  | "STREAM_CANCELLED"
  // policy
  | "DENIED"
  | "DECISION_MISSING"
  // freshness
  | "AUDIENCE"
  | "AUDIENCE_UNCHECKED"
  | "NONCE"
  | "NONCE_UNCHECKED"
  | "EXPIRED"
  // every aspect
  | "LIMIT";

/** One thing that the verifier found. */
export interface Finding {
  /** The stable code. */
  readonly code: FindingCode;
  /** The question it bears on. */
  readonly aspect: Aspect;
  /** `fail`: something is wrong. `unknown`: it cannot be affirmed. `note`: worth knowing. */
  readonly severity: "fail" | "note" | "unknown";
  /** One plain sentence. */
  readonly message: string;
  /** The entry concerned. */
  readonly entryId?: string;
  /** The entry's node, for display. */
  readonly nodeId?: string;
  /** For an edge: the parent, at its other end. */
  readonly parentId?: string;
  /** Index of the seal concerned, in the passport's `seals`. */
  readonly seal?: number;
  /**
   * For a seal: the ids of entries that no valid seal attests and that this one
   * may have attested. Left out where there are none or the lists grow too long.
   */
  readonly entries?: readonly string[];
  /** The member at fault, where it is known: a path such as `decisions/0/result`. */
  readonly field?: string;
  /** What the passport says there. */
  readonly stored?: unknown;
  /**
   * What the verifier computed. For `ENTRY_CHANGED` the value that the member
   * had, which the entry's hash proves; with `entry_hash` as the field, the hash
   * of what the entry says now.
   */
  readonly computed?: unknown;
}

/** The answer to one question. */
export interface Verdict {
  /** The answer. */
  readonly status: Status;
  /** A finding's code, or `INTACT`, `TRUSTED`, `COMPLETE`, `SATISFIED`, `NOTHING_REQUIRED`, `FRESH`, `NOT_BOUND`. */
  readonly code: string;
  /** The answer in one sentence. */
  readonly sentence: string;
  /** What this answer does not prove. */
  readonly doesNotProve: string;
}

/**
 * The overall outcome: `verified` only if every question was answered well,
 * `invalid` if something is wrong, `unverified` if nothing wrong was found but
 * it cannot be affirmed.
 */
export type Outcome = "invalid" | "unverified" | "verified";

/** What {@linkcode verifyPassport} returns. */
export interface VerificationReport {
  /** The overall outcome. */
  readonly outcome: Outcome;
  /** The five verdicts. */
  readonly verdicts: Readonly<Record<Aspect, Verdict>>;
  /** Everything found: what is wrong first, then what is unknown, then notes. */
  readonly findings: readonly Finding[];
  /** Number of entries checked. */
  readonly entries: number;
  /** Whether data was given; if it differs, `DATA_HASH` is among the findings. */
  readonly dataChecked: boolean;
  /** Where the data came from: the user ids of all origins, sorted. */
  readonly origins: readonly string[];
  /** Taints at the heads, sorted. */
  readonly taints: readonly string[];
  /** The least trust score of the heads. */
  readonly trustScore: number | null;
  /** Ids of the keys that answer for entries, with the name the trust policy gives them. */
  readonly signers: readonly { readonly publicKeyId: string; readonly name: string | null }[];
}

const GOOD: Readonly<Record<Aspect, { readonly status: Status; readonly code: string }>> = {
  integrity: { status: "pass", code: "INTACT" },
  identity: { status: "pass", code: "TRUSTED" },
  completeness: { status: "pass", code: "COMPLETE" },
  policy: { status: "pass", code: "SATISFIED" },
  freshness: { status: "pass", code: "FRESH" },
};

const SENTENCES: Readonly<Record<string, string>> = {
  INTACT: "Nothing was changed since it was sealed.",
  TRUSTED: "Every entry names a trusted key that may do what the entry says.",
  COMPLETE: "Nothing is missing above the sealed heads.",
  SATISFIED: "Every required policy decision is recorded.",
  NOTHING_REQUIRED: "The trust policy requires no policy decision.",
  FRESH: "It is bound to this reader and has not expired.",
  NOT_BOUND: "It names no reader and no expiry.",
};

const DOES_NOT_PROVE: Readonly<Record<Aspect, string>> = {
  integrity: "That what was recorded is true: a key's holder can record anything.",
  identity: "That the key's holder is honest, or that the key was not stolen.",
  completeness: "That nothing happened later, or that no other passport exists.",
  policy: "That a decision was evaluated as recorded, until it is replayed with the policy.",
  freshness: "That no other copy was handed to somebody else.",
};

/** The verdict on one aspect from its findings; `good` replaces the usual good answer. */
export function verdictOf(
  aspect: Aspect,
  findings: readonly Finding[],
  good: { readonly status: Status; readonly code: string } = GOOD[aspect],
): Verdict {
  const own = findings.filter((finding) => finding.aspect === aspect);
  const worst = own.find((f) => f.severity === "fail") ?? own.find((f) => f.severity === "unknown");
  const status: Status = worst === undefined
    ? good.status
    : worst.severity === "fail"
    ? "fail"
    : "unknown";
  const code = worst?.code ?? good.code;
  return Object.freeze({
    status,
    code,
    sentence: worst?.message ?? SENTENCES[code] ?? code,
    doesNotProve: DOES_NOT_PROVE[aspect],
  });
}

/** The outcome that five verdicts amount to. */
export function outcomeOf(verdicts: Readonly<Record<Aspect, Verdict>>): Outcome {
  const statuses = ASPECTS.map((aspect) => verdicts[aspect].status);
  if (statuses.includes("fail")) return "invalid";
  return statuses.includes("unknown") ? "unverified" : "verified";
}
