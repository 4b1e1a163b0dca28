/**
 * The trust policy: which keys may do what (SPEC 6.3). Plain JSON;
 * `policies/trust_policy.schema.json` describes it.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { refuseUnknown } from "../base/options.ts";
import { type PublicJwk, type PublicKey, publicKeyFromJwk } from "../keys/public_key.ts";
import { isTaint } from "../lineage/names.ts";

/** The version of trust policies that this module reads. */
export const TRUST_VERSION = "kest-trust/1";

/** Where a key may let data enter the lineage. */
export interface OriginRule {
  /** Patterns of nodes. */
  readonly nodes: readonly string[];
  /** Taints that such an entry must carry. */
  readonly required_taints?: readonly string[];
  /** Patterns of `user_id`. */
  readonly users: readonly string[];
}

/** One key and what it may do. */
export interface TrustedKey {
  /** The highest trust score of its entries; default 1. */
  readonly max_trust?: number;
  /** Patterns of taints that it may remove; default none. */
  readonly may_declassify?: readonly string[];
  /** Where it may let data in; default nowhere. */
  readonly may_originate?: readonly OriginRule[];
  /** Whether a custom rule of its steps may score above the default rule; default no. */
  readonly may_raise_trust?: boolean;
  /** Whose key it is, for display and for audiences. */
  readonly name: string;
  /** Patterns of the nodes it answers for; `*` matches any run of characters. */
  readonly nodes: readonly string[];
  /** Seals claiming a later time are refused. */
  readonly not_after_ms?: number;
  /** Seals claiming an earlier time are refused. */
  readonly not_before_ms?: number;
  /** The key. */
  readonly public_key: PublicJwk;
  /** Its thumbprint, where given. */
  readonly public_key_id?: string;
  /** A revoked key fails, whatever time is claimed. */
  readonly revoked?: { readonly reason: string };
}

/** A decision that entries of some node must carry. */
export interface Requirement {
  /** Pattern of nodes. */
  readonly node: string;
  /** Digests of policies that count; default any. */
  readonly policy_digests?: readonly string[];
  /** The rule path. */
  readonly rule: string;
}

/** A trust policy in its JSON form (SPEC 6.3). */
export interface TrustPolicy {
  /** Whether entries made without async context are accepted; default no. */
  readonly accept_missing_async_context?: boolean;
  /** The keys that are trusted. */
  readonly keys: readonly TrustedKey[];
  /** Decisions that must be on record. */
  readonly require?: readonly Requirement[];
  /** Always `kest-trust/1`. */
  readonly version: "kest-trust/1";
}

/** A trusted key that passed the gate for weak keys. */
export interface KnownKey {
  readonly rights: TrustedKey;
  readonly key: PublicKey;
}

/** A trust policy that was checked. */
export interface CheckedTrust {
  readonly policy: TrustPolicy;
  readonly keys: ReadonlyMap<string, KnownKey>;
}

function fail(path: string, message: string): never {
  throw new KestError("TRUST_POLICY", `Trust policy refused: ${path || "/"}: ${message}`, { path });
}

type Check = (value: unknown, path: string) => void;

const text: Check = (value, path) => {
  if (typeof value !== "string" || value.length < 1 || value.length > 256) {
    fail(path, "expected a string of 1 to 256 characters");
  }
};
const flag: Check = (value, path) => {
  if (typeof value !== "boolean") fail(path, "expected true or false");
};
const time: Check = (value, path) => {
  if (!Number.isSafeInteger(value)) fail(path, "expected integer milliseconds since 1970");
};
const score: Check = (value, path) => {
  if (typeof value !== "number" || !(value >= 0 && value <= 1)) {
    fail(path, "expected a number from 0 to 1");
  }
};
const taint: Check = (value, path) => {
  if (typeof value !== "string" || !isTaint(value)) fail(path, "expected a taint");
};

function list(item: Check, least = 0): Check {
  return (value, path) => {
    if (!Array.isArray(value) || value.length < least) {
      fail(path, `expected an array of at least ${least} items`);
    }
    value.forEach((each, index) => item(each, `${path}/${index}`));
  };
}

function object(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  const members = new Map(Object.entries({ ...required, ...optional }));
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      fail(path, "expected an object");
    }
    for (const [name, member] of Object.entries(value)) {
      const check = members.get(name);
      if (!check) {
        fail(`${path}/${name}`, `unknown member; known are ${[...members.keys()].join(", ")}`);
      }
      check(member, `${path}/${name}`);
    }
    for (const name of Object.keys(required)) {
      if (!Object.hasOwn(value, name)) fail(`${path}/${name}`, "member is missing");
    }
  };
}

const exactly = (expected: string): Check => (value, path) => {
  if (value !== expected) fail(path, `expected ${JSON.stringify(expected)}`);
};

const KEY = object(
  {
    name: text,
    nodes: list(text, 1),
    public_key: object({ kty: exactly("OKP"), crv: exactly("Ed25519"), x: text }),
  },
  {
    max_trust: score,
    may_declassify: list(text),
    may_originate: list(
      object({ nodes: list(text, 1), users: list(text, 1) }, { required_taints: list(taint) }),
    ),
    may_raise_trust: flag,
    not_after_ms: time,
    not_before_ms: time,
    public_key_id: text,
    revoked: object({ reason: text }),
  },
);

const POLICY = object(
  { keys: list(KEY), version: exactly(TRUST_VERSION) },
  {
    accept_missing_async_context: flag,
    require: list(object({ node: text, rule: text }, { policy_digests: list(text, 1) })),
  },
);

function knownKey(rights: TrustedKey, path: string): KnownKey {
  let key: PublicKey;
  try {
    key = publicKeyFromJwk(rights.public_key);
  } catch (error) {
    return fail(`${path}/public_key`, error instanceof Error ? error.message : String(error));
  }
  if (rights.public_key_id !== undefined && rights.public_key_id !== key.id) {
    fail(`${path}/public_key_id`, `is not the key's thumbprint, which is ${key.id}`);
  }
  return { rights, key };
}

/**
 * Checks a trust policy: JSON as read from a file, or made by `trustPolicy`.
 *
 * @throws {KestError} `TRUST_POLICY` with the path to what is wrong.
 */
export function checkTrustPolicy(input: unknown): CheckedTrust {
  POLICY(input, "");
  const policy = structuredClone(input) as TrustPolicy;
  const keys = new Map<string, KnownKey>();
  policy.keys.forEach((rights, index) => {
    const known = knownKey(rights, `/keys/${index}`);
    if (keys.has(known.key.id)) fail(`/keys/${index}`, "the same key is listed twice");
    keys.set(known.key.id, known);
  });
  return { policy, keys };
}

/**
 * Whether `text` matches a pattern in which only `*` is special: it stands for
 * any run of characters. Linear: no regular expression is made from input.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const parts = pattern.split("*");
  const first = parts[0]!;
  if (parts.length === 1) return text === pattern;
  const last = parts[parts.length - 1]!;
  if (!text.startsWith(first) || text.length < first.length + last.length) return false;
  if (!text.endsWith(last)) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** Whether any of some patterns matches. */
export function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => matchesPattern(pattern, text));
}

/** One key for {@linkcode trustPolicy}. */
export interface TrustGrant {
  /** Whose key it is. */
  readonly name: string;
  /** The key: a public key, or its JWK. A private JWK's private part is left out. */
  readonly key: PublicKey | PublicJwk;
  /** Patterns of the nodes it answers for; default all. */
  readonly nodes?: readonly string[];
  /** Where it may let data in: rules, or `"any"`. Default nowhere. */
  readonly mayOriginate?: "any" | readonly OriginRule[];
  /** Patterns of taints that it may remove; default none. */
  readonly mayDeclassify?: readonly string[];
  /** The highest trust score of its entries; default 1. */
  readonly maxTrust?: number;
  /** Whether it may raise trust above the default rule; default no. */
  readonly mayRaiseTrust?: boolean;
  /** Start of its validity, in milliseconds since 1970. */
  readonly notBeforeMs?: number;
  /** End of its validity, in milliseconds since 1970. */
  readonly notAfterMs?: number;
  /** Why it is revoked: all that it answers for fails, whatever time is claimed. */
  readonly revoked?: string;
}

/** What {@linkcode trustPolicy} adds beside keys. */
export interface TrustPolicyOptions {
  /** Decisions that must be on record. */
  readonly require?: readonly Requirement[];
  /** Whether entries made without async context are accepted; default no. */
  readonly acceptMissingAsyncContext?: boolean;
}

const POLICY_OPTIONS = new Set(["acceptMissingAsyncContext", "require"]);
const GRANT_OPTIONS = new Set([
  ...["key", "maxTrust", "mayDeclassify", "mayOriginate", "mayRaiseTrust", "name", "nodes"],
  ...["notAfterMs", "notBeforeMs", "revoked"],
]);

const ANY_ORIGIN: readonly OriginRule[] = [{ nodes: ["*"], users: ["*"] }];

/** The trusted key that a grant stands for. */
export function trustedKey(grant: TrustGrant): TrustedKey {
  const key = "verify" in grant.key ? grant.key : publicKeyFromJwk(grant.key);
  const origins = grant.mayOriginate === "any" ? ANY_ORIGIN : grant.mayOriginate;
  return {
    name: grant.name,
    public_key: key.jwk,
    public_key_id: key.id,
    nodes: grant.nodes ?? ["*"],
    ...(origins && { may_originate: origins }),
    ...(grant.mayDeclassify && { may_declassify: grant.mayDeclassify }),
    ...(grant.maxTrust !== undefined && { max_trust: grant.maxTrust }),
    ...(grant.mayRaiseTrust !== undefined && { may_raise_trust: grant.mayRaiseTrust }),
    ...(grant.notBeforeMs !== undefined && { not_before_ms: grant.notBeforeMs }),
    ...(grant.notAfterMs !== undefined && { not_after_ms: grant.notAfterMs }),
    ...(grant.revoked !== undefined && { revoked: { reason: grant.revoked } }),
  };
}

/**
 * Writes a trust policy from keys (SPEC 6.3). What a grant does not name is not
 * allowed.
 *
 * @throws {KestError} `TRUST_POLICY` or a key's code, if a grant is refused.
 *
 * @example
 * ```ts
 * import { generateKey, trustPolicy } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const signer = await generateKey();
 * const trust = trustPolicy([{ name: "ingest", key: signer.publicKey, mayOriginate: "any" }]);
 * assert.equal(trust.keys[0]?.public_key_id, signer.publicKey.id);
 * ```
 */
export function trustPolicy(
  grants: readonly TrustGrant[],
  options: TrustPolicyOptions = {},
): TrustPolicy {
  refuseUnknown(options, POLICY_OPTIONS, "trustPolicy");
  for (const grant of grants) refuseUnknown(grant, GRANT_OPTIONS, "a trust grant");
  const policy: TrustPolicy = {
    version: TRUST_VERSION,
    keys: grants.map(trustedKey),
    ...(options.require && { require: options.require }),
    ...(options.acceptMissingAsyncContext !== undefined && {
      accept_missing_async_context: options.acceptMissingAsyncContext,
    }),
  };
  checkTrustPolicy(policy);
  return policy;
}
