/**
 * Trust scores: the least of all by default, or a rule of your own; after the
 * Python package's `examples/trust_score_demo.py`.
 *
 *     deno run examples/trust_score.ts
 */

import {
  createKest,
  generateKey,
  LocalOpaEngine,
  PolicyViolationError,
  trustPolicy,
  verifyPassport,
} from "../mod.ts";

const policyEngine = new LocalOpaEngine();
policyEngine.addPolicy(
  "trust.rego",
  `package kest.trust

  default allow := false

  # Rego orders every text above every number: ask for the type first.
  allow if {
    is_number(input.trust_score)
    input.trust_score >= 0.7
  }
  `,
);
const signer = await generateKey();
const kest = createKest({ signer, policyEngine });

type Page = { source: string; content: string; validated?: boolean };

// The Python demo adds 0.3 to the highest score and reaches 1.1; a score is at most 1 here.
const validateAndClean = kest.verified({
  nodeId: "validate_and_clean",
  nodeTrustScore: 0.8,
  trustScoreUpdater: (node, parents) => Math.min(1, Math.max(node, ...parents) + 0.3),
}, (page: Page): Page => ({ ...page, validated: true }));

const generateReport = kest.verified({
  nodeId: "generate_report",
  enforceRules: ["data.kest.trust.allow"],
}, (page: Page) => ({ report_generated: true, page }));

const website = { source: "website", content: "raw_user_data" };

const raw = kest.originate<Page>(website, { trustScore: 0.5 });
const outcome = await generateReport(raw).catch((error: unknown) => error);
if (!(outcome instanceof PolicyViolationError)) throw new Error("Not blocked");
console.log(`Trust ${raw.passport.trustScore}: ${outcome.message}`);

const clean = await validateAndClean(raw);
const report = await generateReport(clean);
console.log(`Trust ${report.passport.trustScore}: ${JSON.stringify(report.data)}`);

// A rule that raises trust is recorded, and the reader decides who may do that.
const passport = await report.passport.seal();
const key = signer.publicKey;
for (const mayRaiseTrust of [false, true]) {
  const trust = trustPolicy([{ name: "demo", key, mayOriginate: "any", mayRaiseTrust }]);
  const { outcome, verdicts } = await verifyPassport(passport, { trust });
  console.log(`May raise trust: ${mayRaiseTrust}: ${outcome}: ${verdicts.identity.sentence}`);
}
