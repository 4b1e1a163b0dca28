/**
 * The report of a verification for people.
 *
 * @module
 */

import type { Issue } from "../base/errors.ts";
import { type Aspect, ASPECTS, type Outcome, type Status } from "../verify/report.ts";
import type { VerificationReport } from "../verify/report.ts";
import { printFindings } from "./findings_text.ts";
import type { Piece, Screen, Tone } from "./screen.ts";

const HEADLINES: Readonly<Record<Outcome, readonly [string, Tone]>> = {
  verified: ["VERIFIED", "good"],
  invalid: ["INVALID", "bad"],
  unverified: ["NOT VERIFIED", "unsure"],
};

const TONES: Readonly<Record<Status, Tone>> = {
  pass: "good",
  fail: "bad",
  unknown: "unsure",
  none: "plain",
};

const ASPECT_WIDTH = Math.max(...ASPECTS.map((aspect) => aspect.length));

/** What to do about what could not be affirmed. */
const ADVICE: Readonly<Record<string, string>> = {
  AUDIENCE_UNCHECKED: "Say who you are with --audience.",
  KEY_UNKNOWN: "If you know whose key it is, trust it with --trust or --key.",
  NONCE_UNCHECKED: "Give the nonce with --nonce.",
  OPEN: "Ask whoever made it to seal it: passport.seal().",
  TRUST_EMPTY: "Say whom you trust with --trust FILE or --key FILE; kest trust add makes one.",
  UNSIGNED: "Ask whoever made it to configure a signer and to seal it.",
};

function printHeadline(screen: Screen, outcome: Outcome, file: string): void {
  const headline = HEADLINES[outcome];
  screen.text([headline, "  "], file, headline[0]!.length + 2);
}

function printVerdict(screen: Screen, aspect: Aspect, report: VerificationReport): void {
  const { status, sentence } = report.verdicts[aspect];
  const label: Piece[] = [
    `  ${aspect.padEnd(ASPECT_WIDTH)}  `,
    [status.padEnd(7), TONES[status]],
  ];
  screen.row(label, sentence, ASPECT_WIDTH + 13);
}

function printLimits(screen: Screen, report: VerificationReport, bindsData: boolean): void {
  screen.gap();
  if (report.outcome === "invalid") {
    screen.text([], "Believe nothing of what an invalid passport claims.", 0);
    return;
  }
  const passed = ASPECTS.filter((aspect) => report.verdicts[aspect].status === "pass");
  screen.line("Not proven");
  for (const aspect of passed) {
    screen.row([`  ${aspect}`], report.verdicts[aspect].doesNotProve, ASPECT_WIDTH + 4);
  }
  if (!report.dataChecked) {
    const unproven = bindsData
      ? "Which data it belongs to: give it with --data."
      : "Which data it belongs to.";
    screen.row(["  data"], unproven, ASPECT_WIDTH + 4);
  }
}

function dataText(report: VerificationReport): string {
  if (!report.dataChecked) return "not checked";
  const differs = report.findings.some((finding) => finding.code === "DATA_HASH");
  return differs ? "differs" : "the same as at a head";
}

/** Names that are listed. */
const LISTED = 10;

function listText(items: readonly string[]): string {
  const more = items.length - LISTED;
  return items.slice(0, LISTED).join(", ") + (more > 0 ? `, … and ${more} more` : "");
}

function printContents(screen: Screen, report: VerificationReport): void {
  const indent = ASPECT_WIDTH + 4;
  screen.gap();
  screen.line(report.outcome === "verified" ? "Contents" : "Claimed");
  const origins = [...new Set(report.origins)];
  screen.row(["  origins"], listText(origins) || "none", indent);
  screen.row(["  taints"], listText(report.taints) || "none", indent);
  screen.row(["  trust"], report.trustScore === null ? "none" : String(report.trustScore), indent);
  screen.row(["  entries"], String(report.entries), indent);
  screen.row(["  data"], dataText(report), indent);
  for (const { publicKeyId, name } of report.signers.slice(0, LISTED)) {
    const whose = name === null ? "not in the trust policy" : name;
    screen.row(["  key"], `${publicKeyId} (${whose})`, indent);
  }
  const more = report.signers.length - LISTED;
  if (more > 0) screen.line(`  … and ${more} more keys (--json lists all)`);
  if (report.signers.length === 0) screen.row(["  key"], "none", indent);
}

function printAdvice(screen: Screen, report: VerificationReport): void {
  if (report.outcome !== "unverified") return;
  const codes = new Set(report.findings.map((finding) => finding.code));
  const advice = Object.keys(ADVICE).filter((code) => codes.has(code as never));
  if (advice.length === 0) return;
  screen.gap();
  for (const code of advice) screen.text([], ADVICE[code]!, 0);
}

/** Prints a report; `bindsData` says whether the passport's data could be checked at all. */
export function printReport(
  screen: Screen,
  file: string,
  report: VerificationReport,
  bindsData: boolean,
): void {
  printHeadline(screen, report.outcome, file);
  for (const aspect of ASPECTS) printVerdict(screen, aspect, report);
  printFindings(screen, report.findings);
  printLimits(screen, report, bindsData);
  printContents(screen, report);
  printAdvice(screen, report);
}

/** Problems that are listed. */
const LISTED_ISSUES = 20;

/** Prints why a passport violates the format. */
export function printMalformed(screen: Screen, file: string, issues: readonly Issue[]): void {
  printHeadline(screen, "invalid", file);
  screen.text([], "It violates the format of passports, so nothing more was checked.", 2);
  screen.gap();
  for (const { code, path, message } of issues.slice(0, LISTED_ISSUES)) {
    screen.text([["  fail", "bad"], `    ${code}  `], `${path || "/"}: ${message}`, 4);
  }
  const more = issues.length - LISTED_ISSUES;
  if (more > 0) screen.line(`  … and ${more} more (--json lists all)`);
}
