/** `kest replay`: what became of decisions on record, and with what it ends. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { columnsOf } from "../lib/cli/screen.ts";
import { assertOneLine, kest, type World, world } from "./cli_world.ts";
import {
  createKest,
  type Kest,
  LocalOpaEngine,
  type Passport,
  type PolicyEngine,
  PolicyViolationError,
  WasmOpaEngine,
} from "../mod.ts";

const MERGE = 'package p\n\nallow if not "pii" in input.taints\n';
const MERGE_TEST = "package p_test\n\ntest_x if true\n";
const WASM = readFileSync(new URL("../policies/quickstart.wasm", import.meta.url));
const FLOW = readFileSync(new URL("../policies/kest_policy.rego", import.meta.url), "utf8");

function localEngine(...sources: string[]): LocalOpaEngine {
  const engine = new LocalOpaEngine();
  engine.addPolicies(sources.map((source, index) => [`${index}`, source]));
  return engine;
}

/** An engine of another kind that allows everything. */
const YES: PolicyEngine = {
  kind: "yes",
  evaluate: () => ({ value: true, policyDigest: "yes:1" }),
};

function step(made: Kest, rule: string, nodeId = "send") {
  return made.verified({ nodeId, enforceRules: [rule] }, (x: number) => x);
}

/** A passport with one decision; a denied one's if the step is denied. */
async function decided(
  engine: PolicyEngine,
  rule: string,
  taint: string[] = [],
): Promise<Passport> {
  const made = createKest({ policyEngine: engine });
  try {
    return (await step(made, rule)(made.originate(1, { taint }))).passport;
  } catch (error) {
    assert(error instanceof PolicyViolationError);
    return error.passport;
  }
}

const ALLOWED = JSON.stringify(await decided(localEngine(MERGE), "data.p.allow"));

function replayWorld(more: Record<string, string | Uint8Array> = {}): World {
  return world({
    "d/p.rego": MERGE,
    "d/p_test.rego": MERGE_TEST,
    "other.rego": `${MERGE}\n# changed\n`,
    "p.json": ALLOWED,
    ...more,
  });
}

function replay(place: World, ...args: string[]) {
  return kest(place, "replay", "p.json", ...args);
}

test("a decision is reproduced under the policies on record, without their tests", async () => {
  const { code, out, err } = await replay(replayWorld(), "--policy", "d");
  assert.deepEqual([code, err], [0, ""]);
  assert.equal(
    out,
    `REPRODUCED  p.json
  reproduced      send: data.p.allow
                  recorded allow, replayed allow; the same policy

1 reproduced, 0 different, 0 not replayable

Policies   ${localEngine(MERGE).digest}
This is not a verification: kest verify p.json checks it.
`,
  );
});

test("a denial is reproduced too", async () => {
  const denied = await decided(localEngine(MERGE), "data.p.allow", ["pii"]);
  const place = replayWorld({ "p.json": JSON.stringify(denied) });
  const { code, out } = await replay(place, "--policy", "d");
  assert.equal(code, 0);
  assert.match(out, /recorded deny \(undefined\), replayed deny \(undefined\); the same policy/);
});

test("other policies of the same kind replay nothing, and the digests are told", async () => {
  const { code, out } = await replay(replayWorld(), "--policy", "other.rego");
  assert.equal(code, 3);
  assert.match(out, /^NOT REPLAYED {2}p\.json\n {2}not replayable {2}send: data\.p\.allow\n/);
  assert.match(out, /recorded allow, not evaluated; another policy/);
  assert(out.includes(`On record  ${localEngine(MERGE).digest}\nGive exactly the files`));
  const named = await replay(replayWorld(), "--policy", "d", "--policy", "d/p_test.rego");
  assert.equal(named.code, 3);
});

test("data belongs to the policies", async () => {
  const engine = new LocalOpaEngine({ data: { limit: 3 } });
  engine.addPolicy("p", MERGE);
  const place = replayWorld({
    "p.json": JSON.stringify(await decided(engine, "data.p.allow")),
    "data.json": '{"limit":3}',
  });
  assert.equal((await replay(place, "--policy", "d", "--data", "data.json")).code, 0);
  assert.equal((await replay(place, "--policy", "d")).code, 3);
});

test("policies of another kind are never taken for the same", async () => {
  const rule = "data.kest.policy.allow";
  const place = replayWorld({
    "flow.rego": FLOW,
    "flow.wasm": WASM,
    "p.json": JSON.stringify(await decided(await WasmOpaEngine.load(WASM), rule)),
  });
  const source = await replay(place, "--policy", "flow.rego");
  assert.equal(source.code, 0);
  assert.match(source.out, /policy digests of different kinds \(wasm on record, rego here\)/);
  assert.match(source.out, /\nOf 1 only the result is the same: whether the policy is/);
  assert(!source.out.includes("the same policy"));
  const compiled = await replay(place, "--wasm", "flow.wasm");
  assert.equal(compiled.code, 0);
  assert.match(compiled.out, /replayed allow; the same policy/);
});

test("a decision that comes out otherwise ends with 1", async () => {
  const passport = await decided(YES, "data.p.allow", ["pii"]);
  const place = replayWorld({ "p.json": JSON.stringify(passport) });
  const { code, out } = await replay(place, "--policy", "d");
  assert.equal(code, 1);
  assert.match(out, /^DIFFERENT {2}p\.json\n {2}different {7}send: data\.p\.allow\n/);
  assert.match(out, /recorded allow, replayed deny \(undefined\)/);
  assert.match(out, /It is allow on record, and deny now: the rule has no value\./);
  const [id] = Object.values(passport.history).filter((entry) => entry.node_id === "send");
  assert(out.includes(`entry ${id!.entry_id}`));
});

test("an input that the entries do not come to is different", async () => {
  const passport = JSON.parse(ALLOWED);
  // deno-lint-ignore no-explicit-any
  const sent: any = Object.values(passport.history).find((e: any) => e.decisions.length > 0);
  sent.decisions[0].time_ms++;
  const { code, out } = await replay(
    replayWorld({ "p.json": JSON.stringify(passport) }),
    "--policy",
    "d",
  );
  assert.equal(code, 1);
  assert.match(out, /recorded allow, not evaluated; the same policy/);
  assert.match(out, /It saw another input document than the entries come to\./);
});

test("nothing vacuous is reproduced", async () => {
  const place = replayWorld();
  place.files.set("p.json", JSON.stringify(createKest().originate(1).passport));
  const none = await replay(place, "--policy", "d");
  assert.equal(none.code, 3);
  assert.match(none.out, /^NOT REPLAYED {2}p\.json\n\nNo entry records a decision/);
  place.files.set("p.json", ALLOWED);
  place.files.set("q.rego", "package q\n\nallow := true\n");
  const unknown = await replay(place, "--policy", "q.rego");
  assert.equal(unknown.code, 3);
  assert.match(unknown.out, /The engine has no rule data\.p\.allow\./);
});

test("inline rules are replayed, and have a digest of their own", async () => {
  const made = createKest({ policyEngine: localEngine(MERGE) });
  const rules = 'package x\n\nallow if input.node_id == "send"\n';
  const value = made.originate(1, { inlineRules: rules });
  const { passport } = await step(made, "data.p.allow")(value);
  const { code, json } = await replay(
    replayWorld({ "p.json": JSON.stringify(passport) }),
    "--policy",
    "d",
    "--json",
  );
  assert.equal(code, 0);
  const inline = json.decisions.filter((each: { decision: { reference: string } }) =>
    each.decision.reference === "inline_rules"
  );
  assert(inline.length > 0);
  for (const each of inline) assert.deepEqual([each.status, each.samePolicy], ["reproduced", true]);
});

test("decisions that saw arguments need them", async () => {
  const source = "package a\n\nallow if input.arguments[0] == 7\n";
  const made = createKest({ policyEngine: localEngine(source), inputProfile: "arguments" });
  const { passport } = await step(made, "data.a.allow")(made.originate(7));
  const sent = Object.values(passport.history).find((entry) => entry.node_id === "send")!;
  const place = replayWorld({
    "p.json": JSON.stringify(passport),
    "a.rego": source,
    "args.json": JSON.stringify({ [sent.entry_id]: [7] }),
    "other.json": JSON.stringify({ [sent.entry_id]: [8] }),
    "single.json": JSON.stringify({ [sent.entry_id]: 7 }),
    "stray.json": '{"x":[7]}',
    "list.json": "[7]",
  });
  const without = await replay(place, "--policy", "a.rego");
  assert.equal(without.code, 3);
  assert.match(without.out, /It saw the arguments, which are not in a passport\./);
  const given = (file: string) => replay(place, "--policy", "a.rego", "--arguments", file);
  assert.equal((await given("args.json")).code, 0);
  const other = await given("other.json");
  assert.equal(other.code, 3);
  assert.match(other.out, /not the arguments of the entry: argument 0 is another/);
  assertOneLine(await given("single.json"), 2, `${sent.entry_id} is no array; --arguments is`);
  assertOneLine(await given("stray.json"), 2, "x is no entry of the passport");
  assertOneLine(await given("list.json"), 2, "list.json: not a JSON object");
});

test("decisions alike are told once, and JSON has all of them", async () => {
  const made = createKest({ policyEngine: localEngine(MERGE) });
  const again = step(made, "data.p.allow", "again");
  let value = made.originate(1);
  for (let i = 0; i < 30; i++) value = await again(value);
  const place = replayWorld({ "p.json": JSON.stringify(value.passport) });
  const { out } = await replay(place, "--policy", "d");
  assert.match(out, /^ {2}reproduced {6}again: data\.p\.allow {2}\(30 times\)$/m);
  assert.equal(out.match(/again/g)?.length, 1);
  const { json } = await replay(place, "--policy", "d", "--json");
  assert.deepEqual(
    [json.exit, json.reproduced, json.different, json.notReplayable, json.decisions.length],
    [0, 30, 0, 0, 30],
  );
  assert.equal(json.policyDigest, localEngine(MERGE).digest);
  assert.deepEqual(Object.keys(json.decisions[0]), [
    ...["entryId", "nodeId", "index", "status", "reason", "result", "cause", "samePolicy"],
    ...["sentence", "rule", "decision"],
  ]);
});

test("progress is for terminals, and leaves nothing behind", async () => {
  const place = replayWorld();
  let now = 0;
  Object.defineProperty(place, "now", { get: () => now += 5_000 });
  assert.equal((await replay(place, "--policy", "d")).err, "");
  place.errorIsTTY = true;
  const { err, out } = await replay(place, "--policy", "d");
  const line = "1 of 1 decisions replayed";
  assert.equal(err, `\r${line}\r${" ".repeat(line.length)}\r`);
  assert(!out.includes("\r"));
});

test("what cannot be replayed at all ends with one line", async () => {
  const place = replayWorld({
    "bad.json": "hello",
    "bad.wasm": "hello",
    "bad.rego": "package b\n\nallow if x\n",
    "python.json": JSON.stringify({
      origin: { user_id: "u", session_id: "s" },
      history: {},
      signature: "",
      public_key_id: "",
    }),
  });
  const cases: [string[], number, RegExp][] = [
    [["p.json"], 2, /--policy FILE\|DIR is missing/],
    [["p.json", "--policy", "d", "--wasm", "bad.wasm"], 2, /exclude each other/],
    [["p.json", "--wasm", "bad.wasm"], 2, /bad\.wasm: .*give a policy\.wasm/],
    [["-", "--policy", "-"], 2, /only one file can be standard input/],
    [["p.json", "--policy", "none"], 2, /cannot read none/],
    [["none.json", "--policy", "d"], 2, /cannot read none\.json/],
    [["bad.json", "--policy", "d"], 2, /bad\.json: .*JSON\.stringify\(passport\)/],
    [["python.json", "--policy", "d"], 3, /Python package record no decisions/],
    [["p.json", "--polcy", "d"], 2, /did you mean --policy\?/],
  ];
  for (const [args, code, message] of cases) {
    assertOneLine(await kest(place, "replay", ...args), code, message);
  }
  const broken = await replay(place, "--policy", "bad.rego");
  assert.equal(broken.code, 2);
  assert.match(broken.err, /^kest: the policies do not compile\nbad\.rego:3:10: rego_unsafe_var/);
  const edited = JSON.parse(ALLOWED);
  delete edited.seals;
  place.files.set("p.json", JSON.stringify(edited));
  assertOneLine(await replay(place, "--policy", "d"), 1, "seals");
});

test("replay fits a narrow terminal and escapes what a passport names", async () => {
  const evil = "evil\u001b[2J\u202e";
  const made = createKest({ policyEngine: YES });
  const { passport } = await step(made, `data.p["${evil}"]`)(made.originate(1));
  const place = replayWorld({ "p.json": JSON.stringify(passport) });
  place.columns = 40;
  place.isTTY = true;
  place.env = { NO_COLOR: "1" };
  for (const args of [["--policy", "d"], ["--policy", "other.rego", "--json"]]) {
    const { out } = await replay(place, ...args);
    assert.match(out, /evil\\u/);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/);
    const wide = out.split("\n").filter((line) => columnsOf(line) > 40);
    if (!args.includes("--json")) assert.deepEqual(wide, []);
  }
  const help = (await kest(place, "help", "replay")).out.split("\n");
  assert.deepEqual(help.filter((line) => columnsOf(line) > 40), []);
});
