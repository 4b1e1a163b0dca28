/**
 * Verification, in the numbered steps of SPEC 6.2.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { type Limits, resolveLimits } from "../base/limits.ts";
import { refuseUnknown } from "../base/options.ts";
import { contentAs } from "../bytes/content.ts";
import { entryHash } from "../lineage/binding.ts";
import { reach, topological } from "../lineage/node.ts";
import { parsePassport } from "../lineage/parse.ts";
import { partsOf, Passport } from "../lineage/passport.ts";
import { checkDerived } from "./check_entries.ts";
import {
  checkCompleteness,
  checkFreshness,
  type Expectations,
  isNothingBound,
  NOT_BOUND,
} from "./check_handover.ts";
import { checkBinding } from "./check_hashes.ts";
import { checkSeals } from "./check_seals.ts";
import { checkIdentity, checkPolicy, isNothingRequired } from "./check_trust.ts";
import { Findings, named, placeOf, type VerifyContext } from "./context.ts";
import {
  type Aspect,
  type Finding,
  outcomeOf,
  type Status,
  type Verdict,
  verdictOf,
  type VerificationReport,
} from "./report.ts";
import { checkTrustPolicy, TRUST_VERSION, type TrustPolicy } from "./trust_policy.ts";

/** Options of {@linkcode verifyPassport}. */
export interface VerifyOptions extends Expectations {
  /** Whom to trust with what. Without it nothing is ever verified. */
  readonly trust?: TrustPolicy;
  /** The data that the passport came with; it must match a head's content. */
  readonly data?: unknown;
  /** The time of verification; default now. A date, or milliseconds since 1970. */
  readonly at?: Date | number;
  /** Allowed disagreement of clocks in milliseconds; default 60,000. */
  readonly toleranceMs?: number;
  /** Limits that replace the defaults. */
  readonly limits?: Partial<Limits>;
  /** Told of each verdict once, as soon as no later step can change it. */
  readonly onVerdict?: (aspect: Aspect, verdict: Verdict) => void;
  /** Told after every 1,000 entries of step 2, which takes longest. */
  readonly onProgress?: (done: number, entries: number) => void;
}

const NO_TRUST: TrustPolicy = { version: TRUST_VERSION, keys: [] };
const DEFAULT_TOLERANCE_MS = 60_000;
const OPTIONS = new Set([
  ...["at", "audience", "data", "expectHeads", "expectOrigin", "limits", "nonce", "onProgress"],
  ...["onVerdict", "toleranceMs", "trust"],
]);

function timeOf(at: Date | number | undefined): number {
  const time = at === undefined ? Date.now() : Number(at);
  if (!Number.isFinite(time)) throw new RangeError(`Option at is not a time: ${at}`);
  return time;
}

function contextOf(passport: Passport, options: VerifyOptions): VerifyContext {
  const { heads, seals } = partsOf(passport);
  const nodes = reach(heads);
  const tolerance = options.toleranceMs ?? DEFAULT_TOLERANCE_MS;
  if (!(tolerance >= 0)) throw new RangeError(`Option toleranceMs must not be negative`);
  return {
    entries: topological(nodes),
    nodes,
    heads,
    seals,
    trust: checkTrustPolicy(options.trust ?? NO_TRUST),
    now: timeOf(options.at),
    tolerance,
    findings: new Findings(),
  };
}

/**
 * One hash is one entry. Passports that were merged before they were verified
 * can hold two that claim the same, of which the steps below would see only one.
 */
function checkUnique(context: VerifyContext): void {
  const walked = new Set(context.heads);
  for (const node of walked) {
    for (const parent of node.parents) walked.add(parent);
    if (context.nodes.get(node.hash) === node || entryHash(node.body) === node.hash) continue;
    context.findings.fail(
      "integrity",
      "ENTRY_CHANGED",
      `${named(node)} was changed: another entry has the hash that it claims`,
      placeOf(node, { field: "entry_hash", stored: node.hash, computed: entryHash(node.body) }),
    );
  }
  if (context.entries.length === context.nodes.size && context.entries.length > 0) return;
  context.findings.fail(
    "integrity",
    "ENTRY_CHANGED",
    "Entries were changed: by the hashes that they claim, some descend from themselves",
    { field: "entry_hash" },
  );
}

/** Step 11: the data that came along is the data that a head describes. */
async function checkData(context: VerifyContext, data: unknown): Promise<void> {
  for (const head of context.heads) {
    const { content_kind: kind, content_hash: hash } = head.body;
    const content = await contentAs(kind, data);
    if (content.kind === kind && content.hash === hash && kind !== "none") return;
  }
  const [head, ...others] = context.heads;
  if (head === undefined) return;
  const isAny = others.length > 0;
  context.findings.fail(
    "integrity",
    "DATA_HASH",
    `The data is not what ${isAny ? "any of the heads" : named(head)} returned`,
    // Of several heads none was changed because the data is not theirs.
    isAny ? {} : placeOf(head, { field: "content_hash", stored: head.body.content_hash }),
  );
}

/** A verdict where nothing was found. */
type Good = { readonly status: Status; readonly code: string } | undefined;

const NOTHING_REQUIRED: Good = { status: "none", code: "NOTHING_REQUIRED" };

/** Tells of verdicts as they come, and gives them all at the end. */
class Verdicts {
  readonly #findings: Findings;
  readonly #tell: VerifyOptions["onVerdict"];
  readonly #good = new Map<Aspect, Good>();

  constructor(findings: Findings, tell: VerifyOptions["onVerdict"]) {
    this.#findings = findings;
    this.#tell = tell;
  }

  /** No later step bears on this aspect; one that is settled stays so. */
  settle(aspect: Aspect, good?: Good): void {
    if (this.#good.has(aspect)) return;
    this.#good.set(aspect, good);
    this.#tell?.(aspect, verdictOf(aspect, this.#findings.sorted(), good));
  }

  /** The verdicts on everything that was found. */
  all(findings: readonly Finding[]): Readonly<Record<Aspect, Verdict>> {
    const verdict = (aspect: Aspect) => verdictOf(aspect, findings, this.#good.get(aspect));
    return Object.freeze({
      integrity: verdict("integrity"),
      identity: verdict("identity"),
      completeness: verdict("completeness"),
      policy: verdict("policy"),
      freshness: verdict("freshness"),
    });
  }
}

function signersOf(context: VerifyContext): VerificationReport["signers"] {
  const ids = new Set(context.entries.flatMap((node) => node.body.public_key_id ?? []));
  return Object.freeze(
    [...ids].sort().map((publicKeyId) => ({
      publicKeyId,
      name: context.trust.keys.get(publicKeyId)?.rights.name ?? null,
    })),
  );
}

/**
 * Verifies a passport (SPEC 6.2): recomputes everything that can be recomputed
 * and answers five questions separately. Never throws for what a passport
 * contains, once it can be read.
 *
 * @param passport A passport, or untrusted text, bytes or JSON of one.
 * @throws {ParseError} if untrusted input cannot be read.
 * @throws {KestError} `TRUST_POLICY` if the trust policy is malformed; a
 * `CONTENT_*` code if `data` has no canonical form; `PYTHON_PASSPORT` for a
 * passport of the Python package.
 * @throws {RangeError} if `at` is no time, `toleranceMs` is negative, or a limit is
 * not a positive integer.
 * @throws {TypeError} for an unknown limit.
 *
 * @example
 * ```ts
 * import { createKest, generateKey, trustPolicy, verifyPassport } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const signer = await generateKey();
 * const kest = createKest({ signer });
 * const value = await kest.originate({ id: 7 });
 * const text = JSON.stringify(await value.passport.seal());
 *
 * const trust = trustPolicy([{ name: "me", key: signer.publicKey, mayOriginate: "any" }]);
 * const report = await verifyPassport(text, { trust, data: { id: 7 } });
 * assert.equal(report.outcome, "verified");
 * assert.equal((await verifyPassport(text)).outcome, "unverified");
 * ```
 */
export async function verifyPassport(
  passport: unknown,
  options: VerifyOptions = {},
): Promise<VerificationReport> {
  refuseUnknown(options, OPTIONS, "verifyPassport");
  // Step 1: read the passport (SPEC 2) and the trust policy.
  const limits = resolveLimits(options.limits);
  const read = passport instanceof Passport ? passport : parsePassport(passport, { limits });
  const context = contextOf(read, options);

  checkUnique(context);

  // What no hash can change is told before the hashes, which take longest.
  const verdicts = new Verdicts(context.findings, options.onVerdict);
  if (isNothingRequired(context)) verdicts.settle("policy", NOTHING_REQUIRED);
  if (isNothingBound(context, options)) verdicts.settle("freshness", NOT_BOUND);

  // Step 2: every entry hash. Step 3: every edge. Step 4: every derived value.
  const doubts = checkBinding(context, options.onProgress);
  checkDerived(context, doubts);

  // Step 5: every seal. Step 6: every entry is sealed by the key it names.
  const seals = await checkSeals(context, limits.sealWork, doubts);

  // Step 7: keys and their rights. Step 8: required decisions.
  checkIdentity(context, seals, doubts);
  verdicts.settle("identity");
  const required = checkPolicy(context, doubts);
  verdicts.settle("policy", required ? undefined : NOTHING_REQUIRED);

  // Step 9: nothing is missing. Step 10: meant for this reader, now.
  checkCompleteness(context, options, doubts);
  verdicts.settle("completeness");
  verdicts.settle("freshness", checkFreshness(context, seals, options, doubts));

  // Step 11: the data.
  const isDataGiven = Object.hasOwn(options, "data");
  if (isDataGiven) await checkData(context, options.data);
  verdicts.settle("integrity");

  const findings = context.findings.sorted();
  const answered = verdicts.all(findings);
  return Object.freeze({
    outcome: outcomeOf(answered),
    verdicts: answered,
    findings,
    entries: context.entries.length,
    dataChecked: isDataGiven,
    origins: read.origins.map((origin) => origin.user_id).sort(),
    taints: read.taints,
    trustScore: context.heads.length === 0 ? null : read.trustScore,
    signers: signersOf(context),
  });
}

/** A passport is not verified. The report says why. */
export class VerificationError extends KestError {
  /** The name of the class. */
  override readonly name = "VerificationError";
  /** The whole report. */
  readonly report: VerificationReport;
  /** The gravest finding. */
  readonly finding: Finding | undefined;

  /** Made by this module only. */
  constructor(report: VerificationReport) {
    const finding = report.findings[0];
    super(
      "VERIFICATION",
      `Passport is ${report.outcome}: ${finding ? `${finding.code}: ${finding.message}` : ""}`,
    );
    this.report = report;
    this.finding = finding;
  }
}

/**
 * Verifies a passport and throws unless it is verified.
 *
 * @throws {VerificationError} with the gravest finding and the whole report.
 * @throws as {@linkcode verifyPassport} does.
 *
 * @example
 * ```ts
 * import { assertVerified, originate } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const { passport } = await originate("nobody signed this");
 * await assert.rejects(assertVerified(passport), { code: "VERIFICATION" });
 * ```
 */
export async function assertVerified(
  passport: unknown,
  options: VerifyOptions = {},
): Promise<VerificationReport> {
  const report = await verifyPassport(passport, options);
  if (report.outcome !== "verified") throw new VerificationError(report);
  return report;
}
