/** What holds for every passport: no change goes unseen, merging and exporting lose nothing. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  canonicalize,
  createKest,
  generateKey,
  type Kest,
  type KestData,
  KestError,
  mergePassports,
  parsePassport,
  type Passport,
  trustPolicy,
  verifyPassport,
} from "../mod.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

const signer = await generateKey();
const kest = createKest({ signer });
const trust = trustPolicy([{ name: "me", key: signer.publicKey, mayOriginate: "any" }]);

/** A sealed passport of three entries, and the data that it came with. */
async function sealed(): Promise<{ text: string; data: unknown }> {
  const join = kest.verified(
    { nodeId: "join", labels: { env: "prod", "a.b": "ü😀\\" }, addedTaint: ["joined"] },
    (a: { n: number }, b: number, c: string) => ({ sum: a.n + b, c }),
  );
  const a = kest.originate({ n: 1 }, { userId: "alice", taint: ["pii", "raw"], trustScore: 0.5 });
  const b = kest.originate(2, { userId: "bob", policyRefs: [] });
  const value = await join(a, b, "x");
  return { text: JSON.stringify(await value.passport.seal()), data: value.data };
}
const { text: TEXT, data: DATA } = await sealed();
const BYTES = new TextEncoder().encode(TEXT);

/**
 * Asserts that a passport is not taken for verified: it is refused with a code,
 * or a finding with a code says why. Anything else thrown is a crash.
 */
async function assertCaught(input: unknown, what = ""): Promise<void> {
  let report;
  try {
    report = await verifyPassport(input, { trust, data: DATA });
  } catch (error) {
    assert(error instanceof KestError, `crashed: ${error instanceof Error && error.stack}`);
    return assert.match(error.code, /^[A-Z_]+$/);
  }
  assert.notEqual(report.outcome, "verified", what);
  const [finding] = report.findings;
  assert.match(finding?.code ?? "none", /^[A-Z_]+$/);
}

/** Every place in a JSON value: its parent and its name there. */
function places(value: Json): [parent: Json, name: string][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).flatMap((name) => [[value, name], ...places(value[name])]) as [
    Json,
    string,
  ][];
}

const PLACES = places(JSON.parse(TEXT)).length;

/** A value that looks like it belongs: from somewhere else in the same passport. */
const elsewhere = fc.nat(PLACES - 1).map((index) => {
  const [parent, name] = places(JSON.parse(TEXT))[index]!;
  return parent[name] as unknown;
});

const replacement = fc.oneof(
  elsewhere,
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(null, true, false, 0, 1, -1, 0.5, "", [], {}),
  fc.constantFrom("sha256", "argument", "ambient", "step", "0".repeat(64)),
);

type Edit = (parent: Json, name: string, value: unknown) => void;

const EDITS: Record<string, Edit> = {
  replace: (parent, name, value) => parent[name] = value,
  delete: (parent, name) => Array.isArray(parent) ? parent.splice(+name, 1) : delete parent[name],
  insert: (parent, name, value) => {
    if (Array.isArray(parent)) parent.splice(+name, 0, value);
    else parent[`${name}2`] = value;
  },
  rename: (parent, name) => {
    const value = parent[name];
    if (Array.isArray(parent)) return parent.reverse();
    delete parent[name];
    parent[name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase()] = value;
  },
  duplicate: (parent, name) => {
    if (Array.isArray(parent)) parent.splice(+name, 0, structuredClone(parent[+name]));
    else parent[crypto.randomUUID()] = structuredClone(parent[name]);
  },
  nudge: (parent, name) => {
    const value = parent[name];
    if (typeof value === "number") parent[name] = value + 1;
    else if (typeof value === "boolean") parent[name] = !value;
    else if (typeof value === "string") parent[name] = flip(value);
    else if (Array.isArray(value)) value.reverse();
  },
};

/** The same text but for one character, which stays in most alphabets. */
function flip(text: string): string {
  const at = text.length >> 1;
  const other = text[at] === "a" ? "b" : "a";
  return text === "" ? "a" : text.slice(0, at) + other + text.slice(at + 1);
}

/** Whether only the order of members differs. */
function isUnchanged(passport: unknown): boolean {
  try {
    return canonicalize(passport) === canonicalize(JSON.parse(TEXT));
  } catch {
    return false;
  }
}

test("without a change, the passport is verified", async () => {
  const report = await verifyPassport(TEXT, { trust, data: DATA });
  assert.deepEqual([report.outcome, report.findings], ["verified", []]);
});

test("no value in a passport can be removed, doubled, renamed or nudged unseen", async () => {
  let edits = 0;
  for (let place = 0; place < PLACES; place++) {
    for (const name of ["delete", "duplicate", "nudge", "rename"]) {
      const passport = JSON.parse(TEXT);
      EDITS[name]!(...places(passport)[place]!, undefined);
      if (isUnchanged(passport)) continue;
      await assertCaught(passport, `${name} ${places(JSON.parse(TEXT))[place]![1]}`);
      edits++;
    }
  }
  assert(edits > PLACES * 2, `${edits} of ${PLACES} places`);
});

test("any change of a value in a passport is caught with a code", async () => {
  const change = fc.tuple(
    fc.nat(PLACES - 1),
    fc.constantFrom(...Object.keys(EDITS)),
    replacement,
  );
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
      const passport = JSON.parse(TEXT);
      for (const [place, edit, value] of changes) {
        const all = places(passport);
        if (all.length === 0) break;
        EDITS[edit]!(...all[place % all.length]!, structuredClone(value));
      }
      fc.pre(!isUnchanged(passport));
      await assertCaught(passport);
      await assertCaught(JSON.stringify(passport));
    }),
    { numRuns: 800 },
  );
});

test("any JSON in place of a passport is refused with a code", async () => {
  const json = fc.oneof(
    fc.jsonValue(),
    fc.record({ version: fc.constant("kest/v1"), history: fc.jsonValue(), seals: fc.jsonValue() }),
    fc.record({
      version: fc.constant("kest/v1"),
      origin: fc.jsonValue(),
      history: fc.dictionary(fc.uuid({ version: 4 }), fc.jsonValue()),
      seals: fc.array(fc.jsonValue()),
    }),
  );
  await fc.assert(fc.asyncProperty(json, (value) => assertCaught(value)), { numRuns: 500 });
});

test("any change of a byte is caught, or leaves the same JSON value", async () => {
  const change = fc.tuple(
    fc.nat(BYTES.length - 1),
    fc.constantFrom("set", "insert", "delete", "swap"),
    fc.oneof(fc.nat(255), fc.constantFrom(...new TextEncoder().encode(' \n\t"\\,:{}[]019aAu-.e'))),
  );
  let same = 0;
  await fc.assert(
    fc.asyncProperty(change, async ([at, how, byte]) => {
      const bytes = [...BYTES];
      if (how === "set") bytes[at] = byte;
      else if (how === "insert") bytes.splice(at, 0, byte);
      else if (how === "delete") bytes.splice(at, 1);
      else bytes.splice(at, 2, ...bytes.slice(at, at + 2).reverse());
      const changed = new Uint8Array(bytes);
      if (isSameJson(changed)) {
        same++;
        const report = await verifyPassport(changed, { trust, data: DATA });
        return assert.equal(report.outcome, "verified");
      }
      await assertCaught(changed);
    }),
    // A space between members, and an escape that means the same, change no value.
    { numRuns: 1500, examples: [[[0, "insert", 32]], [[BYTES.length - 1, "insert", 10]]] },
  );
  assert(same >= 2);
});

function isSameJson(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return isUnchanged(JSON.parse(text));
  } catch {
    return false;
  }
}

/** What to build: each step names earlier entries as its arguments. */
const plan = fc.array(
  fc.record({
    kind: fc.constantFrom("originate", "step", "step", "nested", "declassify", "failed"),
    parents: fc.array(fc.nat(), { maxLength: 4 }),
    taints: fc.uniqueArray(fc.stringMatching(/^[a-z0-9][a-z0-9_.-]{0,5}$/), { maxLength: 3 }),
    labels: fc.dictionary(
      fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.:/@-]{0,5}$/)
        .filter((name) => name !== "__proto__" && name !== "constructor"),
      fc.string({ unit: "grapheme", maxLength: 5 }),
      { maxKeys: 4 },
    ),
    trust: fc.constantFrom(0, 0.1, 0.5, 1, 1e-7, 1 / 3),
    user: fc.constantFrom("alice", "bob", "ü😀"),
  }),
  { minLength: 1, maxLength: 7 },
);
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

/** Builds values by a plan; returns the passports of all of them. */
async function build(instance: Kest, steps: Plan): Promise<Passport[]> {
  const values: KestData<unknown>[] = [];
  const passports: Passport[] = [];
  for (const [index, { kind, parents, taints, labels, trust, user }] of steps.entries()) {
    const chosen = parents.flatMap((parent) => values[parent % (values.length || 1)] ?? []);
    const options = { nodeId: `n${index}`, labels };
    const step = { ...options, addedTaint: taints, nodeTrustScore: trust };
    const [first] = chosen;
    if (kind === "originate" || first === undefined) {
      values.push(
        instance.originate(index, { ...options, userId: user, taint: taints, trustScore: trust }),
      );
    } else if (kind === "declassify" && first.passport.taints.length > 0) {
      const remove = first.passport.taints.slice(0, 1);
      values.push(await instance.declassify(first, { remove, reason: user, signer }));
    } else if (kind === "failed") {
      const fail = instance.verified(step, (..._: unknown[]): unknown => {
        throw new Error(user);
      });
      await assert.rejects(fail(...chosen), { message: user });
      continue;
    } else {
      const inner = instance.verified({ nodeId: "inner" }, (n: unknown) => [n]);
      const run = instance.verified(step, async (...items: unknown[]): Promise<unknown> => {
        return kind === "nested" ? (await inner(items[0])).data : [user, ...items];
      });
      values.push(await run(...chosen) as KestData<unknown>);
    }
    passports.push(values.at(-1)!.passport);
  }
  return passports;
}

test("reading and exporting is the identity for every DAG, sealed or not", async () => {
  await fc.assert(
    fc.asyncProperty(plan, async (steps) => {
      const whole = mergePassports(...await build(kest, steps));
      for (const passport of [whole, await whole.seal()]) {
        const text = JSON.stringify(passport);
        assert.equal(JSON.stringify(parsePassport(text)), text);
        const canonical = canonicalize(passport);
        assert.equal(canonicalize(parsePassport(canonical)), canonical);
        const read = parsePassport(text);
        assert.deepEqual(read.heads, passport.heads);
        assert.deepEqual(read.taints, passport.taints);
        assert.deepEqual(read.origins, passport.origins);
        assert.equal(read.trustScore, passport.trustScore);
      }
    }),
    { numRuns: 200 },
  );
});

test("every DAG that was made here and sealed is verified, and its text too", async () => {
  const all = trustPolicy([{
    name: "me",
    key: signer.publicKey,
    mayOriginate: "any",
    mayDeclassify: ["*"],
  }]);
  await fc.assert(
    fc.asyncProperty(plan, async (steps) => {
      const passport = await mergePassports(...await build(kest, steps)).seal();
      for (const input of [passport, JSON.stringify(passport)]) {
        const { outcome, findings } = await verifyPassport(input, { trust: all });
        const notes = findings.filter((finding) => finding.severity !== "note");
        assert.deepEqual([outcome, notes], ["verified", []]);
      }
    }),
    { numRuns: 100 },
  );
});

test("the order of merging does not matter, nor how often or in which groups", async () => {
  const permuted = plan.chain((steps) =>
    fc.tuple(
      fc.constant(steps),
      fc.array(fc.record({ seal: fc.boolean(), read: fc.boolean() }), { minLength: 7 }),
      fc.array(fc.nat(), { minLength: 7, maxLength: 7 }),
    )
  );
  await fc.assert(
    fc.asyncProperty(permuted, async ([steps, treatments, order]) => {
      const parts: Passport[] = [];
      for (const [index, passport] of (await build(kest, steps)).entries()) {
        const { seal, read } = treatments[index]!;
        const part = seal ? await passport.seal() : passport;
        parts.push(read ? parsePassport(JSON.stringify(part)) : part);
      }
      const shuffled = parts.map((part, index) => ({ part, rank: order[index]! }))
        .sort((a, b) => a.rank - b.rank).map(({ part }) => part);
      const expected = JSON.stringify(mergePassports(...parts));
      assert.equal(JSON.stringify(mergePassports(...shuffled)), expected);
      assert.equal(JSON.stringify(mergePassports(...shuffled.reverse(), ...parts)), expected);
      const inPairs = shuffled.reduce((sum, part) => mergePassports(part, sum));
      assert.equal(JSON.stringify(inPairs), expected);
    }),
    { numRuns: 150 },
  );
});

test("a forged copy of a seal neither displaces the seal nor depends on the order", async () => {
  const good = parsePassport(TEXT);
  const forged = parsePassport(TEXT.replace(/"sealed_at_ms":\d+/, '"sealed_at_ms":5'));
  const merged = [mergePassports(good, forged), mergePassports(forged, good)];
  assert.equal(JSON.stringify(merged[0]), JSON.stringify(merged[1]));
  assert.equal(merged[0]!.seals.length, good.seals.length + 1);
  await assertCaught(merged[0]);
});
