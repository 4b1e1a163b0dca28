/**
 * Passports of the Python package under a trust policy: keys have names, and can
 * be revoked.
 *
 * @module
 */

import { verifyPythonPassport } from "./python_report.ts";
import type { PythonPassport } from "./python_types.ts";
import {
  type Aspect,
  type Finding,
  outcomeOf,
  verdictOf,
  type VerificationReport,
} from "./report.ts";
import type { CheckedTrust } from "./trust_policy.ts";

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

/**
 * The report on a Python passport by the keys of a trust policy.
 *
 * @param unanswered Findings about what was asked and such a passport cannot answer.
 */
export async function verifyPythonWith(
  passport: PythonPassport,
  trust: CheckedTrust,
  unanswered: readonly Finding[] = [],
): Promise<VerificationReport> {
  const keys = [...trust.keys.values()].map(({ key }) => key);
  const report = await verifyPythonPassport(passport, { keys });
  const findings = [...revocations(report, trust), ...report.findings, ...unanswered];
  const verdict = (aspect: Aspect) => verdictOf(aspect, findings, report.verdicts[aspect]);
  const verdicts = {
    integrity: verdict("integrity"),
    identity: verdict("identity"),
    completeness: verdict("completeness"),
    policy: verdict("policy"),
    freshness: verdict("freshness"),
  };
  const signers = report.signers.map(({ publicKeyId }) => ({
    publicKeyId,
    name: trust.keys.get(publicKeyId)?.rights.name ?? null,
  }));
  return { ...report, findings, verdicts, signers, outcome: outcomeOf(verdicts) };
}
