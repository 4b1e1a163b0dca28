import assert from "node:assert/strict";
import {
  createKest,
  type Entry,
  type ExportEvent,
  generateKey,
  type Kest,
  type KestData,
  KestError,
  type KestOptions,
  type LocalSigner,
  type Passport,
  type Role,
  type TrustPolicy,
  trustPolicy,
  type VerificationReport,
  verifyPassport,
} from "../../mod.ts";

/** An instance with a key, what it exported, and a trust policy that trusts it. */
export interface Bench {
  readonly kest: Kest;
  readonly signer: LocalSigner;
  readonly trust: TrustPolicy;
  readonly events: ExportEvent[];
}

export async function bench(options: KestOptions = {}): Promise<Bench> {
  const signer = await generateKey();
  const events: ExportEvent[] = [];
  const recorder = { export: (event: ExportEvent) => void events.push(event) };
  const exporters = [recorder, ...(options.exporters ?? [])];
  const kest = createKest({ signer, ...options, exporters });
  return { kest, signer, trust: trustFor(signer), events };
}

/** Trusts some keys with everything. */
export function trustFor(...signers: LocalSigner[]): TrustPolicy {
  return trustPolicy(signers.map((signer, index) => ({
    name: `key-${index}`,
    key: signer.publicKey,
    mayOriginate: "any",
    mayDeclassify: ["*"],
    mayRaiseTrust: true,
  })));
}

/** Seals, writes, reads and verifies. */
export async function sealAndVerify(
  passport: Passport,
  trust: TrustPolicy,
): Promise<VerificationReport> {
  return await verifyPassport(JSON.stringify(await passport.seal()), { trust });
}

export async function assertVerifies(passport: Passport, trust: TrustPolicy): Promise<void> {
  const report = await sealAndVerify(passport, trust);
  const why = report.findings.map((finding) => `${finding.code}: ${finding.message}`).join("\n");
  assert.equal(report.outcome, "verified", why);
}

export function headOf(value: KestData<unknown> | Passport): Entry {
  const passport = "passport" in value ? value.passport : value;
  assert.equal(passport.heads.length, 1);
  return passport.heads[0]!;
}

export function entriesOf(value: KestData<unknown> | Passport): Entry[] {
  const passport = "passport" in value ? value.passport : value;
  return Object.values(passport.history);
}

/** The roles of each parent, by the parent's node. */
export function rolesOf(value: KestData<unknown> | Passport): Record<string, readonly Role[]> {
  const head = headOf(value);
  const byHash = new Map(entriesOf(value).map((entry) => [entry.entry_hash, entry.node_id]));
  return Object.fromEntries(
    head.parent_hashes.map((hash, index) => [byHash.get(hash)!, head.parent_roles[index]!]),
  );
}

/** For `assert.rejects` and `assert.throws`: a `KestError` with this code. */
export function coded(code: string, message: RegExp = /./): (thrown: unknown) => true {
  return (thrown) => {
    assert.ok(thrown instanceof KestError, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    assert.match(thrown.message, message);
    return true;
  };
}

/** The error of a promise that must reject. */
export async function errorOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  assert.fail("It did not reject");
}

export function sleep(ms = 1): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
