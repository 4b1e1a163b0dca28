/**
 * `kest verify` for passports of the Python package: never verified.
 *
 * @module
 */

import { type PythonPassport, verifyPythonPassport } from "../verify/python.ts";
import { type Aspect, type Finding, outcomeOf, verdictOf } from "../verify/report.ts";
import type { VerificationReport } from "../verify/report.ts";
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

function revocations(report: VerificationReport, trust: CheckedTrust): Finding[] {
  return report.signers.flatMap(({ publicKeyId }) => {
    const rights = trust.keys.get(publicKeyId)?.rights;
    if (!rights?.revoked) return [];
    return [{
      code: "KEY_REVOKED",
      aspect: "identity",
      severity: "fail",
      message: `Key ${rights.name} is revoked: ${rights.revoked.reason}`,
      stored: publicKeyId,
    }];
  });
}

function withFindings(
  report: VerificationReport,
  failed: readonly Finding[],
  unknown: readonly Finding[],
): VerificationReport {
  const findings = [...failed, ...report.findings, ...unknown];
  const verdict = (aspect: Aspect) => verdictOf(aspect, findings, report.verdicts[aspect]);
  const verdicts = {
    integrity: verdict("integrity"),
    identity: verdict("identity"),
    completeness: verdict("completeness"),
    policy: verdict("policy"),
    freshness: verdict("freshness"),
  };
  return { ...report, findings, verdicts, outcome: outcomeOf(verdicts) };
}

/** The report on a Python passport, also on what was asked and it cannot answer. */
export async function reportOnPython(
  parsed: Parsed,
  passport: PythonPassport,
  trust: CheckedTrust,
): Promise<VerificationReport> {
  const keys = [...trust.keys.values()].map(({ key }) => key);
  const report = await verifyPythonPassport(passport, { keys });
  const signers = report.signers.map(({ publicKeyId }) => ({
    publicKeyId,
    name: trust.keys.get(publicKeyId)?.rights.name ?? null,
  }));
  return withFindings({ ...report, signers }, revocations(report, trust), unanswered(parsed));
}
