/**
 * The settings of an instance.
 *
 * @module
 */

import { refuseUnknown } from "../base/options.ts";
import type { Signer } from "../keys/signer.ts";
import type { InputProfile } from "../lineage/entry.ts";
import type { PolicyEngine } from "../policy/engine.ts";
import type { TrustPolicy } from "../verify/trust_policy.ts";
import type { EnvironmentCollector } from "./collectors.ts";
import type { Exporter } from "./exporters.ts";

/** Settings of a Kest instance; each has a default. */
export interface KestOptions {
  /** Evaluates rules. Without one, every rule denies. */
  policyEngine?: PolicyEngine | undefined;
  /** Answers for the entries that are made. Without one, nothing can be sealed. */
  signer?: Signer | undefined;
  /** Whom `importKestData` trusts by default. */
  trust?: TrustPolicy | undefined;
  /** Who we are: the audience that imported passports must be addressed to. */
  audience?: string | undefined;
  /** Are told of every entry. */
  exporters?: readonly Exporter[];
  /** Report the environment into every entry. */
  envCollectors?: readonly EnvironmentCollector[];
  /** Which rule path each policy reference stands for. */
  policyRefs?: Readonly<Record<string, string>>;
  /** How much decisions see; default `basic`. */
  inputProfile?: InputProfile;
  /** How long a decision may take in milliseconds; default 5,000. Later is a denial. */
  policyTimeoutMs?: number;
  /** Origin of data that enters without one; default `system-implicit`, `local`. */
  defaultOrigin?: { readonly userId: string; readonly sessionId: string };
  /** Items a generator or stream may yield into one result; default 1,000,000. */
  maxItems?: number;
  /** Bytes a byte stream may yield into one result; default 256 MiB. */
  maxBytes?: number;
  /** The clock, in milliseconds since 1970; default `Date.now`. */
  now?: () => number;
}

/** Settings with every default filled in. Assign to its properties at any time. */
export interface KestConfig
  extends Required<Omit<KestOptions, "audience" | "policyEngine" | "signer" | "trust">> {
  /** Evaluates rules. Without one, every rule denies. */
  policyEngine: PolicyEngine | undefined;
  /** Answers for the entries that are made. Without one, nothing can be sealed. */
  signer: Signer | undefined;
  /** Whom `importKestData` trusts by default. */
  trust: TrustPolicy | undefined;
  /** Who we are: the audience that imported passports must be addressed to. */
  audience: string | undefined;
}

const NAMES = new Set([
  ...["audience", "defaultOrigin", "envCollectors", "exporters", "inputProfile", "maxBytes"],
  ...["maxItems", "now", "policyEngine", "policyRefs", "policyTimeoutMs", "signer", "trust"],
]);

function positive(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`Option ${name} must be a positive integer: got ${value}`);
}

/**
 * Settings from options.
 *
 * @throws {TypeError} for an unknown option.
 * @throws {RangeError} for a limit that is not a positive integer.
 */
export function makeConfig(options: KestOptions = {}): KestConfig {
  refuseUnknown(options, NAMES, "createKest");
  return Object.seal({
    audience: options.audience,
    defaultOrigin: Object.freeze({
      ...(options.defaultOrigin ?? { userId: "system-implicit", sessionId: "local" }),
    }),
    envCollectors: options.envCollectors ?? [],
    exporters: options.exporters ?? [],
    inputProfile: options.inputProfile ?? "basic",
    maxBytes: positive("maxBytes", options.maxBytes ?? 256 * 1024 * 1024),
    maxItems: positive("maxItems", options.maxItems ?? 1_000_000),
    now: options.now ?? Date.now,
    policyEngine: options.policyEngine,
    policyRefs: options.policyRefs ?? {},
    policyTimeoutMs: positive("policyTimeoutMs", options.policyTimeoutMs ?? 5000),
    signer: options.signer,
    trust: options.trust,
  });
}
