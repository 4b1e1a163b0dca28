/**
 * Kest: attested data lineage. Every value that crosses a `verified` boundary
 * carries a passport: a signed DAG of execution entries with content hashes,
 * taints, labels, trust scores and policy decisions.
 *
 * @example
 * ```ts
 * import { createKest, generateKey, trustPolicy, verifyPassport } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const signer = await generateKey();
 * const kest = createKest({ signer });
 *
 * const strip = kest.verified(
 *   { nodeId: "strip", addedTaint: ["pii_stripped"] },
 *   (row: { ssn: string }) => ({ ...row, ssn: "***" }),
 * );
 * const row = kest.originate({ ssn: "123-45-678" }, { taint: ["pii_data"] });
 * const safe = await strip(row);
 * const passport = await safe.passport.seal();
 *
 * const trust = trustPolicy([{ name: "me", key: signer.publicKey, mayOriginate: "any" }]);
 * const report = await verifyPassport(JSON.stringify(passport), { trust, data: safe.data });
 * assert.equal(report.outcome, "verified");
 * ```
 *
 * @module
 */

// Tracking.
export {
  config,
  createKest,
  declassify,
  importKestData,
  originate,
  verified,
} from "./lib/track/instance.ts";
export type { Kest } from "./lib/track/instance.ts";
export { KestData } from "./lib/track/kest_data.ts";
export { KestStream } from "./lib/track/stream.ts";
export { plain, returns } from "./lib/track/verified.ts";
export type {
  VerifiedDecorator,
  VerifiedMethod,
  VerifiedOptions,
  Verify,
} from "./lib/track/verified.ts";
export type { KestConfig, KestOptions } from "./lib/track/settings.ts";
export type { Originated, OriginateOptions } from "./lib/track/originate.ts";
export type { OriginOptions } from "./lib/track/origin.ts";
export type { DeclassifyOptions } from "./lib/track/declassify.ts";
export type { ImportOptions } from "./lib/track/import.ts";
export type { TrustScoreUpdater } from "./lib/track/maker.ts";
export type {
  Atom,
  Items,
  Plain,
  PlainAwaited,
  Primitive,
  StreamItem,
  StreamItemAwaited,
  Trackable,
  TrackableInside,
  TrackableParameters,
  Untracked,
  VerifiedFunction,
  VerifiedStreamFunction,
} from "./lib/track/types.ts";
export { hostnameCollector, runtimeCollector } from "./lib/track/collectors.ts";
export type { EnvironmentCollector } from "./lib/track/collectors.ts";
export { ndjsonExporter } from "./lib/track/exporters.ts";
export type { Exporter, ExportEvent } from "./lib/track/exporters.ts";

// Passports.
export { mergePassports, Passport } from "./lib/lineage/passport.ts";
export type { PassportJson } from "./lib/lineage/passport.ts";
export { parsePassport } from "./lib/lineage/parse.ts";
export type { ParseOptions } from "./lib/lineage/parse.ts";
export { SealError } from "./lib/lineage/sealing.ts";
export type { SealOptions } from "./lib/lineage/sealing.ts";
export type { Seal, SealHead, SealStatement } from "./lib/lineage/seal.ts";
export type {
  Decision,
  DenyCause,
  Entry,
  EntryBody,
  EntryKind,
  Input,
  InputProfile,
  OpaqueInput,
  Origin,
  RawInput,
  Role,
  StreamEnd,
  TrackedInput,
  TrustRule,
} from "./lib/lineage/entry.ts";

// Keys.
export { generateKey, importPrivateJwk } from "./lib/keys/signer.ts";
export type { LocalSigner, Signer } from "./lib/keys/signer.ts";
export { publicKeyFromBytes, publicKeyFromJwk } from "./lib/keys/public_key.ts";
export type { PrivateJwk, PublicJwk, PublicKey } from "./lib/keys/public_key.ts";

// Verification.
export { assertVerified, VerificationError, verifyPassport } from "./lib/verify/verify.ts";
export type { VerifyOptions } from "./lib/verify/verify.ts";
export type { Expectations } from "./lib/verify/check_handover.ts";
export type {
  Aspect,
  Finding,
  FindingCode,
  Outcome,
  Status,
  Verdict,
  VerificationReport,
} from "./lib/verify/report.ts";
export { trustPolicy } from "./lib/verify/trust_policy.ts";
export type {
  OriginRule,
  Requirement,
  TrustedKey,
  TrustGrant,
  TrustPolicy,
  TrustPolicyOptions,
} from "./lib/verify/trust_policy.ts";

// Passports of the Python package.
export { parsePythonPassport, verifyPythonPassport } from "./lib/verify/python.ts";
export type {
  PythonEntry,
  PythonKestVersion,
  PythonOrigin,
  PythonPassport,
} from "./lib/verify/python.ts";

// Policy.
export type { PolicyEngine, PolicyOutcome, PolicyRequest } from "./lib/policy/engine.ts";
export { WasmOpaEngine } from "./lib/policy/wasm_opa.ts";
export type { MemoryPages, WasmOpaOptions } from "./lib/policy/wasm_opa.ts";
export type { WasmSource } from "./lib/policy/wasm_source.ts";
export { LocalOpaEngine } from "./lib/rego/local_opa.ts";
export type {
  AddedPolicy,
  AddOptions,
  EngineBudget,
  EvaluationFacts,
  LocalOpaOptions,
  LocalOutcome,
  RegoVersionChoice,
} from "./lib/rego/local_opa.ts";
export { PolicyCompileError, RegoError } from "./lib/rego/errors.ts";
export type { CompileCode, CompileIssue, EvalCode } from "./lib/rego/errors.ts";
export type { RegoVersion } from "./lib/rego/ast.ts";
export { RemoteOpaEngine } from "./lib/policy/remote_opa.ts";
export { RemoteOpaError } from "./lib/policy/remote_errors.ts";
export type { RemoteOpaFacts, RemoteOpaReason } from "./lib/policy/remote_errors.ts";
export type { RemoteFetch, RemoteOpaOptions } from "./lib/policy/remote_options.ts";
export { replayDecisions } from "./lib/policy/replay.ts";
export type {
  ReplayedDecision,
  ReplayOptions,
  ReplayReason,
  ReplayReport,
  ReplayStatus,
} from "./lib/policy/replay.ts";
export { PolicyViolationError } from "./lib/policy/violation.ts";
export type { InputParent, PolicyInput } from "./lib/policy/input.ts";

// Bytes.
export { canonicalize } from "./lib/bytes/canonical.ts";
export type { ContentKind } from "./lib/bytes/content.ts";
export type { Limits } from "./lib/base/limits.ts";

// Errors.
export { KestError, ParseError } from "./lib/base/errors.ts";
export type { ErrorCode, Issue, KestErrorOptions, ParseCode } from "./lib/base/errors.ts";
