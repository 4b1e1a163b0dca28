/**
 * Instances: everything that shares settings, and the default one.
 *
 * @module
 */

import { type DeclassifyOptions, declassifyWith } from "./declassify.ts";
import { type ImportOptions, importWith } from "./import.ts";
import type { KestData } from "./kest_data.ts";
import { type Originated, type OriginateOptions, originateWith } from "./originate.ts";
import { type KestConfig, type KestOptions, makeConfig } from "./settings.ts";
import { verifiedFor, type Verify } from "./verified.ts";

/** Functions that share settings; {@linkcode createKest} makes one. */
export interface Kest {
  /** The settings; assign to change them for later calls. */
  readonly config: KestConfig;
  /** As the exported function `originate`. */
  originate<T>(data: T, options?: OriginateOptions): Originated<T>;
  /** As the exported function `verified`. */
  readonly verified: Verify;
  /** As the exported function `declassify`. */
  declassify<T>(value: KestData<T>, options: DeclassifyOptions): Promise<KestData<T>>;
  /** As the exported function `importKestData`. */
  importKestData<T>(data: T, passport: unknown, options?: ImportOptions): Promise<KestData<T>>;
}

/**
 * An instance with settings of its own, for code that wants no global.
 *
 * @throws {TypeError} for an unknown option.
 * @throws {RangeError} for a limit that is not a positive integer.
 *
 * @example
 * ```ts
 * import { createKest, generateKey } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const kest = createKest({ signer: await generateKey() });
 * const double = kest.verified(function double(n: number) {
 *   return n * 2;
 * });
 * const result = await double(kest.originate(21));
 * assert.equal(result.data, 42);
 * ```
 */
export function createKest(options: KestOptions = {}): Kest {
  const config = makeConfig(options);
  return Object.freeze({
    config,
    originate: <T>(data: T, options?: OriginateOptions) =>
      originateWith(config, data, options) as Originated<T>,
    verified: verifiedFor(config),
    declassify: <T>(value: KestData<T>, options: DeclassifyOptions) =>
      declassifyWith(config, value, options),
    importKestData: <T>(data: T, passport: unknown, options?: ImportOptions) =>
      importWith(config, data, passport, options),
  });
}

const defaultInstance = createKest();

/**
 * The default instance's settings. Assign to its properties: `policyEngine`,
 * `signer`, `trust`, `exporters`, …
 *
 * @example
 * ```ts
 * import { config, generateKey } from "@kest/kest";
 *
 * config.signer = await generateKey();
 * ```
 */
export const config: KestConfig = defaultInstance.config;

/**
 * Starts the lineage of some data (SPEC 7.1).
 *
 * @param data JSON, bytes, or `undefined`. A `Blob` is hashed asynchronously, so
 * the result is a promise then; `await` works in both cases.
 * @throws {KestError} a `CONTENT_*` code if the data has no canonical form;
 * `TAINT_NAME`, `LABEL` (labels and the origin), `NODE_ID`, `TRUST_SCORE` for
 * options that an entry cannot hold; `ENVIRONMENT` if a collector fails; `EXPORT`
 * if an exporter fails.
 * @throws {TypeError} for an unknown option.
 *
 * @example
 * ```ts
 * import { originate } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const row = originate({ ssn: "123-45-678" }, {
 *   userId: "alice",
 *   taint: ["pii_data"],
 *   labels: { env: "prod" },
 *   trustScore: 0.4,
 * });
 * assert.equal(row.passport.trustScore, 0.4);
 * ```
 */
export function originate<T>(data: T, options?: OriginateOptions): Originated<T> {
  return defaultInstance.originate(data, options);
}

/**
 * Wraps a function so that every call leaves an entry (SPEC 7). The wrapper
 * takes the same parameters, each also as a tracked value or a promise of one,
 * keeps `this`, `name` and `length`, and returns a promise of a tracked value.
 * Overloaded functions keep their last signature. Also a method decorator.
 *
 * @throws {TypeError} when wrapping a nameless function without `nodeId`, with an
 * unknown option, or with a rule that is no `data.…` path.
 * @throws {RangeError} when wrapping, if `opaqueArgs` are no indexes.
 * @throws {KestError} when wrapping: `NODE_ID`, `TAINT_NAME`, `LABEL`, `TRUST_SCORE`.
 * @throws {PolicyViolationError} when called, if a rule denies.
 * @throws {KestError} when called: `DATA_MUTATED`, a `CONTENT_*` code, `LIMIT`,
 * `STREAM_ARGUMENT`, `ENVIRONMENT`, `TRUST_SCORE`, `ID_COLLISION`, `EXPORT`.
 * Errors of the function itself reach the caller unchanged.
 *
 * @example
 * ```ts
 * import { originate, verified } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const mask = verified(
 *   { nodeId: "mask", addedTaint: ["pii_stripped"] },
 *   (row: { ssn: string }) => ({ ...row, ssn: "***" }),
 * );
 * const masked = await mask(originate({ ssn: "123" }, { taint: ["pii_data"] }));
 * assert.deepEqual(masked.data, { ssn: "***" });
 * assert.deepEqual(masked.passport.taints, ["pii_data", "pii_stripped"]);
 * ```
 */
export const verified: Verify = defaultInstance.verified;

/**
 * Removes taints from a value on this path: an entry of its own, signed and
 * sealed at once by the approver's key (SPEC 4.8). Whether that key may do so is
 * for the verifier's trust policy to say.
 *
 * @throws {KestError} `DECLASSIFY` inside a verified call, or for a taint that
 * the data does not have; `TAINT_NAME`, `NODE_ID`; `DATA_MUTATED`; `ENVIRONMENT`;
 * `SIGNER`; `EXPORT`.
 * @throws {TypeError} if the value is not tracked, the reason or the signer is
 * missing, or for an unknown option.
 *
 * @example
 * ```ts
 * import { declassify, generateKey, originate } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const secret = originate({ total: 3 }, { taint: ["pii_data"] });
 * const released = await declassify(secret, {
 *   remove: ["pii_data"],
 *   reason: "Only a count is left",
 *   signer: await generateKey(),
 * });
 * assert.deepEqual(released.passport.taints, []);
 * ```
 */
export function declassify<T>(
  value: KestData<T>,
  options: DeclassifyOptions,
): Promise<KestData<T>> {
  return defaultInstance.declassify(value, options);
}

/**
 * Takes tracked data over from somebody else: verifies the passport, the data's
 * hash included, before anything can use it (SPEC 5.5).
 *
 * @param passport Untrusted text, bytes or JSON of a passport.
 * @throws {ParseError} if it cannot be read.
 * @throws {VerificationError} unless it is verified under `trust`.
 * @throws {KestError} `PYTHON_PASSPORT`, `TRUST_POLICY`, or a `CONTENT_*` code if
 * the data has no canonical form.
 *
 * @example
 * ```ts
 * import { createKest, generateKey, importKestData, trustPolicy } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const theirs = createKest({ signer: await generateKey() });
 * const sent = theirs.originate({ id: 7 });
 * const passport = JSON.stringify(await sent.passport.seal());
 *
 * const key = theirs.config.signer!.publicKey;
 * const trust = trustPolicy([{ name: "them", key, mayOriginate: "any" }]);
 * const mine = await importKestData({ id: 7 }, passport, { trust });
 * assert.equal(mine.data.id, 7);
 * ```
 */
export function importKestData<T>(
  data: T,
  passport: unknown,
  options?: ImportOptions,
): Promise<KestData<T>> {
  return defaultInstance.importKestData(data, passport, options);
}
