/**
 * The report on a passport of the Python package. Such a passport is never
 * verified: most of what it declares is bound to nothing, and the report says so.
 *
 * @module
 */

import type { PublicKey } from "../keys/public_key.ts";
import { sortTaints } from "../lineage/names.ts";
import { Findings } from "./context.ts";
import { checkPythonShape } from "./python_shape.ts";
import { findPythonSigner } from "./python_signature.ts";
import type { PythonEntry, PythonPassport, PythonSignatureStatus } from "./python_types.ts";
import { type Aspect, outcomeOf, verdictOf, type VerificationReport } from "./report.ts";

const SAYS_NOTHING: readonly (readonly [Aspect, string])[] = [
  [
    "integrity",
    'No data is bound: the Python package writes the literal "output_hash" as content_hash, so any data can be put beside this passport.',
  ],
  [
    "identity",
    "Origin, taints and trust scores are the claim of whoever wrote the file; the Python package does not bind them to a person or a key.",
  ],
  [
    "completeness",
    "Parents are the last key of a shared map, not what a step really read, so steps may be missing or tied to the wrong parent.",
  ],
];

function judgeSignature(findings: Findings, status: PythonSignatureStatus): void {
  const place = { field: "signature" };
  if (status === "unsigned") {
    const message =
      "It has no signature: anyone can have written or changed it, and a signature may have been removed.";
    findings.unknown("identity", "UNSIGNED", message, place);
  } else if (status === "unchecked") {
    const message = "It has a signature, but no key was given to check it with.";
    findings.unknown("identity", "TRUST_EMPTY", message, place);
  } else if (status === "changed") {
    const message =
      "The signature verifies under none of the keys: the passport was changed, or another key signed it.";
    findings.fail("integrity", "PYTHON_SIGNATURE", message, place);
  }
}

function judgeKeyInFile(findings: Findings, status: PythonSignatureStatus): void {
  if (status === "unsigned") return;
  const result = status === "valid" ? "agrees" : "does not agree";
  findings.unknown(
    "identity",
    "KEY_UNKNOWN",
    `No key was given, so the key inside the file was used. It proves only whether the file agrees with itself (it ${result}), not who signed it.`,
    { field: "public_key" },
  );
}

function judgeUncovered(findings: Findings, passport: PythonPassport): void {
  if (passport.uncoveredCount === 0) return;
  findings.unknown(
    "integrity",
    "PYTHON_PASSPORT",
    `Members that the Python package ignores are not covered by its signature; anyone can have added them: ${passport.uncoveredCount}.`,
    { stored: passport.uncovered },
  );
}

function headsOf(passport: PythonPassport): readonly PythonEntry[] {
  const parents = new Set(passport.entries.flatMap((entry) => entry.parentEntryIds));
  return passport.entries.filter((entry) => !parents.has(entry.key));
}

function leastTrust(heads: readonly PythonEntry[]): number | null {
  let least: number | null = null;
  for (const { trustScore } of heads) {
    // A NaN is below nothing, so it must not win by being first or last.
    if (trustScore === null || Number.isNaN(trustScore)) continue;
    if (least === null || trustScore < least) least = trustScore;
  }
  return least;
}

function reportOf(
  passport: PythonPassport,
  findings: VerificationReport["findings"],
  signers: VerificationReport["signers"],
): VerificationReport {
  const verdicts = Object.freeze({
    integrity: verdictOf("integrity", findings),
    identity: verdictOf("identity", findings),
    completeness: verdictOf("completeness", findings),
    policy: verdictOf("policy", findings, { status: "none", code: "NOTHING_REQUIRED" }),
    freshness: verdictOf("freshness", findings, { status: "none", code: "NOT_BOUND" }),
  });
  const heads = headsOf(passport);
  return Object.freeze({
    outcome: outcomeOf(verdicts),
    verdicts,
    findings,
    entries: passport.entries.length,
    dataChecked: false,
    origins: Object.freeze([passport.origin.userId]),
    taints: sortTaints(heads.flatMap((entry) => entry.accumulatedTaint)),
    trustScore: leastTrust(heads),
    signers: Object.freeze(signers),
  });
}

/**
 * Checks the signature and the shape of a Python passport and says what such a
 * passport does not prove. The outcome is `invalid` or `unverified`, never
 * `verified`. Without keys, the key inside the file is used, and the report says
 * how little that proves.
 *
 * @param options `keys`: public keys that the caller trusts.
 */
export async function verifyPythonPassport(
  passport: PythonPassport,
  options: { readonly keys: readonly PublicKey[] },
): Promise<VerificationReport> {
  const { embeddedKey } = passport;
  const embedded = options.keys.length === 0 && embeddedKey !== null;
  const keys = embedded ? [embeddedKey] : options.keys;
  const { status, signer } = await findPythonSigner(passport, keys);
  const findings = new Findings();
  judgeSignature(findings, status);
  if (embedded) judgeKeyInFile(findings, status);
  for (const [aspect, message] of SAYS_NOTHING) {
    findings.unknown(aspect, "PYTHON_PASSPORT", message);
  }
  judgeUncovered(findings, passport);
  checkPythonShape(findings, passport);
  const signers = signer && !embedded
    ? [Object.freeze({ publicKeyId: signer.id, name: null })]
    : [];
  return reportOf(passport, findings.sorted(), signers);
}
