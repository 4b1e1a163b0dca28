/**
 * Attacks on a sealed passport, numbered as in the list of threats that the
 * verifier was built against. Each forges with full knowledge of the format:
 * what can be rehashed is rehashed, what the attacker can sign is sealed.
 *
 * Not here, and why:
 *
 * | No. | Threat | Where it belongs |
 * |---|---|---|
 * | 37 | A policy that allows on the presence of a taint | a lint of Rego, not of passports |
 * | 39 | Attacker text in the page | the explorer; that messages are escaped is T39 |
 * | 40 | A fake verification page | the explorer |
 * | 41 | Guessable hashes leak data | reserved: a hash algorithm beside each hash |
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { sign } from "node:crypto";
import { test } from "node:test";
import {
  canonicalize,
  createKest,
  importKestData,
  KestError,
  mergePassports,
  ParseError,
  parsePassport,
  type TrustGrant,
  type TrustPolicy,
  trustPolicy,
  type VerificationReport,
  type VerifyOptions,
  verifyPassport,
} from "../../mod.ts";
import {
  copyOf,
  EMPTY,
  type ForgedDecision,
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
  rehash,
  rehashAll,
  resign,
  sha256,
  withOrigin,
} from "./forge.ts";

/** The victim, a partner with few rights, and a stranger. */
const [victim, partner, stranger] = await Promise.all([forgeKey(), forgeKey(), forgeKey()]);

function grant(key: ForgeKey, more: Partial<TrustGrant> = {}): TrustGrant {
  return { name: "victim", key: key.signer.publicKey, mayOriginate: "any", ...more };
}

const trust = trustPolicy([
  grant(victim),
  { name: "partner", key: partner.signer.publicKey, nodes: ["partner.*"] },
]);

const genesis = forgeEntry(victim, [], { added_taint: ["pii"], content_hash: sha256('{"ssn":1}') });
const step = forgeEntry(victim, [[genesis, "argument"]], {
  added_taint: ["stripped"],
  node_id: "strip",
  content_hash: sha256('{"ssn":"*"}'),
});

/** A fresh copy of what the victim handed over. */
function sealed(): ForgedPassport {
  return structuredClone(forgeSealed(victim, [genesis, step]));
}

/** The same without the victim's seal, for attacks that bring their own. */
function bare(): ForgedPassport {
  return structuredClone(forgePassport(genesis, step));
}

function entryOf(passport: ForgedPassport, entry: ForgedEntry): ForgedEntry {
  return passport.history[entry.entry_id]!;
}

function textOf(passport: unknown): string {
  return JSON.stringify(passport);
}

async function verify(
  passport: ForgedPassport,
  options: VerifyOptions = {},
): Promise<VerificationReport> {
  return await verifyPassport(textOf(passport), { trust, ...options });
}

async function codesOf(passport: unknown, options: VerifyOptions): Promise<readonly string[]> {
  try {
    const report = await verifyPassport(passport, { trust, ...options });
    assert.notEqual(report.outcome, "verified");
    return report.findings.filter((f) => f.severity !== "note").map((finding) => finding.code);
  } catch (error) {
    if (error instanceof ParseError) return error.issues.map((issue) => issue.code);
    if (error instanceof KestError) return [error.code];
    throw error;
  }
}

/** The passport is not verified, for this reason. */
async function refused(
  passport: ForgedPassport | Uint8Array | string,
  code: string,
  options: VerifyOptions = {},
): Promise<void> {
  const raw = typeof passport === "string" || passport instanceof Uint8Array;
  const codes = await codesOf(raw ? passport : textOf(passport), options);
  assert(codes.includes(code), `expected ${code}, found ${codes.join(", ") || "nothing"}`);
}

/** What a trusted key forged with hashes and seals in order. */
async function refusedOf(
  key: ForgeKey,
  entries: readonly ForgedEntry[],
  code: string,
  options: VerifyOptions = {},
): Promise<void> {
  await refused(forgeSealed(key, entries), code, options);
}

/** Changes one member in the text of the victim's passport and keeps the rest. */
function withSeal(changes: Record<string, unknown>): ForgedPassport {
  const passport = sealed();
  Object.assign(passport.seals[0]!, changes);
  return passport;
}

test("The victim's passport itself is verified", async () => {
  const report = await verify(sealed(), { data: { ssn: "*" } });
  assert.equal(report.outcome, "verified");
  assert.deepEqual(report.findings, []);
  assert.deepEqual(report.taints, ["pii", "stripped"]);
});

test("T01 signature stripped or empty", async () => {
  await refused({ ...sealed(), seals: [] }, "OPEN");
  await refused(withSeal({ signature: "" }), "SIG_ENCODING");
  await refused(withSeal({ signature: null }), "SIG_ENCODING");
  await refused(withSeal({ signature: "A".repeat(86) }), "SEAL_SIGNATURE");
  const { signature: _, ...unsigned } = sealed().seals[0]!;
  await refused(textOf({ ...sealed(), seals: [unsigned] }), "FIELD_MISSING");
  await refused(forgeSealed(victim, [{ ...genesis, public_key_id: null }].map(rehash)), "UNSIGNED");
});

test("T02 empty trust set", async () => {
  const text = textOf(sealed());
  const empty = trustPolicy([]);
  for (const options of [{}, { trust: empty }]) {
    const report = await verifyPassport(text, options);
    assert.equal(report.outcome, "unverified");
    assert.equal(report.verdicts.identity.code, "TRUST_EMPTY");
  }
});

test("T03 corrupt input", async () => {
  const text = textOf(sealed());
  for (const corrupt of ["", "null", "[]", "{", text.slice(0, -1), text + "}", "\ufeff" + text]) {
    await assert.rejects(verifyPassport(corrupt, { trust }), ParseError);
    await assert.rejects(importKestData({ ssn: "*" }, corrupt, { trust }), ParseError);
  }
  await refused('{"version":"kest/v1","history":{},"origin":null,"seals":[]}', "DAG_SHAPE");
});

test("T04 embedded key trusted because it verifies", async () => {
  const forged = forgeSealed(stranger, [forgeEntry(stranger)]);
  const report = await verify(forged);
  assert.equal(report.outcome, "unverified");
  assert.equal(report.verdicts.identity.code, "KEY_UNKNOWN");
  assert.equal(report.verdicts.integrity.status, "pass");
});

test("T05 key confusion", async () => {
  const passport = bare();
  passport.seals.push(forgeSeal(stranger, passport, [step]));
  await refused(passport, "SEAL_SCOPE");
  passport.seals = [forgeSeal(partner, passport, [step])];
  await refused(passport, "SEAL_SCOPE");
  passport.seals = [forgeSeal(stranger, passport, [step], { public_key_id: victim.id })];
  await refused(passport, "SEAL_KEY");
  const foreign = forgeEntry(partner, [[step, "argument"]], { node_id: "strip" });
  const grafted = sealed();
  grafted.history[foreign.entry_id] = foreign;
  grafted.seals.push(forgeSeal(partner, grafted, [foreign], { base: [step.entry_hash] }));
  await refused(grafted, "SIGNER_NOT_ALLOWED");
});

test("T06 key ids", async () => {
  await refused(withSeal({ public_key_id: stranger.id }), "SEAL_KEY");
  await refused(withSeal({ public_key: stranger.x }), "SEAL_KEY");
  const [key] = trust.keys;
  const lying = { ...trust, keys: [{ ...key!, public_key_id: stranger.id }] };
  await refused(sealed(), "TRUST_POLICY", { trust: lying });
  const own = sealed();
  const claims = { public_key: stranger.x, public_key_id: victim.id };
  own.seals = [resign(stranger, { ...own.seals[0]!, ...claims })];
  await refused(own, "SEAL_KEY");
});

/** Encodings of points that every signature, or many, verify under. */
const WEAK = [
  Buffer.from("01" + "00".repeat(31), "hex"),
  Buffer.from("00".repeat(32), "hex"),
  Buffer.from("ec" + "ff".repeat(30) + "7f", "hex"),
  Buffer.from("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "hex"),
  Buffer.from("ee" + "ff".repeat(30) + "7f", "hex"),
];

test("T07 small-order and non-canonical keys", async () => {
  for (const weak of WEAK) {
    const x = weak.toString("base64url");
    const id = Buffer.from(sha256(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`), "hex");
    const keyId = id.toString("base64url");
    const entry = rehash({ ...structuredClone(genesis), public_key_id: keyId });
    const passport = forgePassport(entry);
    // R the identity, S zero: valid for every message under the identity.
    const signature = Buffer.from("01" + "00".repeat(63), "hex").toString("base64url");
    passport.seals.push({
      ...forgeSeal(stranger, passport, [entry]),
      public_key: x,
      public_key_id: keyId,
      signature,
    });
    await refused(passport, "SEAL_KEY");
    const jwk = { kty: "OKP", crv: "Ed25519", x } as const;
    const trusting = { ...trust, keys: [{ name: "weak", nodes: ["*"], public_key: jwk }] };
    await refused(passport, "TRUST_POLICY", { trust: trusting });
  }
  const r = Buffer.from(sealed().seals[0]!.signature, "base64url");
  r.set(WEAK[0]!);
  await refused(withSeal({ signature: r.toString("base64url") }), "SEAL_SIGNATURE");
});

test("T08 signature malleability", async () => {
  const text = sealed().seals[0]!.signature;
  const bytes = Buffer.from(text, "base64url");
  const order = (1n << 252n) + 27742317777372353535851937790883648493n;
  let s = order;
  for (let i = 31; i >= 0; i--) s += BigInt(bytes[32 + i]!) << BigInt(8 * i);
  for (let i = 0; i < 32; i++) bytes[32 + i] = Number((s >> BigInt(8 * i)) & 255n);
  await refused(withSeal({ signature: bytes.toString("base64url") }), "SEAL_SIGNATURE");
  const last = text.slice(0, -1) + String.fromCharCode(text.charCodeAt(85) + 1);
  for (const variant of [text + "==", text + "\n", last, Buffer.from(text).toString("base64")]) {
    await refused(withSeal({ signature: variant }), "SIG_ENCODING");
  }
});

test("T09 algorithm downgrade", async () => {
  for (const algorithm of ["none", "HS256", "ed25519", "EdDSA", "", null, 1]) {
    await refused(withSeal({ algorithm }), "ALG");
  }
});

test("T10 version downgrade", async () => {
  for (const version of ["kest/v0", "kest/v2", "KEST/V1", "", null, 1]) {
    await refused(textOf({ ...sealed(), version }), "VERSION");
    await refused(withSeal({ version }), "VERSION");
    const policy = { ...trust, version } as unknown as TrustPolicy;
    await refused(sealed(), "TRUST_POLICY", { trust: policy });
  }
});

test("T11 signatures from another protocol", async () => {
  const passport = sealed();
  const { signature: _, ...statement } = passport.seals[0]!;
  const text = canonicalize(statement);
  const domains = ["", "kest/v1/entry\0", "kest/v1/seal", "kest/v2/seal\0"];
  for (const domain of domains) {
    const signature = sign(null, Buffer.from(domain + text), victim.secret);
    await refused(withSeal({ signature: signature.toString("base64url") }), "SEAL_SIGNATURE");
  }
});

test("T12 duplicate JSON keys", async () => {
  const text = textOf(sealed());
  const twice = [
    text.replace('"version":"kest/v1"', '"version":"kest/v1","version":"kest/v1"'),
    text.replace('"trust_score":1', '"trust_score":0,"trust_score":1'),
    text.replace('"labels":{}', '"labels":{"a":"x","a":"y"}'),
    text.replace('"accumulated_taint"', '"accumulated_taint":[],"accumulated_\\u0074aint"'),
  ];
  for (const changed of twice) {
    assert.notEqual(changed, text);
    await refused(changed, "JSON_DUP");
  }
});

test("T13 prototype keys", async () => {
  const text = textOf(sealed());
  for (const name of ["__proto__", "constructor", "prototype"]) {
    await refused(text.replace('{"version"', `{"${name}":{"seals":[]},"version"`), "JSON_PROTO");
    await refused(text.replace('"history":{', `"history":{"${name}":{},`), "JSON_PROTO");
    await refused(text.replace('"labels":{', `"labels":{"${name}":"x"`), "JSON_PROTO");
    const named = rehash({ ...structuredClone(genesis), node_id: name });
    await refused(forgeSealed(victim, [named]), "FIELD_TYPE");
  }
  assert.equal(Object.hasOwn(Object.prototype, "seals"), false);
});

test("T14 toJSON gadgets", async () => {
  let calls = 0;
  const given = sealed();
  const gadget = {
    ...given,
    toJSON: () => ++calls === 1 ? given : { ...given, seals: [] },
  };
  const passport = parsePassport(gadget);
  assert.equal(calls, 1);
  assert.deepEqual(copyOf(passport), given);

  const carrying = (toJSON: string) =>
    rehash({ ...structuredClone(genesis), extensions: { toJSON } });
  const honest = forgeSealed(victim, [carrying("x")]);
  assert.equal((await verify(honest)).outcome, "verified");
  const entry = Object.values(honest.history)[0]!;
  entry.extensions = { toJSON: "y" };
  await refused(honest, "ENTRY_CHANGED");
});

test("T15 numbers and escapes that only look different", async () => {
  const text = textOf(sealed());
  const same = [
    text.replaceAll('"trust_score":1', '"trust_score":1.0'),
    text.replaceAll('"trust_score":1', '"trust_score":10e-1'),
    text.replaceAll('"raw_arguments":0', '"raw_arguments":-0'),
    text.replaceAll('"strip"', '"\\u0073trip"'),
    JSON.stringify(JSON.parse(text), null, 2),
  ];
  for (const variant of same) {
    assert.notEqual(variant, text);
    assert.equal((await verifyPassport(variant, { trust })).outcome, "verified");
  }
  await refused(text.replace('"trust_score":1', '"trust_score":1e400'), "TRUST_SCORE");
  await refused(text.replace('"trust_score":1', '"trust_score":01'), "JSON");
  await refused(text.replace('"trust_score":1', '"trust_score":"1"'), "TRUST_SCORE");
  await refused(text.replace('"trust_score":1', '"trust_score":true'), "TRUST_SCORE");
  await refused(
    text.replace('"raw_arguments":0', '"raw_arguments":9007199254740993'),
    "FIELD_TYPE",
  );
  await refused(text.replace('"raw_arguments":0', '"raw_arguments":0.5'), "FIELD_TYPE");
  await refused(
    text.replace('"trust_score":1', '"trust_score":0.9999999999999999'),
    "ENTRY_CHANGED",
  );
});

test("T15 members in any order have one meaning", async () => {
  const reversed = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(reversed)
      : typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).reverse().map(([k, v]) => [k, reversed(v)]))
      : value;
  const rich = forgeEntry(victim, [[genesis, "argument"]], {
    environment: { "zone": "1", "Zone": "2", "_x": '\u20ac\ud83d\ude00\u0007"\\' },
    labels: { b: "\u2028", a: "</script>" },
    extensions: { "10": [1.5e300, { z: 1, a: -0 }], "9": null, "\ufb33": 1, "\ud83d\ude00": 2 },
  });
  const passport = forgeSealed(victim, [genesis, rich]);
  const turned = JSON.stringify(reversed(JSON.parse(textOf(passport))));
  assert.equal((await verifyPassport(turned, { trust })).outcome, "verified");
});

test("T16 surrogates, invalid UTF-8, look-alike names", async () => {
  const text = textOf(sealed());
  const lone = '"\\ud800"';
  await refused(text.replace('"session_id":"local"', `"session_id":${lone}`), "UTF8");
  await refused(text.replace('"labels":{}', `"labels":{"a":${lone}}`), "UTF8");
  await refused(text.replace('"labels":{}', `"labels":{${lone}:"a"}`), "FIELD");
  for (const name of ["audience", "nonce"]) {
    await assert.rejects(
      verifyPassport(textOf(withSeal({ [name]: "\ud800" })), { trust }),
      ParseError,
    );
  }
  await assert.rejects(
    verifyPassport(textOf(withSeal({ extensions: { a: "\ud800" } }))),
    ParseError,
  );
  const bytes = Buffer.from(text.replace("local", "loc~l"));
  bytes[bytes.indexOf("~")] = 0xff;
  await refused(new Uint8Array(bytes), "UTF8");
  for (
    const nodeId of ["str\u0456p", "strip\u200b", "strip\u202e", " strip", "strip\n", "\uff53trip"]
  ) {
    await refusedOf(
      victim,
      [rehash({ ...structuredClone(genesis), node_id: nodeId })],
      "FIELD_TYPE",
    );
  }
  const decomposed = text.replaceAll("local", "caf\u00e9");
  assert.notEqual(decomposed, decomposed.normalize("NFD"));
  await refused(decomposed, "ENTRY_CHANGED");
});

test("T17 what was verified is what is read", async () => {
  const given = sealed();
  const passport = parsePassport(given);
  entryOf(given, step).accumulated_taint = [];
  given.seals.length = 0;
  assert.equal((await verifyPassport(passport, { trust })).outcome, "verified");
  assert.deepEqual(passport.taints, ["pii", "stripped"]);
  const frozen: unknown[] = [passport];
  for (const value of frozen) {
    assert(Object.isFrozen(value));
    if (typeof value === "object" && value !== null) frozen.push(...Object.values(value));
  }
  frozen.length = 0;
  frozen.push(passport.history, passport.seals, passport.heads, passport.origins);
  for (const value of frozen) {
    assert(Object.isFrozen(value));
    for (const member of Object.values(value as object)) {
      if (typeof member === "object" && member !== null) frozen.push(member);
    }
  }
});

test("T18 cycles", async () => {
  const loop = bare();
  const first = entryOf(loop, genesis);
  first.parent_entry_ids = [step.entry_id];
  first.parent_hashes = [step.entry_hash];
  first.parent_roles = [["argument"]];
  await refused(rehashKeeping(loop), "DAG_CYCLE");
  const selfish = sealed();
  const own = entryOf(selfish, step);
  own.parent_entry_ids = [own.entry_id];
  await refused(selfish, "DAG_CYCLE");
});

/** Hashes what can be hashed, without following edges. */
function rehashKeeping(passport: ForgedPassport): ForgedPassport {
  Object.values(passport.history).forEach(rehash);
  return passport;
}

test("T18 a cycle made by merging is no empty passport", async () => {
  const top = forgeEntry(victim, [], { entry_id: step.entry_id, entry_hash: step.entry_hash });
  const below = forgeEntry(victim, [[top, "argument"]], {
    entry_id: genesis.entry_id,
    entry_hash: genesis.entry_hash,
  });
  const parts = [forgePassport(top, below), bare()].map((part) => parsePassport(textOf(part)));
  for (const [a, b] of [[0, 1], [1, 0]] as const) {
    const codes = await mergedCodes(parts[a]!, parts[b]!);
    assert.deepEqual(codes, ["ENTRY_CHANGED"]);
  }
});

/** What becomes of passports that were merged before anybody verified them. */
async function mergedCodes(
  ...parts: ReturnType<typeof parsePassport>[]
): Promise<readonly string[]> {
  let merged;
  try {
    merged = mergePassports(...parts);
  } catch (error) {
    assert(error instanceof KestError);
    return ["ENTRY_CHANGED"];
  }
  return [...new Set(await codesOf(merged, {}))].filter((code) => code === "ENTRY_CHANGED");
}

test("T19 dangling and missing parents", async () => {
  const passport = sealed();
  delete passport.history[genesis.entry_id];
  await refused(passport, "DAG_DANGLING");
  const stubbed = { ...sealed(), stubs: { [genesis.entry_id]: {} } };
  await refused(textOf(stubbed), "STUBS");
  // The attacker cuts the lineage: a step that owns up to no parent.
  const cut = rehash({
    ...structuredClone(step),
    parent_entry_ids: [],
    parent_hashes: [],
    parent_roles: [],
  });
  await refused(forgeSealed(victim, [cut]), "DAG_SHAPE");
  cut.origin = structuredClone(genesis.origin);
  await refused(forgeSealed(victim, [rehash(cut)]), "INPUT_STATE");
});

test("T20 duplicate parents, extra roots, orphans", async () => {
  const twice = rehash({
    ...structuredClone(step),
    parent_entry_ids: [genesis.entry_id, genesis.entry_id],
    parent_hashes: [genesis.entry_hash, genesis.entry_hash],
    parent_roles: [["argument"], ["argument"]],
  });
  await refusedOf(victim, [genesis, twice], "DAG_SHAPE");
  const second = { ...twice, parent_hashes: [genesis.entry_hash, "f".repeat(64)] };
  await refusedOf(victim, [genesis, rehash(second)], "DAG_SHAPE");

  // A stranger's head beside the victim's, and a stranger's root that nobody uses.
  const grafted = sealed();
  const extra = forgeEntry(stranger, [[step, "argument"]], { node_id: "partner.send" });
  grafted.history[extra.entry_id] = extra;
  await refused(withOrigin(grafted), "OPEN");
  grafted.seals.push(forgeSeal(stranger, grafted, [extra], { base: [step.entry_hash] }));
  await refused(grafted, "KEY_UNKNOWN");
  const orphaned = sealed();
  const orphan = forgeEntry(stranger);
  orphaned.history[orphan.entry_id] = orphan;
  orphaned.seals.push(forgeSeal(stranger, orphaned, [orphan]));
  await refused(withOrigin(orphaned), "KEY_UNKNOWN");
  // A root by a trusted key that may not let data in.
  const unentitled = sealed();
  const root = forgeEntry(partner, [], { node_id: "partner.in" });
  unentitled.history[root.entry_id] = root;
  unentitled.seals.push(forgeSeal(partner, unentitled, [root]));
  await refused(withOrigin(unentitled), "ORIGIN_NOT_ALLOWED");
});

test("T21 entry ids and hashes that collide", async () => {
  const other = { ...structuredClone(genesis), entry_id: step.entry_id, added_taint: [] };
  const passport = sealed();
  passport.history[genesis.entry_id] = other;
  await refused(passport, "ENTRY_ID");
  const double = sealed();
  const twin = forgeEntry(victim, [], { entry_hash: genesis.entry_hash });
  double.history[twin.entry_id] = twin;
  await refused(double, "DAG_SHAPE");
});

test("T21 a fake under a genuine hash does not survive a merge", async () => {
  // The partner may not declassify. Its fake of the victim's entry has no taints, so that
  // its own entry needs none; in the merged passport the genuine entry hides the fake.
  for (let i = 0; i < 8; i++) {
    const fake = { ...structuredClone(step), added_taint: [], accumulated_taint: [] };
    const clean = forgeEntry(partner, [[fake, "argument"]], { node_id: "partner.use" });
    const head = forgeEntry(victim, [[step, "argument"]], { node_id: "next" });
    const genuine = forgeSealed(victim, [genesis, step, head]);
    genuine.seals.push(...sealed().seals);
    const evil = forgePassport(genesis, fake, clean);
    evil.seals.push(forgeSeal(partner, evil, [clean], { base: [fake.entry_hash] }));
    const parts = [genuine, evil].map((part) => parsePassport(textOf(part)));
    assert.deepEqual(await mergedCodes(parts[0]!, parts[1]!), ["ENTRY_CHANGED"]);
    assert.deepEqual(await mergedCodes(parts[1]!, parts[0]!), ["ENTRY_CHANGED"]);
  }
});

test("T22 truncated and weak hashes", async () => {
  const wrong = [step.entry_hash.slice(0, 32), step.entry_hash.toUpperCase(), "", null, 0];
  for (const hash of wrong) {
    const entry = { ...structuredClone(step), entry_hash: hash } as unknown as ForgedEntry;
    const passport = sealed();
    passport.history[step.entry_id] = entry;
    await refused(passport, "HASH");
  }
  for (const algorithm of ["md5", "sha1", "sha512", "SHA256"]) {
    const entry = { ...structuredClone(genesis), content_hash_algorithm: algorithm };
    await refusedOf(victim, [rehash(entry as ForgedEntry)], "FIELD_TYPE");
  }
});

test("T23 one hash for another", async () => {
  const { entry_hash: _, ...body } = step;
  const text = canonicalize(body);
  const wrong = [
    sha256(text),
    sha256("kest/v1/entry\0", text),
    sha256("kest/v1/input\0", text),
    step.input_state_hash,
    step.content_hash,
  ];
  for (const hash of wrong) {
    await refusedOf(victim, [genesis, { ...step, entry_hash: hash }], "ENTRY_CHANGED");
  }
  assert.equal(hashOf(step), step.entry_hash);
  const unhashed = forgeEntry(victim, [], {
    input_state_hash: sha256(canonicalize(genesis.inputs)),
  });
  await refusedOf(victim, [unhashed], "INPUT_STATE");
});

test("T24 forged accumulated taint", async () => {
  for (const taints of [[], ["pii"], ["stripped"], ["pii", "public", "stripped"]]) {
    const forged = forgeEntry(victim, [[genesis, "argument"]], {
      added_taint: ["stripped"],
      accumulated_taint: taints,
    });
    await refusedOf(victim, [genesis, forged], "TAINT_MISMATCH");
  }
  for (const role of ["ambient", "inner", "read", "result"] as const) {
    const forged = forgeEntry(victim, [[genesis, "argument"], [step, role]], {
      accumulated_taint: ["pii"],
    });
    await refusedOf(victim, [genesis, step, forged], "TAINT_MISMATCH");
  }
});

test("T25 taint laundering", async () => {
  const approver = trustPolicy([grant(victim, { mayDeclassify: ["pii"] })]);
  const release = (changes: Partial<ForgedEntry> = {}, parents = [step]) =>
    forgeEntry(victim, parents.map((parent) => [parent, "argument"] as const), {
      kind: "declassify",
      node_id: "release",
      reason: "counted",
      removed_taint: ["pii"],
      content_hash: step.content_hash,
      ...changes,
    });
  const passport = forgeSealed(victim, [genesis, step, release()]);
  const report = await verify(passport, { trust: approver });
  assert.equal(report.outcome, "verified");
  assert.deepEqual(report.taints, ["stripped"]);

  await refused(passport, "DECLASSIFY_NOT_ALLOWED");
  const other = trustPolicy([grant(victim, { mayDeclassify: ["pi", "stripped", "pii.*"] })]);
  await refused(passport, "DECLASSIFY_NOT_ALLOWED", { trust: other });

  const wrong: Partial<ForgedEntry>[] = [
    { kind: "step", reason: null },
    { kind: "step" },
    { reason: null },
    { content_hash: sha256("{}") },
    { content_kind: "bytes" },
    { removed_taint: ["pii", "secret"] },
    { removed_taint: [] },
    { added_taint: ["clean"] },
    { trust_rule: "custom" },
    { parent_roles: [["ambient"]] },
    { parent_roles: [["ambient", "argument"]] },
  ];
  for (const changes of wrong) {
    await refusedOf(victim, [genesis, step, release(changes)], "KIND_SHAPE", { trust: approver });
  }
  const second = forgeEntry(victim, [], { content_hash: step.content_hash });
  const both = release({}, [step, second]);
  await refusedOf(victim, [genesis, step, second, both], "KIND_SHAPE", { trust: approver });

  // Taking the data out and letting it in again needs the right to let data in.
  const again = forgeEntry(partner, [], { node_id: "partner.in" });
  await refusedOf(partner, [again], "ORIGIN_NOT_ALLOWED");
  // A side door: what flowed in is called "read", so that no origin flows in.
  const read = forgeEntry(partner, [[step, "read"]], { node_id: "partner.use" });
  const aside = sealed();
  aside.history[read.entry_id] = read;
  aside.seals.push(forgeSeal(partner, aside, [read], { base: [step.entry_hash] }));
  await refused(aside, "ORIGIN_NOT_ALLOWED");
  // Origins that must carry a taint.
  const strict = trustPolicy([
    grant(victim, { mayOriginate: [{ nodes: ["*"], users: ["*"], required_taints: ["pii"] }] }),
  ]);
  await refusedOf(victim, [forgeEntry(victim)], "ORIGIN_NOT_ALLOWED", { trust: strict });
});

test("T26 variants of a taint", async () => {
  for (const taint of ["PII", "p\u0456i", "pii ", "pii\u200b", "", "-pii", "p".repeat(129)]) {
    const entry = forgeEntry(victim, [], { added_taint: [taint], accumulated_taint: [taint] });
    await refusedOf(victim, [entry], "TAINT_NAME");
  }
  const unsorted = { added_taint: ["b", "a"], accumulated_taint: ["b", "a"] };
  await refusedOf(victim, [forgeEntry(victim, [], unsorted)], "DAG_SHAPE");
  const twice = { added_taint: ["a", "a"], accumulated_taint: ["a", "a"] };
  await refusedOf(victim, [forgeEntry(victim, [], twice)], "DAG_SHAPE");
});

test("T27 trust scores", async () => {
  const low = forgeEntry(victim, [], { node_trust_score: 0.3 });
  const raised = (changes: Partial<ForgedEntry>) => [
    low,
    forgeEntry(victim, [[low, "argument"]], changes),
  ];
  await refusedOf(victim, raised({ trust_score: 1 }), "TRUST_MISMATCH");
  await refusedOf(victim, raised({ trust_score: 0.2 }), "TRUST_MISMATCH");
  await refusedOf(victim, raised({ trust_score: 0.9, trust_rule: "custom" }), "TRUST_NOT_ALLOWED");
  const lowered = raised({ trust_score: 0.1, trust_rule: "custom" });
  assert.equal((await verify(forgeSealed(victim, lowered))).outcome, "verified");
  const raising = trustPolicy([grant(victim, { mayRaiseTrust: true })]);
  const custom = forgeSealed(victim, raised({ trust_score: 0.9, trust_rule: "custom" }));
  assert.equal((await verify(custom, { trust: raising })).outcome, "verified");
  const capped = trustPolicy([grant(victim, { mayRaiseTrust: true, maxTrust: 0.5 })]);
  await refused(custom, "TRUST_NOT_ALLOWED", { trust: capped });
  for (const score of [1.1, -0.1, 1e308]) {
    await refusedOf(victim, [forgeEntry(victim, [], { trust_score: score })], "TRUST_SCORE");
  }
  const passport = textOf(forgeSealed(victim, [low]));
  for (const score of ["null", '"0.3"', "NaN", "Infinity"]) {
    const codes = await codesOf(passport.replaceAll(":0.3,", `:${score},`), {});
    assert(codes.some((code) => ["TRUST_SCORE", "JSON"].includes(code)), codes.join());
  }
});

test("T28 replay of an old or foreign passport", async () => {
  const now = Date.now();
  const bound = (changes: Record<string, unknown>) => forgeSealed(victim, [genesis, step], changes);
  const addressed = bound({ audience: "auditor" });
  await refused(addressed, "AUDIENCE_UNCHECKED");
  await refused(addressed, "AUDIENCE", { audience: "somebody" });
  assert.equal((await verify(addressed, { audience: "auditor" })).outcome, "verified");
  const challenged = bound({ nonce: "n1" });
  await refused(challenged, "NONCE_UNCHECKED");
  await refused(challenged, "NONCE", { nonce: "n2" });
  assert.equal((await verify(challenged, { nonce: "n1" })).outcome, "verified");
  const expiring = bound({ expires_at_ms: now + 1000 });
  assert.equal((await verify(expiring, { at: now + 1000 })).outcome, "verified");
  await refused(expiring, "EXPIRED", { at: now + 1001 });
  // Asked for, but not there.
  await refused(sealed(), "AUDIENCE", { audience: "auditor" });
  await refused(sealed(), "NONCE", { nonce: "n1" });
  // Members of a seal cannot be taken off, added or changed.
  for (const name of ["audience", "nonce", "expires_at_ms"] as const) {
    const value = name === "expires_at_ms" ? now + 9e9 : "auditor";
    await refused(withSeal({ [name]: value }), "SEAL_SIGNATURE");
    const stripped = bound({ [name]: value });
    delete stripped.seals[0]![name];
    await refused(stripped, "SEAL_SIGNATURE");
  }
  // An attacker's seal for another audience beside it changes nothing.
  const doubled = bound({ audience: "auditor" });
  doubled.seals.push(forgeSeal(stranger, doubled, [step], { audience: "me" }));
  await refused(doubled, "SEAL_SCOPE", { audience: "me" });
});

test("T28 an inner hand-over that was meant for somebody else", async () => {
  const built = forgeEntry(partner, [[step, "argument"]], { node_id: "partner.use" });
  const chain = (audience?: string) => {
    const passport = forgePassport(genesis, step, built);
    const to = audience === undefined ? {} : { audience };
    passport.seals.push(forgeSeal(victim, passport, [step], to));
    passport.seals.push(forgeSeal(partner, passport, [built], { base: [step.entry_hash] }));
    return passport;
  };
  for (const audience of [undefined, "partner", partner.id]) {
    assert.equal((await verify(chain(audience))).outcome, "verified");
  }
  await refused(chain("auditor"), "AUDIENCE");
  await refused(chain("victim"), "AUDIENCE");
});

test("T29 a valid part moved elsewhere", async () => {
  // The stranger builds on the victim's entries.
  const use = forgeEntry(stranger, [[step, "argument"]], { node_id: "strip" });
  const spliced = sealed();
  spliced.history[use.entry_id] = use;
  spliced.seals.push(forgeSeal(stranger, spliced, [use], { base: [step.entry_hash] }));
  await refused(spliced, "KEY_UNKNOWN");
  // The stranger's entry is slipped under the victim's.
  const under = forgeEntry(stranger, [], { entry_id: genesis.entry_id, added_taint: ["pii"] });
  const grafted = sealed();
  grafted.history[genesis.entry_id] = under;
  grafted.seals.push(forgeSeal(stranger, grafted, [under]));
  await refused(withOrigin(grafted), "EDGE_CHANGED");
  await refused(rehashAll(grafted), "SEAL_HEADS");
  // An edge is turned to another entry of the victim's.
  const other = forgeEntry(victim, [], { content_hash: genesis.content_hash });
  const turned = forgePassport(genesis, structuredClone(step), other);
  entryOf(turned, step).parent_entry_ids = [other.entry_id];
  turned.seals.push(...sealed().seals, forgeSeal(victim, turned, [other]));
  await refused(withOrigin(turned), "ENTRY_CHANGED");
  rehash(entryOf(turned, step));
  await refused(turned, "EDGE_CHANGED");
  await refused(rehashAll(turned), "SEAL_HEADS");
});

test("T30 data swap", async () => {
  const swapped: unknown[] = [
    { ssn: 1 },
    { ssn: "**" },
    { ssn: "*", more: 1 },
    [{ ssn: "*" }],
    undefined,
    null,
    '{"ssn":"*"}',
    Buffer.from('{"ssn":"*"}'),
    new Uint8Array(Buffer.from('{"ssn":"*"}')),
  ];
  for (const data of swapped) await refused(sealed(), "DATA_HASH", { data });
  const bytes = forgeEntry(victim, [], { content_kind: "bytes" });
  await refusedOf(victim, [bytes], "DATA_HASH", { data: {} });
  const raw = new Uint8Array(Buffer.from("{}"));
  assert.equal((await verify(forgeSealed(victim, [bytes]), { data: raw })).outcome, "verified");
  // Of the kinds that share the hash of nothing, only its own value fits.
  const none = { content_kind: "none", content_hash: EMPTY, kind: "failed" } as const;
  const failed = forgeEntry(victim, [[genesis, "argument"]], none);
  await refusedOf(victim, [genesis, failed], "DATA_HASH", { data: undefined });
  const nothing = forgeEntry(victim, [], { content_kind: "undefined", content_hash: EMPTY });
  for (const data of [null, new Uint8Array(), [], ""]) {
    await refusedOf(victim, [nothing], "DATA_HASH", { data });
  }
  const items = forgeEntry(victim, [], { content_kind: "items", content_hash: EMPTY });
  await refusedOf(victim, [items], "DATA_HASH", { data: undefined });
  assert.equal((await verify(forgeSealed(victim, [items]), { data: [] })).outcome, "verified");
  await assert.rejects(importKestData({ ssn: 1 }, textOf(sealed()), { trust }));
});

test("T31 truncated tail, omitted branch", async () => {
  const branch = forgeEntry(victim, [[genesis, "argument"]], { node_id: "branch" });
  const whole = forgeSealed(victim, [genesis, step, branch]);
  assert.equal((await verify(whole)).outcome, "verified");
  // One of two sealed heads may be kept back, and shows.
  const half = structuredClone(whole);
  delete half.history[branch.entry_id];
  const report = await verify(half);
  assert.equal(report.outcome, "verified");
  assert.deepEqual(report.findings.map((finding) => finding.code), ["WITHHELD"]);
  assert.equal(report.findings[0]!.stored, branch.entry_hash);
  await refused(half, "TRUNCATED", { expectHeads: [branch.entry_hash] });
  // Going back behind the sealed head leaves nothing that is sealed.
  const shorter = sealed();
  delete shorter.history[step.entry_id];
  await refused(shorter, "SEAL_HEADS");
  await refused({ ...shorter, seals: [] }, "OPEN");
  // A count that does not fit, signed or not.
  const counted = sealed();
  counted.seals[0]!.heads[0]!.entries = 1;
  await refused(counted, "SEAL_SIGNATURE");
  counted.seals[0] = resign(victim, counted.seals[0]!);
  await refused(counted, "SEAL_COUNT");
  // Later work that nobody sealed is open, not complete.
  const open = sealed();
  const later = forgeEntry(victim, [[step, "argument"]]);
  open.history[later.entry_id] = later;
  await refused(open, "OPEN");
});

test("T31 a denied inner call cannot be dropped", async () => {
  const decision = forgeDecision({ result: "deny" });
  const denied = forgeEntry(victim, [[genesis, "ambient"]], {
    kind: "denied",
    ...{ content_kind: "none", content_hash: EMPTY, decisions: [decision] },
  });
  const outer = forgeEntry(victim, [[genesis, "argument"], [denied, "inner"]]);
  const passport = forgeSealed(victim, [genesis, denied, outer]);
  assert.equal((await verify(passport)).outcome, "verified");
  const hidden = structuredClone(passport);
  delete hidden.history[denied.entry_id];
  await refused(hidden, "DAG_DANGLING");
  const without = entryOf(hidden, outer);
  const keep = without.parent_entry_ids.indexOf(genesis.entry_id);
  without.parent_entry_ids = [genesis.entry_id];
  without.parent_hashes = [without.parent_hashes[keep]!];
  without.parent_roles = [without.parent_roles[keep]!];
  await refused(hidden, "ENTRY_CHANGED");
  rehash(without);
  await refused(hidden, "SEAL_HEADS");
});

test("T31 bases cannot hide entries", async () => {
  const passport = bare();
  const bases: [string[], string][] = [
    [[genesis.entry_hash], "OPEN"],
    [[step.entry_hash], "SEAL_HEADS"],
    [[step.entry_hash, genesis.entry_hash].sort(), "SEAL_HEADS"],
  ];
  for (const [base, code] of bases) {
    passport.seals = [forgeSeal(victim, passport, [step], { base })];
    await refused(passport, code);
  }
  // A stranger's entry below the victim's: the base says that somebody else answers for it.
  const foreign = forgeEntry(stranger, [], { added_taint: ["pii"] });
  const own = forgeEntry(victim, [[foreign, "argument"]]);
  const resting = forgePassport(foreign, own);
  resting.seals = [forgeSeal(victim, resting, [own], { base: [foreign.entry_hash] })];
  await refused(resting, "OPEN");
  resting.seals = [forgeSeal(victim, resting, [own])];
  await refused(resting, "SEAL_SCOPE");
  // A base that names nothing that is here hides nothing and helps nobody.
  const nowhere = bare();
  nowhere.seals = [forgeSeal(victim, nowhere, [step], { base: ["f".repeat(64)] })];
  assert.equal((await verify(nowhere)).outcome, "verified");
});

test("T32 two passports for one run", async () => {
  const other = forgeEntry(victim, [[genesis, "argument"]], { node_id: "strip" });
  const pinned = { expectHeads: [step.entry_hash] };
  assert.equal((await verify(sealed(), pinned)).outcome, "verified");
  await refused(forgeSealed(victim, [genesis, other]), "TRUNCATED", pinned);
});

test("T33 lies about time", async () => {
  const now = Date.now();
  const at = { at: now };
  const older = forgeEntry(victim, [[genesis, "argument"]], {
    timestamp_ms: genesis.timestamp_ms - 60_001,
  });
  await refusedOf(victim, [genesis, older], "TIME_ORDER", at);
  const future = forgeEntry(victim, [], { timestamp_ms: now + 60_001 });
  await refused(forgeSealed(victim, [future], { sealed_at_ms: now }), "TIME_ORDER", at);
  const seal = (sealedAt: number) =>
    forgeSealed(victim, [forgeEntry(victim, [], { timestamp_ms: now })], {
      sealed_at_ms: sealedAt,
    });
  await refused(seal(now - 60_001), "TIME_ORDER", at);
  await refused(seal(now + 60_001), "TIME_ORDER", at);
  await refused(seal(now - 2), "TIME_ORDER", { ...at, toleranceMs: 1 });
});

test("T34 leaked keys", async () => {
  const now = Date.now();
  const [key, ...others] = trust.keys;
  const revoked = { ...trust, keys: [{ ...key!, revoked: { reason: "leaked" } }, ...others] };
  await refused(sealed(), "KEY_REVOKED", { trust: revoked });
  // Whatever time a backdated seal claims.
  const early = forgeEntry(victim, [], { timestamp_ms: 1000 });
  const backdated = forgeSealed(victim, [early], { sealed_at_ms: 1000 });
  await refused(backdated, "KEY_REVOKED", { trust: revoked });
  const window = trustPolicy([grant(victim, { notBeforeMs: now - 1000, notAfterMs: now + 1000 })]);
  await refused(backdated, "KEY_PERIOD", { trust: window });
  const late = forgeSealed(victim, [early], { sealed_at_ms: now + 1001 });
  await refused(late, "KEY_PERIOD", { trust: window, at: now + 2000 });
});

test("T35 one key counted twice", async () => {
  const [key] = trust.keys;
  const stuffed = { ...trust, keys: [key!, { ...key!, name: "somebody else" }] };
  await refused(sealed(), "TRUST_POLICY", { trust: stuffed });
  const passport = sealed();
  passport.seals.push(passport.seals[0]!);
  await refused(passport, "DAG_SHAPE");
});

test("T36 weaker policies and vacuous decisions", async () => {
  const require = [{ node: "send*", rule: "data.mail.allow", policy_digests: ["wasm:1"] }];
  const options = { trust: { ...trust, require } };
  const decided = (...changes: Partial<ForgedDecision>[]) =>
    forgeEntry(victim, [[genesis, "argument"]], {
      node_id: "send.mail",
      decisions: changes.map((change) => forgeDecision(change)),
    });
  const good = await verify(forgeSealed(victim, [genesis, decided({})]), options);
  assert.equal(good.outcome, "verified");
  assert.equal(good.verdicts.policy.code, "SATISFIED");

  const missing: Partial<ForgedDecision>[][] = [
    [],
    [{ policy_digest: "wasm:2" }],
    [{ policy_digest: null }],
    [{ policy_digest: "" }],
    [{ rule: "data.mail.allow2" }],
    [{ rule: "data.mail" }],
  ];
  for (const changes of missing) {
    await refusedOf(victim, [genesis, decided(...changes)], "DECISION_MISSING", options);
  }
  const vacuous: Partial<ForgedDecision>[] = [
    { engine: null },
    { cause: "no-engine" },
    { cause: "undefined" },
    { input_digest: null },
    { result: "deny" },
    { source: "origin" },
    { reference: "data.mail.allow" },
  ];
  for (const change of vacuous) {
    await refusedOf(victim, [genesis, decided(change)], "KIND_SHAPE", options);
  }
  // A function that ran and failed ran all the same.
  const failed = { kind: "failed", content_kind: "none", content_hash: EMPTY } as const;
  const ran = rehash({ ...decided(), ...failed });
  await refusedOf(victim, [genesis, ran], "DECISION_MISSING", options);
});

test("T36 policies of an origin hold at every later step", async () => {
  const origin = {
    policies: { curated_refs: ["gdpr"], inline_rules: "package x" },
    ...{ session_id: "s", user_id: "u" },
  };
  const source = forgeEntry(victim, [], { origin });
  const by = (reference: string) => forgeDecision({ reference, source: "origin" });
  const use = (...decisions: ForgedDecision[]) =>
    forgeEntry(victim, [[source, "argument"]], { decisions });
  const both = use(by("gdpr"), by("inline_rules"));
  assert.equal((await verify(forgeSealed(victim, [source, both]))).outcome, "verified");
  for (
    const decisions of [[], [by("gdpr")], [by("inline_rules")], [by("gdp")], [forgeDecision()]]
  ) {
    await refusedOf(victim, [source, use(...decisions)], "DECISION_MISSING");
  }
  // Two steps later too, and through whatever role the value came to the step between.
  for (const role of ["ambient", "read", "inner", "result"] as const) {
    const between = forgeEntry(victim, [[genesis, "argument"], [source, role]], {
      decisions: role === "ambient" ? [by("gdpr"), by("inline_rules")] : [],
    });
    const after = forgeEntry(victim, [[between, "argument"]]);
    await refusedOf(victim, [genesis, source, between, after], "DECISION_MISSING");
  }
});

test("T38 limits hold before work is done", async () => {
  const text = textOf(sealed());
  const limits: [Partial<Record<string, number>>, string][] = [
    [{ bytes: 100 }, text],
    [{ entries: 1 }, text],
    [{ depth: 3 }, text],
    [{ stringLength: 20 }, text],
    [
      { parents: 1 },
      textOf(forgePassport(
        genesis,
        step,
        forgeEntry(victim, [
          [genesis, "argument"],
          [step, "argument"],
        ]),
      )),
    ],
  ];
  for (const [limit, input] of limits) await refused(input, "LIMIT", { limits: limit });
  await refused(text, "LIMIT", { limits: { sealWork: 1 } });
  const flooded = sealed();
  flooded.seals = Array.from({ length: 11 }, () => flooded.seals[0]!);
  await refused(flooded, "LIMIT", { limits: { seals: 10 } });
  await refused(flooded, "LIMIT", { limits: { sealHeads: 10 } });
  for (const bomb of ["[".repeat(1e6), '{"a":'.repeat(1e5), '"'.padEnd(3e6, "x")]) {
    await assert.rejects(verifyPassport(bomb), ParseError);
  }
  await refused(
    '{"version":"kest/v1","history":' + "[".repeat(1e5) + "]".repeat(1e5) + "}",
    "LIMIT",
  );
});

test("T38 ten thousand parents, a flood of seals", async () => {
  const started = Date.now();
  const many = Array.from({ length: 10_000 }, (_, i) => ({
    ...structuredClone(genesis),
    entry_id: `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`,
  })).map(rehash);
  const wide = forgeEntry(victim, many.map((entry) => [entry, "argument"] as const));
  const passport = forgeSealed(victim, [...many, wide]);
  assert.equal((await verify(passport)).outcome, "verified");
  const one = { ...passport.seals[0]!, sealed_at_ms: wide.timestamp_ms };
  passport.seals = Array.from({ length: 300 }, (_, i) => ({ ...one, nonce: `${i}` }));
  await refused(passport, "SEAL_SIGNATURE");
  assert(Date.now() - started < 60_000);
});

test("T39 messages are safe to print", async () => {
  const origin = {
    policies: { curated_refs: [], inline_rules: null },
    ...{ session_id: "s", user_id: "\u001b[2Kverified\r\n\u202everified" },
  };
  const passport = forgeSealed(victim, [forgeEntry(victim, [], { origin })]);
  const report = await verify(passport, { expectOrigin: "alice" });
  const [finding] = report.findings;
  assert.equal(finding?.code, "ORIGIN_UNEXPECTED");
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(finding.message, /[\u0000-\u001f\u202e]/);
});

test("T42 nothing of the environment is recorded unasked", () => {
  const kest = createKest({ signer: victim.signer });
  const [entry] = kest.originate(1).passport.heads;
  assert.deepEqual(entry?.environment, {});
  assert.deepEqual(entry.labels, {});
});

test("T43 a test key is an untrusted key", async () => {
  const mock = createKest({ signer: stranger.signer });
  const passport = await mock.originate(1).passport.seal();
  await refused(copyOf(passport), "KEY_UNKNOWN");
});

test("T44 the document does not choose how it is verified", async () => {
  const passport = sealed();
  await refused(textOf({ ...passport, signature: "x", public_key: victim.x }), "FIELD");
  await refused(textOf({ ...passport, trust }), "FIELD");
  const { version: _, ...unversioned } = passport;
  await refused(textOf(unversioned), "PYTHON_PASSPORT");
  await refused(textOf({ ...unversioned, signature: "x" }), "PYTHON_PASSPORT");
});

test("T45 unknown members", async () => {
  const inSeal = withSeal({ note: "x" });
  await refused(inSeal, "FIELD");
  await refused(withSeal({ anchors: [] }), "FIELD");
  await refused(withSeal({ critical: [] }), "CRITICAL");
  const entry = { ...structuredClone(genesis), verified: true };
  await refusedOf(victim, [rehash(entry)], "FIELD");
  const critical = { ...structuredClone(genesis), critical: ["x"], extensions: { x: 1 } };
  await refusedOf(victim, [rehash(critical)], "CRITICAL");
  const extended = forgeSealed(victim, [
    rehash({ ...structuredClone(genesis), extensions: { x: 1 } }),
  ]);
  assert.equal((await verify(extended)).outcome, "verified");
  Object.values(extended.history)[0]!.extensions = { x: 2 };
  await refused(extended, "ENTRY_CHANGED");
  const seal = forgeSealed(victim, [genesis, step], { extensions: { x: [1] } });
  assert.equal((await verify(seal)).outcome, "verified");
  seal.seals[0]!.extensions = { x: [2] };
  await refused(seal, "SEAL_SIGNATURE");
});

test("No false alarm: a key whose window ended after it sealed", async () => {
  const now = Date.now();
  const window = trustPolicy([grant(victim, { notAfterMs: now + 1000 })]);
  const later = await verify(sealed(), { trust: window, at: now + 1e10 });
  assert.equal(later.outcome, "verified");
});

test("No false alarm: an unknown key with intact hashes is unverified, not invalid", async () => {
  const report = await verify(forgeSealed(stranger, [forgeEntry(stranger)]));
  assert.equal(report.outcome, "unverified");
  // Nor is it known to be the wrong reader of what it went on from.
  const used = forgeEntry(stranger, [[step, "argument"]]);
  const passport = forgePassport(genesis, step, used);
  passport.seals.push(forgeSeal(victim, passport, [step], { audience: "somebody" }));
  passport.seals.push(forgeSeal(stranger, passport, [used], { base: [step.entry_hash] }));
  assert.equal((await verify(passport)).outcome, "unverified");
});

test("No false alarm: a running job's open passport is unverified, not invalid", async () => {
  const report = await verify(bare());
  assert.equal(report.outcome, "unverified");
  assert.equal(report.verdicts.completeness.code, "OPEN");
  assert.equal(report.verdicts.integrity.code, "UNSEALED");
});

test("No false alarm: clocks that differ by seconds", async () => {
  const now = Date.now();
  const parent = forgeEntry(victim, [], { timestamp_ms: now + 5000 });
  const child = forgeEntry(victim, [[parent, "argument"]], { timestamp_ms: now });
  const passport = forgeSealed(victim, [parent, child], { sealed_at_ms: now - 3000 });
  assert.equal((await verify(passport, { at: now - 2000 })).outcome, "verified");
});

test("No false alarm: a newer format cannot be judged", async () => {
  await refused(textOf({ ...sealed(), version: "kest/v2" }), "VERSION");
});
