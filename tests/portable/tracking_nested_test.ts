import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createKest,
  generateKey,
  type KestData,
  type PolicyEngine,
  type PolicyInput,
  PolicyViolationError,
} from "../../mod.ts";
import {
  assertVerifies,
  bench,
  coded,
  entriesOf,
  errorOf,
  headOf,
  rolesOf,
  sealAndVerify,
  sleep,
  trustFor,
} from "./helpers.ts";

/** Allows everything and remembers what it saw. */
function watcher(): { engine: PolicyEngine; inputs: PolicyInput[] } {
  const inputs: PolicyInput[] = [];
  const engine: PolicyEngine = {
    kind: "watcher",
    evaluate({ inputText }) {
      inputs.push(JSON.parse(inputText));
      return { value: true, policyDigest: null };
    },
  };
  return { engine, inputs };
}

test("an inner call inherits the outer call's ingress as ambient", async () => {
  const { kest, trust, events } = await bench();
  const inner = kest.verified({ nodeId: "inner" }, () => 1);
  const outer = kest.verified({ nodeId: "outer" }, async (_: string) => {
    await inner();
  });
  const result = await outer(kest.originate("x", { taint: ["t"] }));
  const made = events.find(({ entry }) => entry.node_id === "inner")!;
  assert.deepEqual(rolesOf(made.passport), { originate: ["ambient"] });
  assert.deepEqual(made.entry.accumulated_taint, ["t"]);
  assert.deepEqual(rolesOf(result), { inner: ["inner"], originate: ["argument"] });
  await assertVerifies(result.passport, trust);
});

test("a returned inner result has roles inner and result; read data has role read", async () => {
  const { kest, trust } = await bench();
  const inner = kest.verified({ nodeId: "inner" }, () => 1);
  const aside = kest.originate("s", { nodeId: "aside" });
  const outer = kest.verified({ nodeId: "outer" }, async () => {
    const length = aside.data.length;
    return { inner: await inner(), length };
  });
  const result = await outer();
  assert.deepEqual(result.data, { inner: 1, length: 1 });
  assert.deepEqual(rolesOf(result), { aside: ["read"], inner: ["inner", "result"] });
  await assertVerifies(result.passport, trust);
});

test("one parent lists all its roles, sorted", async () => {
  const { kest } = await bench();
  const value = kest.originate({ a: 1 });
  const inner = kest.verified({ nodeId: "inner" }, (_: object) => value.data);
  const outer = kest.verified({ nodeId: "outer" }, async (v: object) => {
    await inner(value);
    return [value, v];
  });
  const result = await outer(value);
  assert.deepEqual(rolesOf(result)["originate"], ["argument", "result"]);
});

test("data that JSON.stringify reads inside a call has role read", async () => {
  const { kest } = await bench();
  const aside = kest.originate("s", { nodeId: "aside", taint: ["x"] });
  const dump = kest.verified({ nodeId: "dump" }, () => JSON.stringify(aside).length);
  assert.deepEqual((await dump()).passport.taints, ["x"]);
});

test("reading only a passport makes no parent", async () => {
  const { kest } = await bench();
  const aside = kest.originate("s", { taint: ["x"] });
  const peek = kest.verified({ nodeId: "peek" }, () => aside.passport.taints.length);
  assert.deepEqual(headOf(await peek()).parent_hashes, []);
});

test("a failed inner call is recorded although the outer call caught its error", async () => {
  const { kest, trust } = await bench();
  const inner = kest.verified({ nodeId: "inner", addedTaint: ["touched"] }, () => {
    throw new Error("boom");
  });
  const outer = kest.verified({ nodeId: "outer" }, async () => {
    await errorOf(inner());
    return "fine";
  });
  const result = await outer();
  assert.deepEqual(rolesOf(result), { inner: ["inner"] });
  assert.deepEqual(entriesOf(result).map((entry) => entry.kind), ["failed", "step"]);
  assert.deepEqual(result.passport.taints, ["touched"]);
  await assertVerifies(result.passport, trust);
});

test("a denied inner call is recorded although the outer call caught the denial", async () => {
  const { kest, trust } = await bench();
  const inner = kest.verified({ nodeId: "inner", enforceRules: ["data.no"] }, () => 1);
  const outer = kest.verified({ nodeId: "outer" }, async () => {
    assert.ok(await errorOf(inner()) instanceof PolicyViolationError);
    return "fine";
  });
  const result = await outer();
  assert.deepEqual(entriesOf(result).map((entry) => entry.kind), ["denied", "step"]);
  await assertVerifies(result.passport, trust);
});

test("a call that finishes after the outer one still inherits its ingress, but is no part of it", async () => {
  const { kest, events } = await bench();
  let late: Promise<KestData<number>> | undefined;
  const inner = kest.verified({ nodeId: "inner" }, async () => {
    await sleep(5);
    return 1;
  });
  const outer = kest.verified({ nodeId: "outer" }, (_: string) => {
    late = inner();
    return 0;
  });
  const result = await outer(kest.originate("x", { taint: ["t"] }));
  assert.deepEqual((await late!).passport.taints, ["t"]);
  assert.deepEqual(rolesOf(await late!), { originate: ["ambient"] });
  assert.deepEqual(rolesOf(result), { originate: ["argument"] });
  assert.deepEqual(events.map(({ entry }) => entry.node_id), ["originate", "outer", "inner"]);
});

test("a call that starts after the outer one returned inherits its ingress and what it read", async () => {
  const { kest } = await bench();
  const aside = kest.originate("s", { taint: ["read"] });
  let late: Promise<KestData<number>> | undefined;
  const inner = kest.verified({ nodeId: "inner" }, () => 1);
  const outer = kest.verified({ nodeId: "outer" }, (_: string) => {
    assert.equal(aside.data, "s");
    late = sleep(5).then(() => inner());
    return 0;
  });
  await outer(kest.originate("x", { taint: ["argument"] }));
  assert.deepEqual((await late!).passport.taints, ["argument", "read"]);
});

test("parallel inner calls all become parents, and do not see each other", async () => {
  const { kest, trust, events } = await bench();
  const inner = kest.verified({ nodeId: "inner" }, async (n: number) => {
    await sleep(n);
    return n;
  });
  const outer = kest.verified(
    { nodeId: "outer" },
    () => Promise.all([inner(3), inner(2), inner(1)]),
  );
  const result = await outer();
  assert.deepEqual(result.data, [3, 2, 1]);
  assert.equal(headOf(result).parent_hashes.length, 3);
  for (const { entry } of events.slice(0, 3)) assert.deepEqual(entry.parent_hashes, []);
  await assertVerifies(result.passport, trust);
});

test("a loop of 3,000 inner calls that are read keeps one parent, in linear time", async () => {
  const { kest } = await bench();
  const inc = kest.verified({ nodeId: "inc" }, (n: number) => n + 1);
  const loop = kest.verified({ nodeId: "loop" }, async (times: number) => {
    let n = 0;
    for (let i = 0; i < times; i++) n = (await inc(n)).data;
    return n;
  });
  await loop(300);
  const start = performance.now();
  const result = await loop(3000);
  const elapsed = performance.now() - start;
  assert.equal(result.data, 3000);
  assert.equal(headOf(result).parent_hashes.length, 1);
  assert.equal(entriesOf(result).length, 3001);
  assert.ok(elapsed < 10_000, `${elapsed} ms`);
});

test("a loop that hands each result to the next call keeps one parent", async () => {
  const { kest } = await bench();
  const inc = kest.verified({ nodeId: "inc" }, (n: number) => n + 1);
  const loop = kest.verified({ nodeId: "loop" }, async () => {
    let n: number | KestData<number> = 0;
    for (let i = 0; i < 500; i++) n = await inc(n);
    return n;
  });
  const result = await loop();
  assert.equal(result.data, 500);
  assert.equal(headOf(result).parent_hashes.length, 1);
});

test("taints flow from every role", async () => {
  const { kest } = await bench();
  const from = (taint: string) => kest.originate(taint, { taint: [taint] });
  const [argument, ambient, read, result, innerRead] = [
    "argument",
    "ambient",
    "read",
    "result",
    "inner-read",
  ].map(from) as KestData<string>[];
  const inner = kest.verified({ nodeId: "inner", addedTaint: ["inner"] }, () => {
    innerRead!.data;
  });
  const middle = kest.verified({ nodeId: "middle" }, async (_: string) => {
    read!.data;
    await inner();
    return result;
  });
  const outer = kest.verified({ nodeId: "outer" }, (_: string) => middle(argument!));
  assert.deepEqual((await outer(ambient!)).passport.taints, [
    "ambient",
    "argument",
    "inner",
    "inner-read",
    "read",
    "result",
  ]);
});

for (const role of ["argument", "read", "inner", "result"] as const) {
  test(`trust flows from role ${role}`, async () => {
    const { kest } = await bench();
    const low = kest.originate("low", { trustScore: 0.2 });
    const inner = kest.verified({ nodeId: "inner", nodeTrustScore: 0.2 }, () => 1);
    const outer = kest.verified({ nodeId: "outer" }, async (_?: string) => {
      if (role === "inner") await inner();
      if (role === "read") low.data;
      return role === "result" ? low : 0;
    });
    const result = await (role === "argument" ? outer(low) : outer());
    assert.equal(result.passport.trustScore, 0.2);
  });
}

test("a decision in a nested call sees what the outer call was given", async () => {
  const { engine, inputs } = watcher();
  const { kest } = await bench({ policyEngine: engine });
  const send = kest.verified({ nodeId: "send", enforceRules: ["data.send"] }, (_: string) => 1);
  const outer = kest.verified({ nodeId: "outer" }, (text: string) => send(text));
  await outer(kest.originate("x", { taint: ["t"], trustScore: 0.3 }));
  assert.deepEqual(inputs[0]!.taints, ["t"]);
  assert.equal(inputs[0]!.trust_score, 0.3);
  assert.deepEqual(inputs[0]!.parents.map(({ roles }) => roles), [["ambient"]]);
});

test("a decision in a nested call sees what the outer call has read: .data launders nothing", async () => {
  const { engine, inputs } = watcher();
  const { kest } = await bench({ policyEngine: engine });
  const secret = kest.originate("x", { taint: ["secret"] });
  const send = kest.verified({ nodeId: "send", enforceRules: ["data.send"] }, (_: string) => 1);
  const outer = kest.verified({ nodeId: "outer" }, async () => {
    await send("before");
    await send(secret.data);
  });
  await outer();
  assert.deepEqual(inputs.map(({ taints }) => taints), [[], ["secret"]]);
});

test("what was read stays read, whatever is called afterwards", async () => {
  const { engine, inputs } = watcher();
  const { kest } = await bench({ policyEngine: engine });
  const fetch = kest.verified({ nodeId: "fetch", addedTaint: ["secret"] }, () => "x");
  const log = kest.verified({ nodeId: "log" }, () => {});
  const send = kest.verified({ nodeId: "send", enforceRules: ["data.send"] }, (_: string) => 1);
  const outer = kest.verified({ nodeId: "outer" }, async () => {
    const text = (await fetch()).data;
    await log();
    await send(text);
    (await log()).data;
    await send(text);
  });
  await outer();
  assert.deepEqual(inputs.map(({ taints }) => taints), [["secret"], ["secret"]]);
});

test("an inner call that raises trust does not raise it for what it was made of", async () => {
  const { kest } = await bench();
  const low = kest.verified({ nodeId: "low", nodeTrustScore: 0.2 }, () => "x");
  const up = kest.verified({ nodeId: "up", trustScoreUpdater: () => 1 }, (_: string) => 1);
  const outer = kest.verified({ nodeId: "outer" }, async () => {
    const value = await low();
    const { data } = value;
    (await up(value)).data;
    return data;
  });
  assert.equal((await outer()).passport.trustScore, 0.2);
});

test("what is originated inside a call rests on the call's ingress", async () => {
  const { kest, events } = await bench();
  const outer = kest.verified({ nodeId: "outer" }, (text: string) => {
    kest.originate(text + "!", { nodeId: "fresh" });
    return 0;
  });
  const result = await outer(kest.originate("x", { taint: ["t"] }));
  const fresh = events.find(({ entry }) => entry.node_id === "fresh")!;
  assert.deepEqual(rolesOf(fresh.passport), { originate: ["ambient"] });
  assert.deepEqual(fresh.entry.accumulated_taint, ["t"]);
  assert.deepEqual(rolesOf(result)["fresh"], ["inner"]);
});

test("a passport with something originated inside a call verifies", async () => {
  const { kest, trust } = await bench();
  const outer = kest.verified({ nodeId: "outer" }, (text: string) => kest.originate(text + "!"));
  const result = await outer(kest.originate("x", { taint: ["t"] }));
  await assertVerifies(result.passport, trust);
});

test("declassify inside a verified call throws", async () => {
  const { kest, signer } = await bench();
  const secret = kest.originate("x", { taint: ["secret"] });
  const outer = kest.verified(
    { nodeId: "outer" },
    () => kest.declassify(secret, { remove: ["secret"], reason: "because", signer }),
  );
  await assert.rejects(outer(), coded("DECLASSIFY", /inside/));
});

test("two instances nested in each other make one lineage", async () => {
  const [one, two] = [await bench(), await bench()];
  const innermost = one.kest.verified({ nodeId: "innermost" }, () => 1);
  const middle = two.kest.verified({ nodeId: "middle" }, () => innermost());
  const outer = one.kest.verified({ nodeId: "outer" }, (_: string) => middle());
  const result = await outer(one.kest.originate("x", { taint: ["t"] }));
  assert.equal(entriesOf(result).length, 4);
  assert.deepEqual(one.events.map(({ entry }) => entry.node_id), [
    "originate",
    "innermost",
    "outer",
  ]);
  const keys = new Set(entriesOf(result).map((entry) => entry.public_key_id));
  assert.equal(keys.size, 2);
  const report = await sealAndVerify(result.passport, trustFor(one.signer, two.signer));
  assert.equal(report.outcome, "verified");
  assert.equal((await sealAndVerify(result.passport, one.trust)).outcome, "unverified");
});

test("sibling calls at the top level do not see each other", async () => {
  const kest = createKest({ signer: await generateKey() });
  const secret = kest.originate("x", { taint: ["secret"] });
  const reader = kest.verified({ nodeId: "reader" }, async () => {
    secret.data;
    await sleep(5);
  });
  const other = kest.verified({ nodeId: "other" }, async () => {
    await sleep(2);
  });
  const [a, b] = await Promise.all([reader(), other()]);
  assert.deepEqual(a.passport.taints, ["secret"]);
  assert.deepEqual(b.passport.taints, []);
});
