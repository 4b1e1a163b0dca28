import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertVerified,
  createKest,
  type Finding,
  type FindingCode,
  importKestData,
  mergePassports,
  ParseError,
  parsePassport,
  type TrustPolicy,
  trustPolicy,
  VerificationError,
  type VerificationReport,
  type VerifyOptions,
  verifyPassport,
} from "../../mod.ts";
import {
  copyOf,
  EMPTY,
  forgeDecision,
  type ForgedEntry,
  type ForgedPassport,
  forgeEntry,
  type ForgeKey,
  forgeKey,
  forgePassport,
  forgeSeal,
  forgeSealed,
  hashOf,
  inputHashOf,
  rehash,
  rehashAll,
  sha256,
} from "./forge.ts";
import { bench } from "./helpers.ts";

const [alice, bob, stranger] = await Promise.all([forgeKey(), forgeKey(), forgeKey()]);
const aliceMay = { name: "alice", key: alice.signer.publicKey, mayOriginate: "any" } as const;
const bobMay = { name: "bob", key: bob.signer.publicKey, mayOriginate: "any" } as const;
const trust = trustPolicy([aliceMay, bobMay]);

const source = forgeEntry(alice, [], { added_taint: ["pii"], node_id: "source" });
const DENIED = { kind: "denied", content_kind: "none", content_hash: EMPTY } as const;

function verify(
  passport: ForgedPassport,
  options: VerifyOptions = {},
): Promise<VerificationReport> {
  return verifyPassport(JSON.stringify(passport), { trust, ...options });
}

/** One way to produce a finding, and where it must point. */
interface Case {
  readonly passport: () => ForgedPassport;
  readonly options?: VerifyOptions;
  readonly finding: Partial<Finding> & { readonly aspect: Finding["aspect"] };
}

/** The victim's source and a forged use of it. */
function used(changes: Partial<ForgedEntry>, key: ForgeKey = alice): ForgedPassport {
  return forgeSealed(key, [
    source,
    forgeEntry(alice, [[source, "argument"]], {
      entry_id: USE,
      node_id: "use",
      ...changes,
    }),
  ]);
}

/** A single forged entry. */
function single(changes: Partial<ForgedEntry> = {}, seal: Record<string, unknown> = {}) {
  return forgeSealed(alice, [forgeEntry(alice, [], { entry_id: USE, ...changes })], seal);
}

const USE = "11111111-1111-4111-8111-111111111111";
const HERE = { entryId: USE, nodeId: "use" };
const ONE = { entryId: USE, nodeId: "originate" };
const NOW = Date.now();
const elsewhere = "no finding of verifyPassport: tested where it is made, or reserved";

const CASES: Readonly<Record<FindingCode, Case | string>> = {
  PYTHON_PASSPORT: elsewhere,
  PYTHON_SIGNATURE: elsewhere,
  UNSEALED: {
    passport: () => ({ ...single(), seals: [] }),
    finding: { aspect: "integrity", severity: "unknown" },
  },
  ENTRY_CHANGED: {
    passport: () => {
      const passport = single();
      passport.history[USE]!.labels = { a: "b" };
      return passport;
    },
    finding: {
      ...{ aspect: "integrity", severity: "fail", ...ONE, field: "labels" },
      ...{ stored: { a: "b" }, computed: {} },
    },
  },
  EDGE_CHANGED: {
    passport: () => {
      const passport = structuredClone(used({}));
      rehash(Object.assign(passport.history[source.entry_id]!, { labels: { a: "b" } }));
      return passport;
    },
    finding: {
      ...{ aspect: "integrity", severity: "fail", ...HERE, parentId: source.entry_id },
      ...{ field: "parent_hashes/0", stored: source.entry_hash },
    },
  },
  INPUT_STATE: {
    passport: () => single({ input_state_hash: EMPTY }),
    finding: {
      ...{ aspect: "integrity", severity: "fail", ...ONE, field: "input_state_hash" },
      ...{ stored: EMPTY, computed: inputHashOf(source) },
    },
  },
  TAINT_MISMATCH: {
    passport: () => used({ accumulated_taint: ["other"] }),
    finding: {
      ...{ aspect: "integrity", severity: "fail", ...HERE, field: "accumulated_taint" },
      ...{ stored: ["other"], computed: ["pii"] },
    },
  },
  TRUST_MISMATCH: {
    passport: () => used({ trust_score: 0.5 }),
    finding: {
      ...{ aspect: "integrity", severity: "fail", ...HERE, field: "trust_score" },
      ...{ stored: 0.5, computed: 1 },
    },
  },
  ORIGIN_MISMATCH: {
    passport: () => used({ origin: source.origin }),
    finding: {
      ...{ aspect: "integrity", severity: "fail", ...HERE, field: "origin" },
      stored: source.origin,
    },
  },
  KIND_SHAPE: {
    passport: () => used({ reason: "none was needed" }),
    finding: {
      ...{ aspect: "integrity", severity: "fail", ...HERE, field: "reason" },
      stored: "none was needed",
    },
  },
  DATA_HASH: {
    passport: () => single(),
    options: { data: { other: 1 } },
    finding: {
      ...{ aspect: "integrity", severity: "fail", ...ONE, field: "content_hash" },
      stored: sha256("{}"),
    },
  },
  SEAL_KEY: {
    passport: () => single({}, { public_key_id: bob.id }),
    finding: { aspect: "integrity", severity: "fail", seal: 0, field: "public_key" },
  },
  SEAL_SIGNATURE: {
    passport: () => {
      const passport = single();
      passport.seals[0]!.sealed_at_ms++;
      return passport;
    },
    finding: { aspect: "integrity", severity: "fail", seal: 0, field: "signature" },
  },
  SEAL_HEADS: {
    passport: () => single({}, { heads: [{ entries: 1, entry_hash: EMPTY }] }),
    finding: {
      ...{ aspect: "integrity", severity: "fail", seal: 0, field: "heads" },
      stored: [EMPTY],
    },
  },
  SEAL_COUNT: {
    passport: () => {
      const passport = single();
      const head = Object.values(passport.history)[0]!;
      const heads = [{ entries: 2, entry_hash: head.entry_hash }];
      passport.seals = [forgeSeal(alice, passport, [head], { heads })];
      return passport;
    },
    finding: {
      ...{ aspect: "integrity", severity: "fail", seal: 0, field: "heads", ...ONE },
      computed: 1,
    },
  },
  SEAL_SCOPE: {
    passport: () => forgeSealed(bob, [forgeEntry(alice, [], { entry_id: USE })]),
    finding: {
      ...{ aspect: "integrity", severity: "fail", seal: 0, field: "public_key_id", ...ONE },
      ...{ stored: alice.id, computed: bob.id },
    },
  },
  TIME_ORDER: {
    passport: () => used({ timestamp_ms: source.timestamp_ms - 60_001 }),
    finding: {
      ...{ aspect: "integrity", severity: "fail", ...HERE, field: "timestamp_ms" },
      ...{ stored: source.timestamp_ms - 60_001, computed: source.timestamp_ms },
    },
  },
  TRUST_EMPTY: {
    passport: () => single(),
    options: { trust: trustPolicy([]) },
    finding: { aspect: "identity", severity: "unknown" },
  },
  KEY_UNKNOWN: {
    passport: () => forgeSealed(stranger, [forgeEntry(stranger)]),
    finding: { aspect: "identity", severity: "unknown", stored: stranger.id },
  },
  KEY_REVOKED: {
    passport: () => single(),
    options: { trust: { ...trust, keys: [{ ...trust.keys[0]!, revoked: { reason: "lost" } }] } },
    finding: {
      ...{ aspect: "identity", severity: "fail", ...ONE, field: "public_key_id" },
      stored: alice.id,
    },
  },
  KEY_PERIOD: {
    passport: () => single({}, { sealed_at_ms: NOW }),
    options: { trust: trustPolicy([{ ...aliceMay, notBeforeMs: NOW + 1 }]) },
    finding: {
      ...{ aspect: "identity", severity: "fail", seal: 0, field: "sealed_at_ms", stored: NOW },
    },
  },
  SIGNER_NOT_ALLOWED: {
    passport: () => used({}),
    options: { trust: trustPolicy([{ ...aliceMay, nodes: ["source", "us", "use.*", "*x"] }]) },
    finding: { aspect: "identity", severity: "fail", ...HERE, field: "node_id", stored: "use" },
  },
  ORIGIN_NOT_ALLOWED: {
    passport: () => single(),
    options: {
      trust: trustPolicy([{
        ...aliceMay,
        mayOriginate: [{ nodes: ["other"], users: ["*"] }, { nodes: ["*"], users: ["alice"] }],
      }]),
    },
    finding: { aspect: "identity", severity: "fail", ...ONE, field: "origin" },
  },
  DECLASSIFY_NOT_ALLOWED: {
    passport: () => used({ kind: "declassify", reason: "x", removed_taint: ["pii"] }),
    finding: {
      ...{ aspect: "identity", severity: "fail", ...HERE, field: "removed_taint" },
      stored: ["pii"],
    },
  },
  TRUST_NOT_ALLOWED: {
    passport: () => single(),
    options: { trust: trustPolicy([{ ...aliceMay, maxTrust: 0.5 }]) },
    finding: { aspect: "identity", severity: "fail", ...ONE, field: "trust_score", stored: 1 },
  },
  UNSIGNED: {
    passport: () => single({ public_key_id: null }),
    finding: {
      ...{ aspect: "identity", severity: "unknown", ...ONE, field: "public_key_id" },
      stored: null,
    },
  },
  OPEN: {
    passport: () => ({ ...single(), seals: [] }),
    finding: {
      ...{ aspect: "completeness", severity: "unknown", ...ONE, field: "public_key_id" },
      stored: alice.id,
    },
  },
  WITHHELD: {
    passport: () => {
      const passport = single();
      const [head] = Object.values(passport.history);
      const heads = [
        { entries: 1, entry_hash: head!.entry_hash },
        { entries: 1, entry_hash: "f".repeat(64) },
      ];
      return { ...passport, seals: [forgeSeal(alice, passport, [], { heads })] };
    },
    finding: { aspect: "completeness", severity: "note", stored: "f".repeat(64) },
  },
  TRUNCATED: {
    passport: () => used({}),
    options: { expectHeads: [source.entry_hash] },
    finding: {
      ...{ aspect: "completeness", severity: "fail", field: "heads" },
      computed: source.entry_hash,
    },
  },
  ORIGIN_UNEXPECTED: {
    passport: () => single(),
    options: { expectOrigin: ["alice", "bob"] },
    finding: {
      ...{ aspect: "completeness", severity: "fail", ...ONE, field: "origin" },
      computed: ["alice", "bob"],
    },
  },
  ASYNC_CONTEXT: {
    passport: () => single({ async_context: false }),
    finding: {
      ...{ aspect: "completeness", severity: "unknown", ...ONE, field: "async_context" },
      stored: false,
    },
  },
  STREAM_CANCELLED: {
    passport: () => used({ stream: "cancelled" }),
    finding: {
      ...{ aspect: "completeness", severity: "note", ...HERE, field: "stream" },
      stored: "cancelled",
    },
  },
  DENIED: {
    passport: () => used({ ...DENIED, decisions: [forgeDecision({ result: "deny" })] }),
    finding: { aspect: "policy", severity: "note", ...HERE, field: "kind" },
  },
  DECISION_MISSING: {
    passport: () => used({}),
    options: { trust: { ...trust, require: [{ node: "use", rule: "data.mail.allow" }] } },
    finding: { aspect: "policy", severity: "fail", ...HERE, field: "decisions" },
  },
  AUDIENCE: {
    passport: () => single({}, { audience: "bob" }),
    options: { audience: "carol" },
    finding: { aspect: "freshness", severity: "fail", ...ONE, seal: 0 },
  },
  AUDIENCE_UNCHECKED: {
    passport: () => single({}, { audience: "bob" }),
    finding: { aspect: "freshness", severity: "unknown", ...ONE, seal: 0 },
  },
  NONCE: {
    passport: () => single({}, { nonce: "1" }),
    options: { nonce: "2" },
    finding: { aspect: "freshness", severity: "fail", ...ONE, seal: 0 },
  },
  NONCE_UNCHECKED: {
    passport: () => single({}, { nonce: "1" }),
    finding: { aspect: "freshness", severity: "unknown", ...ONE, seal: 0 },
  },
  EXPIRED: {
    passport: () => single({}, { expires_at_ms: NOW }),
    options: { at: NOW + 1 },
    finding: { aspect: "freshness", severity: "fail", ...ONE, seal: 0 },
  },
  LIMIT: {
    passport: () => used({}),
    options: { limits: { sealWork: 1 } },
    finding: { aspect: "integrity", severity: "fail" },
  },
};

for (const [code, given] of Object.entries(CASES)) {
  if (typeof given === "string") continue;
  test(`Finding ${code} points at what is wrong`, async () => {
    const report = await verify(given.passport(), { at: NOW + 1000, ...given.options });
    const own = report.findings.filter((finding) => finding.code === code);
    assert(own.length > 0, `found ${report.findings.map((f) => f.code).join() || "nothing"}`);
    const [found] = own;
    assert.deepEqual({ ...found, ...given.finding }, found);
    const verdict = report.verdicts[given.finding.aspect];
    if (found!.severity === "note") {
      assert.equal(report.outcome, "verified");
    } else {
      assert.notEqual(report.outcome, "verified");
      assert.equal(verdict.status, found!.severity);
      assert.notEqual(verdict.doesNotProve, "");
    }
    assert(Object.isFrozen(report) && Object.isFrozen(report.findings) && Object.isFrozen(found));
    assert(report.outcome !== "invalid" || report.findings[0]!.severity === "fail");
  });
}

test("A good passport: five verdicts, none of them vacuous", async () => {
  const report = await verify(used({}), { data: {} });
  assert.equal(report.outcome, "verified");
  const codes = Object.values(report.verdicts).map((verdict) => verdict.code);
  assert.deepEqual(codes, ["INTACT", "TRUSTED", "COMPLETE", "NOTHING_REQUIRED", "NOT_BOUND"]);
  assert.equal(report.verdicts.policy.status, "none");
  assert.equal(report.verdicts.freshness.status, "none");
  assert.equal(report.entries, 2);
  assert.equal(report.dataChecked, true);
  assert.deepEqual(report.signers, [{ publicKeyId: alice.id, name: "alice" }]);
  const bound = await verify(single({}, { audience: "bob", expires_at_ms: NOW + 9e9 }), {
    audience: "bob",
  });
  assert.equal(bound.verdicts.freshness.code, "FRESH");
});

test("Freshness is said only if every head has a bound seal that fits", async () => {
  const [first, second] = [forgeEntry(alice), forgeEntry(alice)];
  const passport = forgePassport(first!, second!);
  const expiring = { expires_at_ms: NOW + 9e9 };
  passport.seals.push(forgeSeal(alice, passport, [first!], expiring));
  passport.seals.push(forgeSeal(alice, passport, [second!]));
  assert.equal((await verify(passport)).verdicts.freshness.code, "NOT_BOUND");
  passport.seals.push(forgeSeal(alice, passport, [second!], expiring));
  assert.equal((await verify(passport)).verdicts.freshness.code, "FRESH");
  // The expired seal does not count; what is left names no expiry.
  const late = await verify(passport, { at: NOW + 1e10 });
  assert.equal(late.verdicts.freshness.code, "EXPIRED");
  const only = forgePassport(first!);
  only.seals.push(forgeSeal(alice, only, [first!], expiring), forgeSeal(alice, only, [first!]));
  const later = await verify(only, { at: NOW + 1e10 });
  assert.equal(later.verdicts.freshness.code, "NOT_BOUND");
  // Each head needs a seal for this reader.
  const addressed = forgePassport(first!, second!);
  addressed.seals.push(forgeSeal(alice, addressed, [first!], { audience: "bob" }));
  addressed.seals.push(forgeSeal(alice, addressed, [second!], { audience: "carol" }));
  for (const audience of ["bob", "carol"]) {
    const report = await verify(addressed, { audience });
    assert.equal(report.verdicts.freshness.code, "AUDIENCE");
  }
});

/** Thirty entries of one key: a chain with branches, reads and inner entries. */
function thirty(): ForgedEntry[] {
  const entries = [forgeEntry(alice, [], { added_taint: ["t0"], node_id: "n0" })];
  for (let i = 1; i < 30; i++) {
    const parents = [[entries[i - 1]!, "argument"] as const];
    const more = i >= 4
      ? [[entries[i - 3]!, (["read", "inner", "ambient"] as const)[i % 3]!] as const]
      : [];
    entries.push(forgeEntry(alice, [...parents, ...more], {
      node_id: `n${i}`,
      added_taint: i % 4 === 0 ? [`t${i}`] : [],
      labels: { step: `${i}` },
      environment: { host: "a" },
      decisions: i % 5 === 0 ? [forgeDecision()] : [],
      stream: i % 7 === 0 ? "complete" : null,
      extensions: { note: [i] },
      timestamp_ms: NOW,
    }));
  }
  return entries;
}

/** Another value of the right shape for every member of an entry. */
const TAMPER: Readonly<Record<keyof Required<ForgedEntry>, (entry: ForgedEntry) => void>> = {
  accumulated_taint: (e) => e.accumulated_taint = e.accumulated_taint.slice(1),
  added_taint: (e) => e.added_taint = ["zz"],
  async_context: (e) => e.async_context = false,
  content_hash: (e) => e.content_hash = EMPTY,
  content_hash_algorithm: (e) => Object.assign(e, { content_hash_algorithm: "sha512" }),
  content_kind: (e) => e.content_kind = "bytes",
  critical: (e) => e.critical = [],
  decisions: (e) => e.decisions = e.decisions.length ? [] : [forgeDecision()],
  entry_hash: (e) => e.entry_hash = EMPTY,
  entry_id: (e) => e.entry_id = USE,
  environment: (e) => e.environment = { host: "b" },
  extensions: (e) => e.extensions = { note: [-1] },
  input_state_hash: (e) => e.input_state_hash = EMPTY,
  inputs: (e) => e.inputs = [...e.inputs, { arg: 9, kind: "opaque", type: "x" }],
  kind: (e) => e.kind = e.kind === "step" ? "declassify" : "step",
  labels: (e) => e.labels = { step: "x" },
  node_id: (e) => e.node_id = "other",
  node_trust_score: (e) => e.node_trust_score = 0.5,
  origin: (e) => e.origin = e.origin ? null : source.origin,
  parent_entry_ids: (e) => e.parent_entry_ids = [...e.parent_entry_ids].reverse().slice(1),
  parent_hashes: (e) => e.parent_hashes = e.parent_hashes.map((hash) => sha256(hash)).sort(),
  parent_roles: (e) => e.parent_roles = e.parent_roles.map(() => ["result"]),
  public_key_id: (e) => e.public_key_id = null,
  raw_arguments: (e) => e.raw_arguments++,
  reason: (e) => e.reason = "x",
  removed_taint: (e) => e.removed_taint = ["t0"],
  stream: (e) => e.stream = "cancelled",
  timestamp_ms: (e) => e.timestamp_ms++,
  trust_rule: (e) => e.trust_rule = "custom",
  trust_score: (e) => e.trust_score = 0.25,
};

test("Tampering with any member of any entry is found at that entry and nowhere else", async () => {
  const honest = forgeSealed(alice, thirty());
  assert.equal((await verify(honest)).outcome, "verified");
  let judged = 0;
  for (const id of Object.keys(honest.history)) {
    for (const [field, change] of Object.entries(TAMPER)) {
      const passport = copyOf(honest);
      const entry = passport.history[id]!;
      change(entry);
      if (JSON.stringify(entry) === JSON.stringify(honest.history[id])) continue;
      const report = await verify(passport).catch((error) => error);
      const where = `${field} of ${entry.node_id}`;
      if (report instanceof ParseError) {
        assert(report.issues.length > 0, where);
        continue;
      }
      judged++;
      assert.equal(report.outcome, "invalid", where);
      const fails = (report as VerificationReport).findings.filter((f) => f.severity === "fail");
      const changed = fails.filter((finding) => finding.code === "ENTRY_CHANGED");
      assert.deepEqual(changed.map((finding) => finding.entryId), [id], where);
      const { computed, field: named } = changed[0]!;
      if (named === "entry_hash") assert.equal(computed, hashOf(entry), where);
      else assert.equal(named!.split("/")[0], field, where);
      const others = fails.filter((finding) => finding.entryId !== id);
      assert.deepEqual(others, [], where);
    }
  }
  assert(judged > 500, `${judged} were judged`);
});

test("Rehashing one entry breaks its edges, rehashing all breaks the seal", async () => {
  const honest = forgeSealed(alice, thirty());
  const ids = Object.values(honest.history).map((entry) => entry.entry_id);
  const heads = new Set(honest.seals[0]!.heads.map((head) => head.entry_hash));
  for (const id of ids) {
    const passport = copyOf(honest);
    const entry = passport.history[id]!;
    if (heads.has(entry.entry_hash)) continue;
    const stored = entry.entry_hash;
    entry.labels = { step: "forged" };
    rehash(entry);
    const report = await verify(passport);
    assert.equal(report.outcome, "invalid");
    const children = Object.values(passport.history).filter((e) => e.parent_entry_ids.includes(id));
    const edges = report.findings.filter((finding) => finding.code === "EDGE_CHANGED");
    assert.deepEqual(edges.map((f) => f.entryId).sort(), children.map((e) => e.entry_id).sort());
    for (const edge of edges) {
      assert.equal(edge.parentId, id);
      assert.equal(edge.stored, stored);
      assert.equal(edge.computed, entry.entry_hash);
    }
    const fails = report.findings.filter((finding) => finding.severity === "fail");
    assert.deepEqual(fails.filter((f) => !edges.includes(f) && f.code !== "INPUT_STATE"), []);

    const all = copyOf(honest);
    all.history[id]!.labels = { step: "forged" };
    rehashAll(all);
    const second = await verify(all);
    const codes = second.findings.filter((f) => f.severity === "fail").map((f) => f.code);
    assert.deepEqual(codes, ["SEAL_HEADS"]);
    assert.equal(second.findings[0]!.seal, 0);
  }
});

test("assertVerified throws the gravest finding with the report", async () => {
  const text = JSON.stringify(used({ trust_score: 0.5, async_context: false }));
  const error = await assertVerified(text, { trust }).catch((error) => error);
  assert(error instanceof VerificationError);
  assert.equal(error.code, "VERIFICATION");
  assert.equal(error.report.outcome, "invalid");
  assert.equal(error.finding, error.report.findings[0]);
  assert.equal(error.finding?.code, "TRUST_MISMATCH");
  assert.match(error.message, /TRUST_MISMATCH/);
  const report = await assertVerified(JSON.stringify(used({})), { trust });
  assert.equal(report.outcome, "verified");
  await assert.rejects(assertVerified("{}", { trust }), ParseError);
});

test("Options that are no answer are refused", async () => {
  const text = JSON.stringify(single());
  await assert.rejects(verifyPassport(text, { at: NaN }), RangeError);
  await assert.rejects(verifyPassport(text, { at: new Date("x") }), RangeError);
  await assert.rejects(verifyPassport(text, { toleranceMs: -1 }), RangeError);
  await assert.rejects(verifyPassport(text, { toleranceMs: NaN }), RangeError);
  await assert.rejects(verifyPassport(text, { limits: { entries: 0 } }), RangeError);
  await assert.rejects(verifyPassport(text, { trust, data: new Map() }), { code: "CONTENT_TYPE" });
});

test("Expected heads and origins", async () => {
  const passport = used({});
  const head = passport.seals[0]!.heads[0]!.entry_hash;
  const good: VerifyOptions[] = [
    { expectHeads: [head] },
    { expectHeads: [] },
    { expectOrigin: "system-implicit" },
    { expectOrigin: ["alice", "system-implicit"] },
  ];
  for (const options of good) assert.equal((await verify(passport, options)).outcome, "verified");
  const bad: VerifyOptions[] = [
    { expectHeads: [head, EMPTY] },
    { expectHeads: [source.entry_hash] },
    { expectOrigin: "system" },
    { expectOrigin: [] },
  ];
  for (const options of bad) assert.equal((await verify(passport, options)).outcome, "invalid");
});

test("Hand-over: each key answers for its own entries", async () => {
  const a = createKest({ signer: alice.signer });
  const b = createKest({ signer: bob.signer, trust });
  const double = a.verified({ nodeId: "double" }, (n: number) => n * 2);
  const made = await double(a.originate(21, { taint: ["pii"] }));
  const sent = JSON.stringify(await made.passport.seal({ audience: "bob" }));

  await assert.rejects(b.importKestData(42, sent), { code: "VERIFICATION" });
  const received = await b.importKestData(42, sent, { audience: "bob" });
  const half = b.verified({ nodeId: "half" }, (n: number) => n / 2);
  const passport = await (await half(received)).passport.seal();
  assert.equal(passport.seals.length, 2);
  const report = await verify(copyOf(passport), { data: 21 });
  assert.equal(report.outcome, "verified");
  assert.deepEqual(report.taints, ["pii"]);
  assert.deepEqual(report.signers.map((signer) => signer.name).sort(), ["alice", "bob"]);

  const bobOnly = await verify(copyOf(passport), { trust: trustPolicy([bobMay]) });
  assert.equal(bobOnly.outcome, "unverified");
  assert.equal(bobOnly.verdicts.identity.code, "KEY_UNKNOWN");
  assert.deepEqual(bobOnly.findings.map((finding) => finding.stored), [alice.id]);

  const without = copyOf(passport);
  without.seals = without.seals.filter((seal) => seal.public_key_id === bob.id);
  assert.equal((await verify(without)).verdicts.completeness.code, "OPEN");
});

test("Sealed heads may be handed on one by one", async () => {
  // The head that is handed on rests on an entry that the other head's base hides.
  const c = createKest({ signer: stranger.signer });
  const all = trustPolicy([
    aliceMay,
    bobMay,
    { name: "carol", key: stranger.signer.publicKey, mayOriginate: "any" },
  ]);
  const start = JSON.stringify(await c.originate(1).passport.seal());
  const b = createKest({ signer: bob.signer, trust: all });
  const plus = b.verified({ nodeId: "plus" }, (n: number) => n + 1);
  const next = await plus(await b.importKestData(1, start));
  const more = JSON.stringify(await next.passport.seal());
  const a = createKest({ signer: alice.signer, trust: all });
  const times = a.verified({ nodeId: "times" }, (n: number) => n * 10);
  const one = await times(await a.importKestData(1, start));
  const two = await times(await a.importKestData(2, more));
  const both = await mergePassports(one.passport, two.passport).seal();
  for (const data of [10, 20]) {
    const whole = await verifyPassport(both, { trust: all, data });
    assert.equal(whole.outcome, "verified");
    const alone = await importKestData(data, both, { trust: all });
    assert.equal(alone.passport.heads.length, 1);
    const report = await verify(
      sealsOfHeadsHere(copyOf(alone.passport)),
      { trust: all, data },
    );
    assert.equal(report.outcome, "verified", report.findings[0]?.message);
    assert.deepEqual(report.findings.map((finding) => finding.code), ["WITHHELD"]);
  }
});

/** Leaves out seals of which no head is here: they attest nothing. */
function sealsOfHeadsHere(passport: ForgedPassport): ForgedPassport {
  const hashes = new Set(Object.values(passport.history).map((entry) => entry.entry_hash));
  passport.seals = passport.seals.filter((seal) =>
    seal.heads.some((head) => hashes.has(head.entry_hash))
  );
  return passport;
}

test("Data let in inside a call carries the taints of the call", async () => {
  const a = createKest({ signer: alice.signer });
  const outer = a.verified({ nodeId: "outer" }, (n: number) => a.originate({ n }));
  const result = await outer(a.originate(1, { taint: ["pii"] }));
  const report = await verify(copyOf(await result.passport.seal()), { data: { n: 1 } });
  assert.equal(report.outcome, "verified", report.findings[0]?.message);
  assert.deepEqual(report.taints, ["pii"]);
  const wrong = forgeEntry(alice, [[source, "argument"]], {
    kind: "originate",
    origin: source.origin,
  });
  const refused = await verify(forgeSealed(alice, [source, wrong]));
  assert.equal(refused.verdicts.integrity.code, "KIND_SHAPE");
});

test("No value comes from a step that returned nothing", async () => {
  const failed = forgeEntry(alice, [[source, "argument"]], { ...DENIED, kind: "failed" });
  // A stream can be read before it fails, so a failed step can be `read` and flow on.
  for (const role of ["ambient", "inner", "read"] as const) {
    const near = forgeEntry(alice, [[source, "argument"], [failed, role]]);
    const report = await verify(forgeSealed(alice, [source, failed, near]));
    assert.equal(report.outcome, "verified", role);
  }
  for (const role of ["argument", "result"] as const) {
    const fed = forgeEntry(alice, [[source, "argument"], [failed, role]]);
    const report = await verify(forgeSealed(alice, [source, failed, fed]));
    assert.equal(report.verdicts.integrity.code, "KIND_SHAPE", role);
  }
});

test("Only a step that returned may have a trust rule of its own", async () => {
  const raising = trustPolicy([{ ...aliceMay, mayRaiseTrust: true }]);
  const deny = [forgeDecision({ result: "deny" })];
  const changes = [{ ...DENIED, decisions: deny }, { ...DENIED, kind: "failed" as const }];
  for (const change of changes) {
    const passport = used({ ...change, trust_rule: "custom" });
    const report = await verify(passport, { trust: raising });
    assert.equal(report.verdicts.integrity.code, "KIND_SHAPE");
    assert.equal(report.findings[0]?.field, "trust_rule");
  }
});

test("Several seals may cover one entry; one bad seal spoils the passport", async () => {
  const passport = single();
  const [head] = Object.values(passport.history);
  passport.seals.push(forgeSeal(alice, passport, [head!], { audience: "bob" }));
  assert.equal((await verify(passport)).outcome, "verified");
  assert.equal((await verify(passport, { audience: "bob" })).outcome, "verified");
  passport.seals.push(forgeSeal(stranger, passport, [head!]));
  assert.equal((await verify(passport)).verdicts.integrity.code, "SEAL_SCOPE");
});

test("A passport object verifies as its text does", async () => {
  const text = JSON.stringify(used({}));
  const passport = parsePassport(text);
  const [fromText, fromBytes, fromObject, fromJson] = await Promise.all([
    verifyPassport(text, { trust }),
    verifyPassport(new TextEncoder().encode(text), { trust }),
    verifyPassport(passport, { trust }),
    verifyPassport(JSON.parse(text), { trust }),
  ]);
  assert.deepEqual(fromBytes, fromText);
  assert.deepEqual(fromObject, fromText);
  assert.deepEqual(fromJson, fromText);
});

const KEY = trust.keys[0]!;
const BAD_POLICIES: readonly (readonly [string, unknown])[] = [
  ["", "trust everybody"],
  ["", []],
  ["/version", { ...trust, version: "kest-trust/2" }],
  ["/version", { keys: [] }],
  ["/keys", { version: "kest-trust/1" }],
  ["/keys", { ...trust, keys: {} }],
  ["/kyes", { ...trust, kyes: [] }],
  ["/keys/1", { ...trust, keys: [KEY, { ...KEY, name: "twin" }] }],
  ["/keys/0/name", { ...trust, keys: [{ ...KEY, name: "" }] }],
  ["/keys/0/nodes", { ...trust, keys: [{ ...KEY, nodes: [] }] }],
  ["/keys/0/nodes/0", { ...trust, keys: [{ ...KEY, nodes: [1] }] }],
  ["/keys/0/may_declasify", { ...trust, keys: [{ ...KEY, may_declasify: [] }] }],
  ["/keys/0/may_originate/0/users", {
    ...trust,
    keys: [{ ...KEY, may_originate: [{ nodes: ["*"], users: [] }] }],
  }],
  ["/keys/0/may_originate/0/required_taints/0", {
    ...trust,
    keys: [{ ...KEY, may_originate: [{ nodes: ["*"], users: ["*"], required_taints: ["PII"] }] }],
  }],
  ["/keys/0/max_trust", { ...trust, keys: [{ ...KEY, max_trust: 2 }] }],
  ["/keys/0/max_trust", { ...trust, keys: [{ ...KEY, max_trust: NaN }] }],
  ["/keys/0/may_raise_trust", { ...trust, keys: [{ ...KEY, may_raise_trust: "no" }] }],
  ["/keys/0/not_after_ms", { ...trust, keys: [{ ...KEY, not_after_ms: "2026" }] }],
  ["/keys/0/revoked", { ...trust, keys: [{ ...KEY, revoked: true }] }],
  ["/keys/0/revoked/reason", { ...trust, keys: [{ ...KEY, revoked: {} }] }],
  ["/keys/0/public_key/crv", {
    ...trust,
    keys: [{ ...KEY, public_key: { ...KEY.public_key, crv: "X25519" } }],
  }],
  ["/keys/0/public_key", {
    ...trust,
    keys: [{ ...KEY, public_key: { ...KEY.public_key, x: "AAAA" } }],
  }],
  ["/keys/0/public_key_id", { ...trust, keys: [{ ...KEY, public_key_id: bob.id }] }],
  ["/require/0/rule", { ...trust, require: [{ node: "*" }] }],
  ["/require/0/policy_digests", {
    ...trust,
    require: [{ node: "*", rule: "data.a", policy_digests: [] }],
  }],
  ["/accept_missing_async_context", { ...trust, accept_missing_async_context: 1 }],
];

test("A malformed trust policy is refused with the path to what is wrong", async () => {
  const text = JSON.stringify(single());
  for (const [path, policy] of BAD_POLICIES) {
    await assert.rejects(
      verifyPassport(text, { trust: policy as TrustPolicy }),
      { code: "TRUST_POLICY", path },
      path,
    );
  }
  assert.throws(() => trustPolicy([aliceMay, aliceMay]), { code: "TRUST_POLICY" });
});

test("Patterns: only * is special", async () => {
  const may = async (nodes: string[], nodeId: string) => {
    const policy = trustPolicy([{ ...aliceMay, nodes }]);
    return (await verify(single({ node_id: nodeId }), { trust: policy })).outcome === "verified";
  };
  const matching = [["*", "a"], ["a*", "a"], ["*a", "ba"], ["a*c", "abc"], ["a*b*c", "axbxc"]];
  for (const [pattern, name] of matching) assert(await may([pattern!], name!), pattern);
  const others = [["a", "A"], ["a", "ab"], ["a.c", "abc"], ["a*a", "a"], ["a*b*b", "ab"], [
    ".*",
    "a",
  ]];
  for (const [pattern, name] of others) assert(!await may([pattern!], name!), pattern);
  assert(await may(["x", "a"], "a"));
  const started = Date.now();
  const hostile = "a".repeat(200);
  assert(!await may(["*a".repeat(100) + "*b"], hostile));
  assert(Date.now() - started < 1000);
});

test("verdicts are told once each, as they stand in the report", async () => {
  const { kest, trust } = await bench();
  const value = await kest.verified({ nodeId: "a" }, (n: number) => n)(kest.originate(1));
  const sealed = JSON.parse(JSON.stringify(await value.passport.seal()));
  const broken = JSON.parse(JSON.stringify(sealed));
  broken.history[value.passport.heads[0]!.entry_id].labels = { changed: "yes" };
  const asks = [{ trust }, {}, { trust, data: 2 }, { trust, audience: "x" }];
  for (const passport of [sealed, broken]) {
    for (const options of asks) {
      const told: Record<string, unknown> = {};
      const report = await verifyPassport(passport, {
        ...options,
        onVerdict: (aspect, verdict) => {
          assert.equal(Object.hasOwn(told, aspect), false);
          told[aspect] = verdict;
        },
      });
      assert.deepEqual(told, report.verdicts);
    }
  }
});

test("what no hash can change is told before the hashes, of which progress is told", async () => {
  const { kest, trust } = await bench();
  let value = await kest.originate(0);
  const add = kest.verified({ nodeId: "a" }, (n: number) => n + 1);
  for (let i = 0; i < 2_100; i++) value = await add(value);
  const told = async (sealed: unknown, options: VerifyOptions) => {
    const all: string[] = [];
    const onProgress = (done: number, entries: number) => all.push(`${done}/${entries}`);
    const onVerdict = (aspect: string) => all.push(aspect);
    await verifyPassport(sealed, { trust, ...options, onProgress, onVerdict });
    return all;
  };
  const hashes = ["1000/2101", "2000/2101"];
  const open = await value.passport.seal();
  assert.deepEqual(
    await told(open, {}),
    ["policy", "freshness", ...hashes, "identity", "completeness", "integrity"],
  );
  const require = [{ node: "a", rule: "data.a.allow" }];
  assert.deepEqual(
    await told(open, { trust: { ...trust, require }, nonce: "n" }),
    [...hashes, "identity", "policy", "completeness", "freshness", "integrity"],
  );
  const bound = await value.passport.seal({ audience: "me" });
  assert.equal((await told(bound, { audience: "me" })).indexOf("freshness") > 2, true);
});
