/** `kest policy check`, `eval` and `test`: what they print, and with what they end. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type CliIo, main, processIo } from "../lib/cli/main.ts";
import { columnsOf } from "../lib/cli/screen.ts";
import { assertOneLine, kest, type World, world } from "./cli_world.ts";
import { LocalOpaEngine } from "../mod.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const MERGE = 'package p\n\nallow if not "pii" in input.taints\n';
const HELPER = "package q\n\nlow if input.score < 3\n";
const USER = "package r\n\nimport data.q\n\nallow if q.low\n";
const MERGE_TEST = `package p_test

import data.p

test_clean if p.allow with input as {"taints": []}

test_pii if not p.allow with input as {"taints": ["pii"]}
`;

function policyWorld(more: Record<string, string | Uint8Array> = {}): World {
  return world({
    "d/p.rego": MERGE,
    "d/p_test.rego": MERGE_TEST,
    "d/sub/q.rego": HELPER,
    "d/sub/r.rego": USER,
    "d/sub/readme.txt": "not a policy",
    "clean.json": '{"taints":[]}',
    "pii.json": '{"taints":["pii"]}',
    ...more,
  });
}

/** A directory on the disk, gone afterwards. */
async function withDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "kest-policy-"));
  try {
    await use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Runs a command on the disk. */
async function onDisk(
  cwd: string,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const io: CliIo = {
    ...processIo(),
    cwd,
    isTTY: false,
    stdout: (text) => void (out += text),
    stderr: (text) => void (err += text),
  };
  return { code: await main(args, io), out, err };
}

// ---- policy check. ----

test("check compiles everything below a directory as one set", async () => {
  const { code, out, err } = await kest(policyWorld(), "policy", "check", "d");
  assert.deepEqual([code, err], [0, ""]);
  const lines = out.split("\n");
  assert.deepEqual(lines.slice(0, 4), [
    "d/p.rego       data.p, v1",
    "d/p_test.rego  data.p_test, v1",
    "d/sub/q.rego   data.q, v1",
    "d/sub/r.rego   data.r, v1",
  ]);
  assert.match(out, /\nOK {4}4 files compile\n$/);
});

test("check prints the digest that an engine with the policies has", async () => {
  const engine = new LocalOpaEngine();
  engine.addPolicies([["a", MERGE], ["b", HELPER], ["c", USER]]);
  const { out, json } = await kest(policyWorld(), "policy", "check", "d", "--json");
  assert.equal(json.digest, engine.digest);
  assert.deepEqual(Object.keys(json), ["exit", "digest", "files", "errors", "warnings"]);
  assert.deepEqual(json.files[0], { file: "d/p.rego", regoVersion: "v1", package: "data.p" });
  assert.match(out, /^[^\n]+\n$/);
  const old = world({ "o.rego": "package o\n\nallow { input.x }\n" });
  assert.equal(
    (await kest(old, "policy", "check", "o.rego", "--json")).json.files[0].regoVersion,
    "v0",
  );
});

test("check lists all that is wrong, in all files, with line and caret", async () => {
  const place = policyWorld({ "x.rego": "package x\n\nallow if {\n\ty > 1\n\tz > 1\n}\n" });
  const unsafe = await kest(place, "policy", "check", "d", "x.rego");
  assert.equal(unsafe.code, 1);
  assert.match(unsafe.out, /^x\.rego:4:2: rego_unsafe_var_error: var y is unsafe/);
  assert.match(unsafe.out, /\n {6}y > 1\n {6}\^\nx\.rego:5:2: rego_unsafe_var_error: var z/);
  assert.match(unsafe.out, /\nFAIL {2}2 problems in 5 files\n$/);
  place.files.set("y.rego", "package y\n\nallow if {");
  place.files.set("z.rego", "pakage z");
  place.files.set("empty.rego", "");
  const syntax = await kest(place, "policy", "check", "empty.rego", "x.rego", "y.rego", "z.rego");
  assert.equal(syntax.code, 1);
  const where = syntax.out.match(/^\S+: rego_\w+/gm);
  assert.deepEqual(where, [
    "empty.rego:1:1: rego_parse_error",
    "y.rego:3:11: rego_parse_error",
    "z.rego:1:1: rego_parse_error",
  ]);
  const { json } = await kest(place, "policy", "check", "x.rego", "--json");
  assert.equal(json.exit, 1);
  assert.deepEqual(
    json.errors.map((
      { file, row, col }: { file: string; row: number; col: number },
    ) => [file, row, col]),
    [["x.rego", 4, 2], ["x.rego", 5, 2]],
  );
});

test("check warns of rules that allow because a taint is there", async () => {
  const source = 'package w\n\nallow if "ok" in input.taints\n';
  const place = world({ "w.rego": source });
  const warned = await kest(place, "policy", "check", "w.rego");
  assert.equal(warned.code, 0);
  assert.match(warned.out, /^w\.rego:3:10: warning: taint_presence: data\.w\.allow lets through/);
  assert.match(warned.out, /# kest: allow-presence/);
  assert.match(warned.out, /\nOK {4}1 file compiles, 1 warning\n$/);
  const strict = await kest(place, "policy", "check", "w.rego", "--strict", "--json");
  assert.deepEqual([strict.code, strict.json.exit], [1, 1]);
  assert.deepEqual(strict.json.warnings[0].rules, ["data.w.allow"]);
  place.files.set(
    "w.rego",
    source.replace("\n", "\n\n# kest: allow-presence: our own node adds it"),
  );
  const meant = await kest(place, "policy", "check", "w.rego", "--strict");
  assert.deepEqual([meant.code, meant.out.includes("warning")], [0, false]);
});

test("check reads a policy in the language asked for", async () => {
  const place = world({ "o.rego": "package o\n\nallow { input.x }\n", "-": MERGE });
  assert.equal((await kest(place, "policy", "check", "o.rego", "--rego-version", "v0")).code, 0);
  const newer = await kest(place, "policy", "check", "o.rego", "--rego-version=v1");
  assert.equal(newer.code, 1);
  assert.match(newer.out, /`if` keyword is required/);
  const wrong = await kest(place, "policy", "check", "o.rego", "--rego-version", "2");
  assertOneLine(wrong, 2, "--rego-version is v0, v1 or auto, not 2");
  assert.match((await kest(place, "policy", "check", "-")).out, /^- {2}data\.p, v1\n/);
});

test("what cannot be read ends check with 2 and one line", async () => {
  const place = policyWorld({
    "text/readme.md": "x",
    "bad.rego": new Uint8Array([112, 255]),
    "long.rego": "a".repeat(5_000_000),
  });
  const cases: [string[], RegExp][] = [
    [["none.rego"], /cannot read none\.rego: no such file/],
    [["text"], /text: no \*\.rego in this directory or below/],
    [["bad.rego"], /bad\.rego: not valid UTF-8/],
    [["long.rego"], /long\.rego: it is longer than 4194304 bytes/],
    [[], /FILE is missing/],
  ];
  for (const [args, message] of cases) {
    assertOneLine(await kest(place, "policy", "check", ...args), 2, message);
  }
  const many = world(
    Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`m/${i}.rego`, ""])),
  );
  assertOneLine(await kest(many, "policy", "check", "m"), 2, /more than 1000/);
});

test("links are followed, loops end, and each file counts once", {
  skip: process.platform === "win32" ? "links need rights there" : false,
}, () =>
  withDirectory(async (directory) => {
    mkdirSync(join(directory, "d", "real"), { recursive: true });
    writeFileSync(join(directory, "d", "real", "p.rego"), MERGE);
    symlinkSync("..", join(directory, "d", "real", "up"));
    symlinkSync("self", join(directory, "d", "self"));
    symlinkSync("nowhere", join(directory, "d", "dangling"));
    symlinkSync("real/p.rego", join(directory, "d", "zz.rego"));
    const found = await onDisk(directory, "policy", "check", "d", "d/real/p.rego", "d/zz.rego");
    assert.equal(found.code, 0, found.err);
    assert.match(found.out, /^d\/real\/p\.rego {2}data\.p, v1\n/);
    assert.match(found.out, /OK {4}1 file compiles\n$/);
    symlinkSync("circle.rego", join(directory, "d", "circle.rego"));
    const circle = await onDisk(directory, "policy", "check", "d");
    assert.equal(circle.code, 2);
    assert.match(circle.err, /cannot read d\/circle\.rego: its links lead in a circle/);
  }));

// ---- policy eval. ----

function evaluate(place: World, ...args: string[]) {
  return kest(place, "policy", "eval", "--policy", "d", ...args);
}

test("eval prints the value, and only true ends with 0", async () => {
  const place = policyWorld({
    "v.rego": `package v

set contains x if some x in ["b", "a"]

big := input.n

never if input.none
`,
    "n.json": '{"n": 123456789012345678901234567890}',
    "-": '{"taints":["pii"]}',
  });
  const clean = await evaluate(place, "--input", "clean.json", "data.p.allow");
  assert.deepEqual([clean.code, clean.out, clean.err], [0, "true\n", ""]);
  assert.equal((await evaluate(place, "--input", "clean.json", "p/allow")).out, "true\n");
  const pii = await evaluate(place, "--input", "-", "data.p.allow");
  assert.deepEqual([pii.code, pii.out], [3, ""]);
  assert.equal(pii.err, "kest: data.p.allow is undefined: nothing gives it a value\n");
  const v = ["--policy", "v.rego", "--input", "n.json"];
  const set = await evaluate(place, ...v, "data.v.set");
  assert.deepEqual([set.code, set.out], [1, '["a","b"]\n']);
  const big = await evaluate(place, ...v, "data.v.big");
  assert.deepEqual([big.code, big.out], [1, "123456789012345678901234567890\n"]);
  const all = await evaluate(place, ...v, "data.v", "--json");
  assert.equal(all.code, 1);
  assert.match(
    all.out,
    /^\{"exit":1,"rule":"data\.v","defined":true,"value":\{"big":123456789012345678901/,
  );
  const none = await evaluate(place, ...v, "data.v.never", "--json");
  assert.deepEqual([none.code, none.err], [3, ""]);
  assert.deepEqual([none.json.defined, "value" in none.json], [false, false]);
});

test("eval leaves tests in directories out, and the digest is that of the engine", async () => {
  const engine = new LocalOpaEngine({ data: { limit: 3 } });
  engine.addPolicies([["a", MERGE], ["b", HELPER], ["c", USER]]);
  const place = policyWorld({ "data.json": '{"limit":3}' });
  const base = ["--data", "data.json", "--json"];
  const { json } = await evaluate(place, "--input", "clean.json", ...base, "data.p.allow");
  assert.equal(json.policyDigest, engine.digest);
  const limit = await evaluate(place, "--data", "data.json", "data.limit");
  assert.equal(limit.out, "3\n");
  assertOneLine(await evaluate(place, "data.p_test.test_pii"), 2, "no rule data.p_test.test_pii");
  const named = await evaluate(place, "--policy", "d/p_test.rego", "data.p_test.test_pii");
  assert.equal(named.code, 0);
});

test("eval sees the time of the call", async () => {
  const place = world({ "t.rego": "package t\n\nnow := time.now_ns()\n" });
  place.now = 1_700_000_000_000;
  const { out } = await kest(place, "policy", "eval", "--policy", "t.rego", "data.t.now");
  assert.equal(out, "1700000000000000000\n");
});

test("eval prints what policies print to standard error, escaped", async () => {
  const place = world({ "t.rego": 'package t\n\nx if print("seen \\u001b[2J", 1)\n' });
  const command = ["policy", "eval", "--policy", "t.rego", "data.t.x"];
  const { out, err } = await kest(place, ...command);
  assert.deepEqual([out, err], ["true\n", "seen \\u{1b}[2J 1\n"]);
  assert.deepEqual((await kest(place, ...command, "--json")).json.printed, ["seen \u001b[2J 1"]);
});

test("what cannot be evaluated ends with 2 and says what to do", async () => {
  const place = policyWorld({
    "bad.json": "[1,",
    "dup.json": '{"a":1,"a":2}',
    "list.json": "[]",
    "f.rego": "package f\n\ng(x) := x\n\nconflict := 1\n\nconflict := 2\n",
    "deep.json": "[".repeat(5_000) + "]".repeat(5_000),
  });
  const cases: [string[], RegExp][] = [
    [["data.p.alow"], /no rule data\.p\.alow; did you mean data\.p\.allow\?/],
    [["p/alow"], /no rule data\.p\.alow; did you mean data\.p\.allow\?/],
    [["low"], /low is no rule: write data\.package\.rule; did you mean data\.q\.low\?/],
    [["data.zzzzzzzzzzzz"], /no rule data\.zzzzzzzzzzzz; known are data\.p\.allow, data\.q\.low/],
    [["--policy", "f.rego", "data.f.g"], /data\.f\.g is a function; evaluate a rule that calls it/],
    [["--policy", "f.rego", "data.f.conflict"], /eval_conflict_error/],
    [
      ["--input", "bad.json", "data.p.allow"],
      /bad\.json: JSON cannot be read.*--input is one JSON/,
    ],
    [["--input", "dup.json", "data.p.allow"], /dup\.json: .*used twice/],
    [["--input", "deep.json", "data.p.allow"], /deep\.json: .*256/],
    [["--input", "none.json", "data.p.allow"], /cannot read none\.json/],
    [["--data", "list.json", "data.p.allow"], /list\.json: not a JSON object/],
    [["--input", "-", "--data", "-", "data.p.allow"], /only one of/],
    [[], /RULE is missing/],
  ];
  for (const [args, message] of cases) assertOneLine(await evaluate(place, ...args), 2, message);
  assertOneLine(
    await kest(place, "policy", "eval", "data.p.allow"),
    2,
    "--policy FILE|DIR is missing",
  );
  const many = await kest(place, "policy", "evl");
  assertOneLine(many, 2, "unknown command policy evl; did you mean eval?");
});

test("policies that do not compile are told with place, line and caret", async () => {
  const place = world({ "x.rego": "package x\n\nallow if y\n" });
  const command = ["policy", "eval", "--policy", "x.rego", "data.x.allow"];
  const { code, out, err } = await kest(place, ...command);
  assert.deepEqual([code, out], [2, ""]);
  assert.equal(
    err,
    "kest: the policies do not compile\n" +
      "x.rego:3:10: rego_unsafe_var_error: var y is unsafe\n" +
      "  allow if y\n" +
      "           ^\n",
  );
  const { json } = await kest(place, ...command, "--json");
  assert.equal(json.error.code, "POLICY_COMPILE");
  assert.deepEqual([json.error.problems[0].row, json.error.problems[0].col], [3, 10]);
});

// ---- policy test. ----

const TESTS = `package a_test

test_true if true

test_false := false

test_undefined if {
	print("seen", input.x)
	input.x
}

test_number := 1

test_print if print("fine")

todo_test_later if false

test_else if false
else := true
`;

/** Names and outcomes of a run with `--json`. */
function outcomes(result: { json: { tests: { name: string; outcome: string }[] } }): string[] {
  return result.json.tests.map(({ name, outcome }) => `${name.replace(/^.*\./, "")} ${outcome}`);
}

test("test runs every rule that is named so, and fails if one does", async () => {
  const place = world({ "a_test.rego": TESTS });
  const result = await kest(place, "policy", "test", "a_test.rego");
  assert.deepEqual([result.code, result.err], [1, ""]);
  assert.equal(
    result.out,
    `PASS   data.a_test.test_true        a_test.rego:3
FAIL   data.a_test.test_false       a_test.rego:5
       it is false, not true
FAIL   data.a_test.test_undefined   a_test.rego:7
       it is undefined: a part is not true
       print: seen <undefined>
FAIL   data.a_test.test_number      a_test.rego:12
       it is 1, not true
PASS   data.a_test.test_print       a_test.rego:14
SKIP   data.a_test.todo_test_later  a_test.rego:16
PASS   data.a_test.test_else        a_test.rego:18

FAIL  3 passed, 3 failed, 1 skipped
`,
  );
  const verbose = await kest(place, "policy", "test", "a_test.rego", "--verbose");
  assert.match(verbose.out, /test_print .*\n {7}print: fine\n/);
  const json = await kest(place, "policy", "test", "a_test.rego", "--json");
  assert.equal(json.code, 1);
  assert.deepEqual(
    [json.json.passed, json.json.failed, json.json.errors, json.json.skipped],
    [3, 3, 0, 1],
  );
  assert.deepEqual(json.json.tests[2].printed, ["seen <undefined>"]);
});

test("test passes where all pass, and never where nothing ran", async () => {
  const place = policyWorld({ "todo.rego": "package t\n\ntodo_test_x if true\n" });
  const all = await kest(place, "policy", "test", "d");
  assert.deepEqual([all.code, all.out.split("\n").at(-2)], [0, "OK    2 passed, 0 failed"]);
  const one = await kest(place, "policy", "test", "d", "--run", "p_test.test_p");
  assert.equal(one.out.split("\n").at(-2), "OK    1 passed, 0 failed");
  const cases: [string[], RegExp][] = [
    [["d", "--run", "none"], /^FAIL {2}No test found whose name contains none\n$/],
    [["d/p.rego"], /^FAIL {2}No test found: a test is a rule whose name begins with test_\n$/],
    [["todo.rego"], /\nFAIL {2}0 passed, 0 failed, 1 skipped\n$/],
  ];
  for (const [args, message] of cases) {
    const { code, out } = await kest(place, "policy", "test", ...args);
    assert.equal(code, 1, args.join(" "));
    assert.match(out, message);
  }
});

test("what could pass for another test is an error", async () => {
  const source = `package e_test

test_twice if 1 == 1

test_twice if 1 == 2

test_set contains 1

test_cases[name] := true if some name in ["a"]

test_function(x) := x

test_conflict := 1 if true
else := true

test_parts.one if true

default test_default := false

test_default if true
`;
  const result = await kest(world({ "e.rego": source }), "policy", "test", "e.rego", "--json");
  assert.equal(result.code, 1);
  assert.deepEqual(outcomes(result as never), [
    "test_twice error",
    "test_set error",
    "test_cases error",
    "test_function error",
    "test_conflict fail",
    "one error",
    "test_default pass",
  ]);
  assert.match(result.json.tests[0].detail, /^e\.rego:5 has the same name/);
});

test("a test whose evaluation fails is an error", async () => {
  const source = `package e_test

f(x) := 1 if x

f(x) := 2 if x

test_f if f(true) == 1
`;
  const result = await kest(world({ "e.rego": source }), "policy", "test", "e.rego");
  assert.equal(result.code, 1);
  assert.match(result.out, /^ERROR {2}data\.e_test\.test_f {2}e\.rego:7\n {7}eval_conflict_error/);
  assert.match(result.out, /\nFAIL {2}0 passed, 0 failed, 1 error\n$/);
});

test("test sees data, and does not run what does not compile", async () => {
  const place = world({
    "t.rego": "package t\n\ntest_limit if data.limit == 3\n",
    "data.json": '{"limit":3}',
    "x.rego": "package x\n\ntest_x if y\n",
  });
  assert.equal((await kest(place, "policy", "test", "t.rego", "--data", "data.json")).code, 0);
  assert.equal((await kest(place, "policy", "test", "t.rego")).code, 1);
  const broken = await kest(place, "policy", "test", "t.rego", "x.rego");
  assert.deepEqual([broken.code, broken.out], [2, ""]);
  assert.match(
    broken.err,
    /^kest: the policies do not compile\nx\.rego:3:11: rego_unsafe_var_error/,
  );
});

test("the shipped tests pass", async () => {
  const { code, out, err } = await onDisk(ROOT, "policy", "test", "policies");
  assert.equal(code, 0, out + err);
  assert.match(out, /\nOK {4}12 passed, 0 failed\n$/);
});

/** What `opa test` says, as names and outcomes; `undefined` without `opa`. */
function opaTests(cwd: string, ...args: string[]): string[] | undefined {
  const { error, stdout } = spawnSync("opa", ["test", "-f", "json", ...args], {
    cwd,
    encoding: "utf8",
  });
  if (error && "code" in error && error.code === "ENOENT") return undefined;
  const results: { name: string; fail?: boolean; skip?: boolean }[] = JSON.parse(stdout);
  return results.map(({ name, fail, skip }) =>
    `${name} ${fail ? "fail" : skip ? "skipped" : "pass"}`
  );
}

test("opa test comes to the same", () =>
  withDirectory(async (directory) => {
    writeFileSync(join(directory, "a_test.rego"), TESTS);
    const runs = [[directory, "."], [ROOT, "--ignore", "*.json", "policies"]] as const;
    for (const [cwd, ...args] of runs) {
      const expected = opaTests(cwd, ...args);
      if (expected === undefined) return console.log("Left out: opa test; there is no opa on PATH");
      const { out } = await onDisk(cwd, "policy", "test", args.at(-1)!, "--json");
      assert.deepEqual(outcomes({ json: JSON.parse(out) }).sort(), expected.sort());
    }
  }));

// ---- What reaches the terminal. ----

// deno-lint-ignore no-control-regex
const HOSTILE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/;
const EVIL = "evil\u001b[2J\u202e\u0007\u009b";

test("hostile names and texts of policies never reach the output raw", async () => {
  const name = `${EVIL}.rego`;
  const place = world({
    [name]: `package p["evil\\u001b[2J"]\n\nallow if "a" in input.taints # ${EVIL}\n\n` +
      `test_x if { print("evil\\u001b\\u202e"); false }\n\nvalue := "evil\\u001b[2J"\n`,
    [`bad${name}`]: `package p\n\nallow if { \t${"\u202e"}y := 1; "evil" }; evil${"\u202e"}\n`,
    "in.json": `{"evil${EVIL}`,
  });
  const commands = [
    ["check", name],
    ["check", `bad${name}`],
    ["check", `none${EVIL}`],
    ["test", name],
    ["test", name, "--run", "evil"],
    ["eval", "--policy", name, 'data.p["evil\\u001b[2J"].value'],
    ["eval", "--policy", name, `data.${EVIL}`],
    ["eval", "--policy", `bad${name}`, `data.${EVIL}`],
    ["eval", "--policy", name, "--input", "in.json", 'data.p["evil\\u001b[2J"].value'],
    ["check", name, "--rego-version", EVIL],
  ];
  for (const command of commands) {
    for (const json of [[], ["--json"]]) {
      const { out, err } = await kest(place, "policy", ...command, ...json);
      assert.doesNotMatch(out, HOSTILE, command.join(" "));
      assert.doesNotMatch(err, HOSTILE, command.join(" "));
      assert((out + err).includes("evil"), command.join(" "));
    }
  }
});

test("everything fits a narrow terminal, and nothing is cut elsewhere", async () => {
  const long = `package l\n\nallow if { ${"input.aaaaaaa; ".repeat(8)}nothing }\n`;
  const place = policyWorld({
    "l.rego": long,
    "a_test.rego": TESTS,
    "w.rego": MERGE.replace("not ", ""),
  });
  const commands = [
    ["help", "policy", "check"],
    ["help", "policy", "eval"],
    ["help", "policy", "test"],
    ["help"],
    ["policy", "check", "d", "w.rego"],
    ["policy", "check", "l.rego"],
    ["policy", "test", "a_test.rego"],
  ];
  for (const command of commands) {
    place.isTTY = false;
    const piped = (await kest(place, ...command)).out;
    assert(!piped.includes("\x1b") && !piped.includes("…"), command.join(" "));
    place.isTTY = true;
    place.columns = 40;
    place.env = { NO_COLOR: "1" };
    const { out } = await kest(place, ...command);
    const wide = out.split("\n").filter((line) => columnsOf(line) > 40);
    assert.deepEqual(wide, [], command.join(" "));
  }
  const { out } = await kest(place, "policy", "check", "l.rego");
  assert.match(out, /\n {2}….*nothing.*\n *\^\n/);
  const [, pointed, caret] = /\n( {2}….*)\n( *\^)\n/.exec(out)!;
  assert.equal(pointed!.slice(caret!.length - 1, caret!.length + 6), "nothing");
});

test("help names the policy commands, their options and exit codes", async () => {
  const all = await kest(world(), "help");
  for (const name of ["policy check", "policy eval", "policy test", "replay"]) {
    assert(all.out.includes(`\n  ${name}`), name);
    const one = await kest(world(), "help", ...name.split(" "));
    assert(one.out.includes(`Usage: kest ${name} `), name);
    assert.match(one.out, /--rego-version v0\|v1\|auto/);
    assert.match(one.out, /\nExit codes: 0 /);
    assert.deepEqual(await kest(world(), ...name.split(" "), "-h"), one);
  }
  assert.match(
    (await kest(world(), "help", "policy", "check")).out,
    /check FILE \.\.\. \[options\]/,
  );
  assert.deepEqual(await kest(world(), "help", "policy"), all);
  assertOneLine(await kest(world(), "policy"), 2, "policy needs a command: check or eval or test");
});
