/**
 * The report of a verification for programs: what `kest verify --json` prints, and
 * what the explorer saves.
 *
 * @module
 */

import type { AnyPassport } from "../verify/any_passport.ts";
import type { Outcome, VerificationReport } from "../verify/report.ts";
import { EXIT_INVALID, EXIT_OK, EXIT_UNVERIFIED, EXIT_USAGE } from "./errors.ts";

const EXITS: Readonly<Record<Outcome, number>> = {
  verified: EXIT_OK,
  invalid: EXIT_INVALID,
  unverified: EXIT_UNVERIFIED,
};

/** The exit code of a verification. */
export function exitOf(kind: AnyPassport["kind"], { outcome }: VerificationReport): number {
  // A Python passport proves too little, whatever its report says.
  return kind === "python" && outcome === "verified" ? EXIT_USAGE : EXITS[outcome];
}

/** The members of the JSON report. */
export function reportMembers(
  file: string,
  kind: AnyPassport["kind"],
  report: VerificationReport,
): Readonly<Record<string, unknown>> {
  return { file, exit: exitOf(kind, report), ...report };
}
