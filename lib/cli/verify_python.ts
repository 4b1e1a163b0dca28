/**
 * `kest verify` for passports of the Python package: never verified.
 *
 * @module
 */

import type { PythonPassport } from "../verify/python.ts";
import { verifyPythonWith } from "../verify/python_trust.ts";
import type { Aspect, Finding, VerificationReport } from "../verify/report.ts";
import type { CheckedTrust } from "../verify/trust_policy.ts";
import type { Parsed } from "./parsed.ts";

const NOT_APPLICABLE: readonly (readonly [option: string, aspect: Aspect, why: string])[] = [
  ["data", "integrity", "no data is bound to it"],
  ["audience", "freshness", "it names no reader"],
  ["nonce", "freshness", "it answers no nonce"],
  ["expect-head", "completeness", "its entries have no hashes"],
  ["expect-origin", "identity", "its origin is bound to no key"],
];

function unanswered(parsed: Parsed): Finding[] {
  return NOT_APPLICABLE.filter(([option]) => parsed.has(option)).map(([option, aspect, why]) => ({
    code: "PYTHON_PASSPORT",
    aspect,
    severity: "unknown",
    message: `--${option} was not checked for a passport of the Python package: ${why}.`,
  }));
}

/** The report on a Python passport, also on what was asked and it cannot answer. */
export function reportOnPython(
  parsed: Parsed,
  passport: PythonPassport,
  trust: CheckedTrust,
): Promise<VerificationReport> {
  return verifyPythonWith(passport, trust, unanswered(parsed));
}
