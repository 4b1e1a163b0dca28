// What every engine must do, whichever of the three it is.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { KestError } from "../lib/base/errors.ts";
import type { PolicyEngine, PolicyRequest } from "../lib/policy/engine.ts";
import { RemoteOpaEngine } from "../lib/policy/remote_opa.ts";
import { WasmOpaEngine } from "../lib/policy/wasm_opa.ts";
import { LocalOpaEngine } from "../lib/rego/local_opa.ts";
import { createKest, originate, PolicyViolationError, replayDecisions } from "../mod.ts";
import { MISSING, withServer } from "./opa_server.ts";

const REGO = readFileSync(new URL("fixtures/engine.rego", import.meta.url), "utf8");
const WASM = new Uint8Array(readFileSync(new URL("fixtures/engine.wasm", import.meta.url)));
const DATA = { config: { limit: 5 } };
const SEED = "000102030405060708090a0b0c0d0e0f";

type Use = (engine: PolicyEngine) => Promise<void>;

function local(): LocalOpaEngine {
  const engine = new LocalOpaEngine({ data: DATA });
  engine.addPolicy("engine.rego", REGO);
  return engine;
}

/** Each kind of engine, over the same rules and data. */
const ENGINES: Readonly<Record<string, (use: Use) => Promise<void>>> = {
  "opa-local": (use) => use(local()),
  "opa-wasm": async (use) => use(await WasmOpaEngine.load(WASM, { data: DATA })),
  "opa-remote": (use) =>
    withServer(["engine.rego", "data.json"], {
      files: { "engine.rego": REGO, "data.json": JSON.stringify(DATA) },
    }, ({ url }) => use(new RemoteOpaEngine(url))),
};

/** Rules, or rules with an input, that an engine leaves out, each with the reason. */
const LEFT_OUT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "opa-remote": {
    now: "a server has its own clock",
    dice: "a server has its own randomness",
    id: "a server has its own randomness",
    "echo null": "a server takes null for no input",
  },
};

function request(rule: string, input: unknown, more: Partial<PolicyRequest> = {}): PolicyRequest {
  const { signal } = new AbortController();
  return {
    rule: `data.engine.${rule}`,
    inputText: JSON.stringify(input),
    timeMs: 1_763_850_000_123,
    seed: SEED,
    signal,
    ...more,
  };
}

/** Rule, input, value; `Error` where the evaluation must fail. */
const CASES: readonly (readonly [rule: string, input: unknown, value: unknown])[] = [
  ["allow", { ok: true }, true],
  ["allow", { ok: false }, undefined],
  ["allow", { ok: "true" }, undefined],
  ["allow", {}, undefined],
  ["allow", null, undefined],
  ["allow_unless", {}, true],
  ["allow_unless", { stop: true }, undefined],
  ["allow_unless", { stop: false }, true],
  ["missing", {}, undefined],
  ["missing", { no: { such: { field: 0 } } }, 0],
  ["conflict", { a: true }, 1],
  ["conflict", { a: true, b: true }, Error],
  ["echo", false, false],
  ["echo", null, null],
  ["echo", [0, "", 0.1, "é\u{1F600}a\0b", [], {}], [0, "", 0.1, "é\u{1F600}a\0b", [], {}]],
  ["echo", { constructor: 1, toString: [{}] }, { constructor: 1, toString: [{}] }],
  ["unique", { xs: [3, 1, 3, "a"] }, [1, 3, "a"]],
  ["unique", { xs: "no" }, []],
  ["formatted", { n: 2, name: "é" }, "2 of é"],
  ["limit", {}, 5],
  ["many", { n: 100 }, 100],
  ["now", {}, 1_763_850_000_123_000_000],
  ["dice", { key: "k", sides: 6 }, 4],
  ["dice", { key: 1, sides: 6 }, undefined],
  ["id", { key: "k" }, "10d355b0-a9b3-4d7c-8c9b-ebed7a7c6d7b"],
];

async function valueOf(engine: PolicyEngine, asked: PolicyRequest): Promise<unknown> {
  const { value } = await engine.evaluate(asked);
  return typeof value === "bigint" ? Number(value) : value;
}

/** Without opa: says so, and checks that there is a reason to. */
function isLeftOut(kind: string, t: TestContext): boolean {
  if (kind !== "opa-remote" || MISSING === undefined) return false;
  t.diagnostic(`Left out: ${MISSING}`);
  assert.match(MISSING, /^opa /);
  return true;
}

for (const [kind, withEngine] of Object.entries(ENGINES)) {
  test(`${kind}: rules have the values that Rego gives them`, async (t) => {
    if (isLeftOut(kind, t)) return;
    await withEngine(async (engine) => {
      assert.equal(engine.kind, kind);
      for (const [rule, input, expected] of CASES) {
        const reason = LEFT_OUT[kind]?.[rule] ??
          LEFT_OUT[kind]?.[`${rule} ${JSON.stringify(input)}`];
        if (reason) {
          t.diagnostic(`Left out: ${rule}: ${reason}`);
        } else if (expected === Error) {
          await assert.rejects(async () => await engine.evaluate(request(rule, input)), KestError);
        } else {
          assert.deepEqual(await valueOf(engine, request(rule, input)), expected, rule);
        }
      }
    });
  });

  test(`${kind}: what is not JSON is an error, not an empty input`, async (t) => {
    if (isLeftOut(kind, t)) return;
    await withEngine(async (engine) => {
      for (const inputText of ["", "xx", '{"stop":true', '{"stop":true} x', "\ufeff{}", "{}{}"]) {
        await assert.rejects(
          async () => await engine.evaluate(request("allow_unless", 0, { inputText })),
          (error) => error instanceof KestError && error.code === "POLICY_EVALUATION",
          inputText,
        );
      }
      assert.equal(await valueOf(engine, request("allow", { ok: true })), true);
    });
  });

  test(`${kind}: what is no rule never allows`, async (t) => {
    if (isLeftOut(kind, t)) return;
    await withEngine(async (engine) => {
      for (const rule of ["other", "__proto__", "constructor", "allow.x"]) {
        const value = await valueOf(engine, request(rule, { ok: true })).catch(() => undefined);
        assert.equal(value, undefined, rule);
      }
      for (const rule of ["", "data", "data.", "data.engine.allow; true", "input.ok", "true"]) {
        await assert.rejects(
          async () => await engine.evaluate({ ...request("", { ok: true }), rule }),
          (error) => error instanceof KestError && error.code === "POLICY_EVALUATION",
          rule,
        );
      }
    });
  });

  test(`${kind}: an aborted request is not evaluated`, async (t) => {
    if (isLeftOut(kind, t)) return;
    await withEngine(async (engine) => {
      const signal = AbortSignal.abort();
      await assert.rejects(
        async () => await engine.evaluate(request("allow", { ok: true }, { signal })),
        (error) => error instanceof KestError && error.code === "POLICY_EVALUATION",
      );
    });
  });

  test(`${kind}: evaluations at the same time do not see each other`, async (t) => {
    if (isLeftOut(kind, t)) return;
    await withEngine(async (engine) => {
      const values = await Promise.all(
        Array.from({ length: 40 }, (_, i) => valueOf(engine, request("echo", { i }))),
      );
      assert.deepEqual(values, Array.from({ length: 40 }, (_, i) => ({ i })));
    });
  });

  test(`${kind}: enforces a step, and its decisions are replayed`, async (t) => {
    if (isLeftOut(kind, t)) return;
    await withEngine(async (policyEngine) => {
      const { verified } = createKest({ policyEngine });
      const enforceRules = ["data.engine.allow_unless"];
      const step = verified({ nodeId: "step", enforceRules }, (x: number) => x + 1);
      const done = await step(originate(1));
      assert.equal(done.data, 2);
      const [decision] = done.passport.heads[0]!.decisions;
      assert.equal(decision!.engine, kind);
      assert.equal(decision!.result, "allow");
      const replayed = await replayDecisions(done.passport, policyEngine);
      assert.equal(replayed.reproduced, 1);
      assert.equal(
        replayed.decisions[0]!.samePolicy,
        decision!.policy_digest === null ? null : true,
      );
      const strict = verified({ nodeId: "strict", enforceRules: ["data.engine.allow"] }, () => 0);
      await assert.rejects(() => strict(), PolicyViolationError);
    });
  });
}

test("LocalOpaEngine and WasmOpaEngine make the same random values", async () => {
  const wasm = await WasmOpaEngine.load(WASM, { data: DATA });
  for (
    const [rule, input] of [["dice", { key: "k", sides: 1000 }], ["id", { key: "x" }]] as const
  ) {
    const seed = "f".repeat(32);
    const asked = request(rule, input, { seed });
    assert.equal(await valueOf(local(), asked), await valueOf(wasm, asked), rule);
  }
});
