/**
 * Makes the test vectors: passports with the outcome and codes that a verifier
 * must reach. Run it only when the format changes; ids and keys are new each time.
 *
 *     deno run --allow-write=tests/vectors tests/vectors/generate.ts
 */

import {
  createKest,
  generateKey,
  type KestOptions,
  mergePassports,
  parsePassport,
  type Passport,
  PolicyViolationError,
  type TrustGrant,
  type TrustPolicy,
  trustPolicy,
  type TrustPolicyOptions,
  type VerifyOptions,
  verifyPassport,
} from "../../mod.ts";
import { canonicalize } from "../../lib/bytes/canonical.ts";
import * as noble from "@noble/ed25519";
import { fromBase64url, toBase64url, toHex } from "../../lib/bytes/encoding.ts";
import { createHash } from "node:crypto";
import {
  canonicalEntry,
  entryHash,
  ingressHash,
  inputStateHash,
} from "../../lib/lineage/binding.ts";
import { sealBytes } from "../../lib/lineage/seal.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

/** One vector as it is written. */
interface Vector {
  readonly description: string;
  readonly passport?: Json;
  readonly text?: string;
  readonly trust?: Json;
  readonly options: Record<string, unknown>;
  readonly expect: Record<string, unknown>;
  readonly intermediate?: Json;
}

const NOW = 1_795_400_000_000;
const DIRECTORY = new URL("./", import.meta.url);
const alice = await generateKey();
const bob = await generateKey();
const mallory = await generateKey();
const now = () => NOW;
const kest = createKest({ signer: alice, now });
const step = kest.verified({ nodeId: "step", addedTaint: ["stepped"] }, (x: unknown) => ({ x }));

/** `Passport.seal` takes the time from the clock: hold it still. */
async function sealed(passport: Passport, options = {}): Promise<Json> {
  const clock = Date.now;
  Date.now = now;
  try {
    return JSON.parse(JSON.stringify(await passport.seal(options)));
  } finally {
    Date.now = clock;
  }
}

function trust(extra: Partial<TrustGrant> = {}, options: TrustPolicyOptions = {}) {
  return trustPolicy([
    { name: "alice", key: alice.publicKey, mayOriginate: "any", ...extra },
    { name: "bob", key: bob.publicKey },
  ], options);
}

const vectors = new Map<string, Vector>();

async function add(
  name: string,
  description: string,
  passport: Json,
  options: Omit<VerifyOptions, "trust"> & {
    readonly text?: string;
    readonly trust?: TrustPolicy | null;
  } = {},
  intermediate = false,
): Promise<void> {
  const { trust: policy = trust(), text, ...rest } = options;
  const all = { at: NOW + 1000, ...rest };
  const trusted = policy === null ? {} : { trust: policy };
  const expect = await expectation(text ?? JSON.stringify(passport), { ...all, ...trusted });
  vectors.set(name, {
    description,
    ...(text === undefined ? { passport } : { text }),
    ...trusted,
    options: all,
    ...(intermediate ? { intermediate: intermediates(passport) } : {}),
    expect,
  });
}

async function expectation(input: string, options: VerifyOptions): Promise<Json> {
  try {
    const { outcome, verdicts, findings } = await verifyPassport(input, options);
    return {
      outcome,
      answers: Object.fromEntries(Object.entries(verdicts).map(([k, v]) => [k, v.status])),
      codes: [...new Set(findings.map((finding) => finding.code))].sort(),
    };
  } catch (error) {
    const { code, issues } = error as Json;
    if (!code) throw error;
    return { outcome: "unreadable", codes: [...new Set(issues.map((i: Json) => i.code))].sort() };
  }
}

function intermediates(passport: Json): Json {
  return {
    entries: Object.values(passport.history as Record<string, Json>).map((entry) => ({
      entry_id: entry.entry_id,
      input_state_hash: inputStateHash(entry.inputs),
      h_ingress: ingressHash(entry.parent_hashes),
      canonical_form: canonicalEntry(entry),
      entry_hash: entryHash(entry),
    })),
    seals: passport.seals.map((seal: Json) => ({
      signed_bytes_hex: toHex(sealBytes(seal)),
      signature: seal.signature,
    })),
  };
}

/** RFC 7638, for keys that this module refuses to make. */
function thumbprint(x: string): string {
  const jwk = `{"crv":"Ed25519","kty":"OKP","x":"${x}"}`;
  return createHash("sha256").update(jwk).digest("base64url");
}

const clone = (json: Json): Json => JSON.parse(JSON.stringify(json));
const entries = (json: Json): Json[] => Object.values(json.history);
const byNode = (json: Json, node: string): Json => entries(json).find((e) => e.node_id === node);

function edited(json: Json, change: (copy: Json) => void): Json {
  const copy = clone(json);
  change(copy);
  return copy;
}

/** Recomputes hashes from an entry downwards, as a forger would. */
function rehash(json: Json, downTo = Infinity): Json {
  const renamed = new Map<string, string>();
  let count = 0;
  for (const entry of entries(json)) {
    const parents = entry.parent_entry_ids.map((id: string, i: number) => ({
      id,
      hash: renamed.get(entry.parent_hashes[i]) ?? entry.parent_hashes[i],
      roles: entry.parent_roles[i],
    })).sort((a: Json, b: Json) => (a.hash < b.hash ? -1 : 1));
    if (count++ >= downTo) continue;
    entry.parent_entry_ids = parents.map((p: Json) => p.id);
    entry.parent_hashes = parents.map((p: Json) => p.hash);
    entry.parent_roles = parents.map((p: Json) => p.roles);
    for (const input of entry.inputs) {
      if (input.entry_hash) input.entry_hash = renamed.get(input.entry_hash) ?? input.entry_hash;
    }
    entry.input_state_hash = inputStateHash(entry.inputs);
    const hash = entryHash(entry);
    renamed.set(entry.entry_hash, hash);
    entry.entry_hash = hash;
  }
  const [first] = entries(json).filter((entry) => entry.parent_hashes.length === 0)
    .sort((a, b) => (a.entry_hash < b.entry_hash ? -1 : 1));
  json.origin = first.origin;
  return json;
}

/** Signs all heads anew with a key, as its holder (or a forger with another key) can. */
async function reseal(json: Json, signer = alice, change: (seal: Json) => void = () => {}) {
  const parents = new Set(entries(json).flatMap((e) => e.parent_hashes));
  const heads = entries(json).map((e) => e.entry_hash).filter((h) => !parents.has(h)).sort();
  const seal: Json = {
    algorithm: "Ed25519",
    base: [],
    heads: heads.map((entry_hash) => ({ entry_hash, entries: entries(json).length })),
    public_key: signer.publicKey.jwk.x,
    public_key_id: signer.publicKey.id,
    sealed_at_ms: NOW,
    version: "kest-seal/1",
  };
  change(seal);
  seal.signature = toBase64url(await signer.sign(sealBytes(seal)));
  return { ...json, seals: [seal] };
}

// Valid.
const genesis = kest.originate({ id: 7 }, { userId: "crm", taint: ["pii_data"] });
const single = await sealed(genesis.passport);
await add("valid-originate", "One originated value, sealed; the data matches", single, {
  data: { id: 7 },
}, true);

const labelled = createKest({ signer: alice, now });
const other = labelled.originate("über 🜚 \u2028", {
  userId: "Zoë",
  sessionId: "s-1",
  taint: ["internet_data"],
  labels: { env: "prod", note: 'quotes " and \\ and \u0007' },
  trustScore: 0.1,
});
const merge = kest.verified(function merge(a: unknown, b: readonly unknown[], n: number) {
  return { a, b, n };
});
const merged = await merge(genesis, [await step(other), other], 1e21);
const diamond = await sealed(merged.passport);
await add("valid-merge", "Two origins, a tracked value inside an array, Unicode", diamond, {
  data: merged.data,
}, true);

const outer = kest.verified({ nodeId: "outer" }, async (x: unknown) => {
  await 0;
  const inner = await step(other.data);
  return [x, inner];
});
await add(
  "valid-nested",
  "Parents with the roles argument, ambient, inner, read and result",
  await sealed((await outer(genesis)).passport),
  {},
  true,
);

const bytes = kest.originate(new Uint8Array([0, 1, 254, 255]));
const nothing = kest.verified({ nodeId: "nothing" }, (_: unknown) => undefined);
const stream = kest.verified({ nodeId: "stream", stream: true }, function* () {
  yield { b: 1, a: [] };
  yield "text";
});
const streamed = await (await stream()).collect();
await add(
  "valid-content-kinds",
  "Content of the kinds bytes, undefined, json and items",
  await sealed(mergePassports(bytes.passport, (await nothing(bytes)).passport, streamed.passport)),
  { data: [{ a: [], b: 1 }, "text"] },
);

const theirs = createKest({ signer: bob, now });
const sentJson = await sealed(genesis.passport, { audience: "bob", nonce: "n-1" });
const received = await theirs.importKestData({ id: 7 }, JSON.stringify(sentJson), {
  trust: trust(),
  audience: "bob",
  nonce: "n-1",
  at: NOW,
});
const bobStep = theirs.verified({ nodeId: "bob-step" }, (x: { id: number }) => x.id);
const handed = await sealed((await bobStep(received)).passport, {
  audience: "auditor",
  nonce: "n-2",
  expiresAt: NOW + 60_000,
});
await add("valid-hand-over", "Two keys; the inner seal is addressed to the outer sealer", handed, {
  audience: "auditor",
  nonce: "n-2",
});

const declassified = await kest.declassify(genesis, {
  remove: ["pii_data"],
  reason: "Only an id is left",
  signer: bob,
});
const released = await sealed(declassified.passport);
const mayDeclassify = trustPolicy([
  { name: "alice", key: alice.publicKey, mayOriginate: "any" },
  { name: "bob", key: bob.publicKey, nodes: ["declassify"], mayDeclassify: ["pii_*"] },
]);
await add("valid-declassify", "An approver may remove the taint", released, {
  trust: mayDeclassify,
});

const raise = kest.verified(
  { nodeId: "raise", trustScoreUpdater: () => 0.9 },
  (x: unknown) => x,
);
const raised = await sealed((await raise(other)).passport);
await add("valid-trust-raised", "A custom trust rule, by a key that may raise trust", raised, {
  trust: trust({ mayRaiseTrust: true }),
});

const allow = {
  kind: "vector",
  evaluate: () => ({ value: true, policyDigest: "vector:sha256:00" }),
};
const deny = {
  kind: "vector",
  evaluate: () => ({ value: false, policyDigest: "vector:sha256:00" }),
};
const withEngine = (policyEngine: KestOptions["policyEngine"], refs: readonly string[] = []) => {
  const instance = createKest({ signer: alice, now, policyEngine });
  const guarded = instance.verified(
    { nodeId: "guarded", enforceRules: ["data.vector.allow"] },
    (x: unknown) => x,
  );
  return guarded(instance.originate({ id: 1 }, { policyRefs: refs }));
};
const require = [{
  node: "guarded",
  rule: "data.vector.allow",
  policy_digests: ["vector:sha256:00"],
}];
const allowed = await sealed((await withEngine(allow, ["data.vector.origin"])).passport);
await add("valid-decisions", "A required decision and an origin's policy are on record", allowed, {
  trust: trust({}, { require }),
});
const violation = await withEngine(deny).catch((error: unknown) => error);
if (!(violation instanceof PolicyViolationError)) throw violation;
await add("valid-denied", "Evidence of a denied call", await sealed(violation.passport));

const two = await sealed(mergePassports((await step(genesis)).passport, other.passport));
const withheld = edited(two, (json) => {
  const gone = entries(json).find((entry) => entry.labels.env === "prod");
  delete json.history[gone.entry_id];
  json.origin = entries(json)[0].origin;
});
await add("valid-withheld-head", "One of two sealed heads was handed on", withheld);

const extended = rehash(edited(single, (json) => {
  entries(json)[0].extensions = { "9": 1, "10": { __proto__x: [null] } };
}));
await add("valid-extensions", "Unknown extensions are covered by the hash", await reseal(extended));

// Unverified.
const keyless = createKest({ now }).originate(1);
await add("unverified-unsigned", "The entry names no key", clone(keyless.passport.toJSON()));
await add("unverified-open", "The seal was taken away", { ...single, seals: [] });
await add("unverified-no-trust", "No trust policy", single, { trust: null });
await add("unverified-unknown-key", "The key is not in the trust policy", single, {
  trust: trustPolicy([{ name: "bob", key: bob.publicKey, mayOriginate: "any" }]),
});
await add("unverified-audience", "Addressed to somebody, and the reader did not say who", sentJson);
await add(
  "unverified-async-context",
  "Made without async context",
  await reseal(rehash(edited(single, (json) => entries(json)[0].async_context = false))),
);

// Invalid.
const changes: [string, string, (json: Json) => void][] = [
  ["entry-changed", "A label was changed", (json) => byNode(json, "merge").labels = { a: "b" }],
  ["taint-dropped", "An accumulated taint was dropped", (json) => {
    byNode(json, "merge").accumulated_taint.shift();
  }],
  ["edge-changed", "The oldest entry was changed and rehashed", (json) => {
    entries(json)[0].labels = { a: "b" };
    rehash(json, 1);
  }],
  ["all-rehashed", "Everything was rehashed; the seal attests none of it", (json) => {
    entries(json)[0].labels = { a: "b" };
    rehash(json);
  }],
  ["seal-changed", "The seal's time was changed", (json) => json.seals[0].sealed_at_ms--],
  ["seal-key", "The seal's key id is another key's", (json) => {
    json.seals[0].public_key_id = bob.publicKey.id;
  }],
  ["seal-key-weak", "The seal's key is the identity point", (json) => {
    json.seals[0].public_key = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  }],
  ["input-state", "The inputs were changed", (json) => byNode(json, "merge").inputs[0].arg++],
];
for (const [name, description, change] of changes) {
  await add(`invalid-${name}`, description, edited(diamond, change));
}

async function lie(name: string, description: string, source: Json, change: (json: Json) => void) {
  await add(`invalid-${name}`, description, await reseal(rehash(edited(source, change))));
}
await lie("taint-lie", "The producer itself seals a wrong taint", diamond, (json) => {
  byNode(json, "merge").accumulated_taint = [];
});
await lie("trust-lie", "The producer itself seals a wrong score", diamond, (json) => {
  byNode(json, "merge").trust_score = 1;
});
await lie("origin-missing", "A genesis entry without origin", diamond, (json) => {
  byNode(json, "merge").parent_roles = byNode(json, "merge").parent_roles.map(() => ["read"]);
  byNode(json, "merge").inputs = [];
  byNode(json, "merge").raw_arguments = 0;
});
await lie("time-order", "A step made before its parent", diamond, (json) => {
  byNode(json, "merge").timestamp_ms -= 61_000;
});
await lie("kind-shape", "A step without content", diamond, (json) => {
  byNode(json, "merge").content_kind = "none";
});
const decisionOf = (json: Json, source: string) =>
  entries(json).flatMap((entry) => entry.decisions).find((d: Json) => d.source === source);
await lie("decision-rule", "A decision names another rule than its reference", allowed, (json) => {
  decisionOf(json, "origin").rule = "data.vector.allow";
});
await lie("decision-trust", "A decision saw more trust than flowed in", allowed, (json) => {
  decisionOf(json, "enforced").trust_score = 0.25;
});
await lie("decision-time", "A decision was made after its step", allowed, (json) => {
  decisionOf(json, "enforced").time_ms += 61_000;
});
await lie("removed-taint", "A plain step removes a taint", diamond, (json) => {
  byNode(json, "merge").removed_taint = ["pii_data"];
  byNode(json, "merge").accumulated_taint = ["internet_data", "stepped"];
});

await add(
  "invalid-seal-scope",
  "A seal claims another key's entry",
  await reseal(edited(single, () => {}), mallory),
  { trust: trustPolicy([{ name: "m", key: mallory.publicKey, mayOriginate: "any" }]) },
);
await add(
  "invalid-seal-count",
  "A head counts another number of entries",
  await reseal(clone(diamond), alice, (seal) => seal.heads[0].entries++),
);
await add("invalid-revoked", "The key is revoked", single, {
  trust: {
    ...trust(),
    keys: [{ ...trust().keys[0]!, revoked: { reason: "stolen" } }, trust().keys[1]!],
  },
});
await add("invalid-key-period", "Sealed after the key's validity", single, {
  trust: trust({ notAfterMs: NOW - 1 }),
});
await add("invalid-signer", "The key may not answer for this node", diamond, {
  trust: trust({ nodes: ["originate", "step"] }),
});
await add("invalid-origin", "The key may let only some users in", diamond, {
  trust: trust({ mayOriginate: [{ nodes: ["*"], users: ["crm"] }] }),
});
await add("invalid-origin-taint", "Data from there must carry a taint", diamond, {
  trust: trust({
    mayOriginate: [{ nodes: ["*"], users: ["*"], required_taints: ["pii_data"] }],
  }),
});
await add("invalid-declassify", "The approver may not remove this taint", released);
await add("invalid-trust-raised", "The key may not raise trust", raised);
await add("invalid-max-trust", "The key's entries may not score that high", single, {
  trust: trust({ maxTrust: 0.5 }),
});
await add("invalid-decision-missing", "No decision under the required policy", allowed, {
  trust: trust({}, { require: [{ ...require[0]!, policy_digests: ["vector:sha256:01"] }] }),
});
await add("invalid-data", "The data is not what was returned", single, { data: { id: 8 } });
await add("invalid-data-kind", "The same hash under another kind", single, {
  data: canonicalize({ id: 7 }),
});
await add("invalid-audience", "Addressed to somebody else", sentJson, {
  audience: "mallory",
  nonce: "n-1",
});
await add("invalid-nonce", "Answers another nonce", sentJson, { audience: "bob", nonce: "n-9" });
await add("invalid-expired", "Expired", handed, {
  audience: "auditor",
  nonce: "n-2",
  at: NOW + 60_001,
});
await add("invalid-truncated", "An expected head is missing", single, {
  expectHeads: ["0".repeat(64)],
});
await add("invalid-unexpected-origin", "Comes from somebody else", single, {
  expectOrigin: "erp",
});

// More rules that a verifier could forget.
await lie("input-roles", "A tracked input that is no argument", diamond, (json) => {
  const entry = byNode(json, "merge");
  entry.parent_roles = entry.parent_roles.map((roles: string[], i: number) => i ? roles : ["read"]);
});
await lie("raw-arguments", "Fewer raw arguments than there are", diamond, (json) => {
  byNode(json, "merge").raw_arguments = 0;
});
await lie("future", "An entry from the future", single, (json) => {
  entries(json)[0].timestamp_ms = NOW + 62_000;
});
await add(
  "invalid-entry-changed-children-affected",
  "A parent was changed consistently: only it is at fault, not what descends from it",
  edited(diamond, (json) => {
    const parent = byNode(json, "step");
    parent.added_taint = ["later", "stepped"];
    parent.accumulated_taint = ["internet_data", "later", "stepped"];
  }),
);
const deniedJson = await sealed(violation.passport);
await lie("denied-allows", "A denied entry whose decision allows", deniedJson, (json) => {
  byNode(json, "guarded").decisions[0].result = "allow";
});
await add(
  "invalid-parent-without-result",
  "An argument that a denied call never returned",
  await reseal(rehash(edited(deniedJson, (json) => {
    const denied = byNode(json, "guarded");
    const entry_id = crypto.randomUUID();
    json.history[entry_id] = {
      ...clone(byNode(single, "originate")),
      entry_id,
      kind: "step",
      node_id: "use",
      origin: null,
      added_taint: [],
      accumulated_taint: [],
      raw_arguments: 0,
      inputs: [{ arg: 0, entry_hash: denied.entry_hash, path: "" }],
      parent_entry_ids: [denied.entry_id],
      parent_hashes: [denied.entry_hash],
      parent_roles: [["argument"]],
    };
  }))),
);
await lie("origin-policy", "No decision by a policy of the origin", allowed, (json) => {
  const entry = byNode(json, "guarded");
  entry.decisions = entry.decisions.filter((d: Json) => d.source === "enforced");
});
await lie("inline-rules", "No decision by the origin's module", single, (json) => {
  const entry = entries(json)[0];
  entry.origin.policies.inline_rules = "package p\n\nallow := true\n";
  json.origin = entry.origin;
  entry.kind = "step";
});
await add(
  "invalid-required-of-failed",
  "A failed step needs the required decision too",
  await reseal(rehash(edited(allowed, (json) => {
    const entry = byNode(json, "guarded");
    entry.kind = "failed";
    entry.content_kind = "none";
    entry.content_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    entry.decisions = entry.decisions.filter((d: Json) => d.source === "origin");
  }))),
  { trust: trust({}, { require }) },
);
await add(
  "invalid-seal-time",
  "Sealed a minute and more before its entry was made",
  await reseal(clone(single), alice, (seal) => seal.sealed_at_ms -= 61_000),
);
await add("invalid-not-before", "Sealed before the key's validity", single, {
  trust: trust({ notBeforeMs: NOW + 1 }),
});
await add("invalid-data-of-ancestor", "The data is that of an entry that is no head", diamond, {
  data: { id: 7 },
});
await add("invalid-audience-unbound", "The reader gave an audience, the seal names none", single, {
  audience: "bob",
});
await add("unverified-nonce", "Answers a nonce that the reader did not name", sentJson, {
  audience: "bob",
});
await add("unverified-open-audience", "No seal at all, and the reader gave an audience", {
  ...single,
  seals: [],
}, { audience: "bob" });
const detour = async (audience: string) => {
  const inner = await sealed(genesis.passport, { audience });
  const taken = await theirs.importKestData({ id: 7 }, JSON.stringify(inner), {
    trust: trust(),
    audience,
    at: NOW,
  });
  return await sealed((await bobStep(taken)).passport);
};
await add(
  "invalid-inner-audience",
  "An inner seal is addressed to somebody other than the next sealer",
  await detour("carol"),
);
await add(
  "valid-inner-audience-by-key",
  "An inner seal is addressed to the next sealer's key id",
  await detour(bob.publicKey.id),
);
await add(
  "unverified-inner-audience",
  "An inner seal is addressed to somebody, and nobody knows the next sealer",
  await detour("carol"),
  { trust: trustPolicy([{ name: "alice", key: alice.publicKey, mayOriginate: "any" }]) },
);
const both = await sealed(genesis.passport);
const bound = await sealed(genesis.passport, { audience: "bob" });
await add("valid-one-good-seal", "Two seals of one head: one fits this reader", {
  ...both,
  seals: [...both.seals, ...bound.seals],
}, { audience: "bob" });
const expiring = await sealed(genesis.passport, { expiresAt: NOW + 1000 });
await add("valid-expires-now", "At the last moment", expiring, { at: NOW + 1000 });
await add("invalid-expired-just-now", "One millisecond later", expiring, { at: NOW + 1001 });
const noContext = await reseal(
  rehash(edited(single, (json) => entries(json)[0].async_context = false)),
);
await add("valid-async-context", "Missing async context is accepted by the policy", noContext, {
  trust: trust({}, { acceptMissingAsyncContext: true }),
});
await add(
  "valid-stream-cancelled",
  "A stream that its reader stopped",
  await reseal(rehash(edited(await sealed(streamed.passport), (json) => {
    byNode(json, "stream").stream = "cancelled";
  }))),
);
const order = { "\u{1f71a}": 1, "\ufb01": 2, "é": 3, "10": 4, "9": 5, "": 6 };
const ordered = kest.originate(order);
await add(
  "valid-member-order",
  "Members are ordered by UTF-16 units",
  await sealed(ordered.passport),
  { data: order },
);

/** A signature with S + L in place of S: the twin that malleable verifiers accept. */
function twin(signature: string): string {
  const bytes = fromBase64url(signature)!;
  const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
  let s = 0n;
  for (let i = 63; i >= 32; i--) s = (s << 8n) | BigInt(bytes[i]!);
  s += ORDER;
  for (let i = 32; i < 64; i++, s >>= 8n) bytes[i] = Number(s & 255n);
  return toBase64url(bytes);
}
await add(
  "invalid-signature-twin",
  "S is not below the group order",
  edited(single, (json) => json.seals[0].signature = twin(json.seals[0].signature)),
);
await add(
  "invalid-signature-small-r",
  "R is the identity point and S is 0",
  edited(single, (json) => {
    json.seals[0].signature = toBase64url(new Uint8Array([1, ...new Array(63).fill(0)]));
  }),
);
const torsioned = noble.Point.fromBytes(alice.publicKey.bytes)
  .add(noble.Point.fromHex("ec" + "ff".repeat(30) + "7f")).toBytes();
await add(
  "invalid-seal-key-torsion",
  "The key lies outside the prime-order group",
  edited(single, (json) => {
    const x = toBase64url(torsioned);
    json.seals[0].public_key = x;
    json.seals[0].public_key_id = entries(json)[0].public_key_id = thumbprint(x);
  }),
);

// Unreadable.
const text = JSON.stringify(single);
const id = entries(single)[0].entry_id;
const unreadable: [string, string, (json: Json) => void][] = [
  ["version", "A later version", (json) => json.version = "kest/v2"],
  ["empty-history", "No entries", (json) => json.history = {}],
  ["missing-member", "A member is missing", (json) => delete entries(json)[0].labels],
  ["unknown-member", "A member nobody knows", (json) => entries(json)[0].extra = 1],
  ["critical", "An extension that must be understood", (json) => {
    entries(json)[0].extensions = { x: 1 };
    entries(json)[0].critical = ["x"];
  }],
  ["stubs", "A reserved member", (json) => json.stubs = []],
  ["hash-case", "A hash in upper case", (json) => {
    entries(json)[0].content_hash = entries(json)[0].content_hash.toUpperCase();
  }],
  ["taint-case", "A taint in upper case", (json) => entries(json)[0].added_taint = ["PII"]],
  ["entry-id", "An entry under another's name", (json) => {
    entries(json)[0].entry_id = crypto.randomUUID();
  }],
  ["signature-empty", "An empty signature", (json) => json.seals[0].signature = ""],
  ["signature-null", "No signature", (json) => json.seals[0].signature = null],
  ["signature-padding", "A padded signature", (json) => json.seals[0].signature += "=="],
  ["algorithm", "Another algorithm", (json) => json.seals[0].algorithm = "none"],
  ["trust-score", "A score above 1", (json) => entries(json)[0].trust_score = 1.1],
  ["origin", "Another origin at the top", (json) => json.origin.user_id = "erp"],
  ["type", "A string where a number belongs", (json) => entries(json)[0].timestamp_ms = "1"],
  ["base64url-bits", "A signature with unused bits set", (json) => {
    const { signature } = json.seals[0];
    json.seals[0].signature = signature.slice(0, -1) + (signature.endsWith("A") ? "B" : "f");
  }],
  ["seal-twice", "One seal twice", (json) => json.seals.push(json.seals[0])],
  ["label-proto", "A label that JavaScript objects inherit", (json) => {
    entries(json)[0].labels = { constructor: "x" };
  }],
];
for (const [name, description, change] of unreadable) {
  await add(`unreadable-${name}`, description, edited(single, change));
}
await add(
  "unreadable-dangling",
  "A parent is missing",
  edited(diamond, (json) => {
    delete json.history[entries(json)[0].entry_id];
  }),
);
await add(
  "unreadable-cycle",
  "An entry is its own ancestor",
  edited(single, (json) => {
    const entry = entries(json)[0];
    entry.parent_entry_ids = [entry.entry_id];
    entry.parent_hashes = [entry.entry_hash];
    entry.parent_roles = [["argument"]];
  }),
);
await add("unreadable-duplicate-name", "A name twice, once escaped", undefined, {
  text: text.replace('"labels":{}', '"labels":{},"l\\u0061bels":{}'),
});
await add("unreadable-proto", "A member that JavaScript objects inherit", undefined, {
  text: text.replace(`{"${id}":`, `{"__proto__":{},"${id}":`),
});
await add("unreadable-surrogate", "A lone surrogate", undefined, {
  text: text.replace('"user_id":"crm"', '"user_id":"\\ud800"'),
});
await add("unreadable-not-json", "Not JSON", undefined, { text: text + "x" });

for (const [name, vector] of vectors) {
  const outcome = name.split("-")[0] === "valid" ? "verified" : name.split("-")[0];
  if (vector.expect["outcome"] !== outcome) {
    throw new Error(`${name}: ${JSON.stringify(vector.expect)}`);
  }
  if (vector.passport !== undefined && outcome !== "unreadable") parsePassport(vector.passport);
  const url = new URL(`${name}.json`, DIRECTORY);
  await Deno.writeTextFile(url, JSON.stringify(vector, null, 2) + "\n");
}
console.log(`${vectors.size} vectors`);
