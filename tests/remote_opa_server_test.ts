// RemoteOpaEngine against the opa binary; without it these tests only say so.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createKest, PolicyViolationError } from "../mod.ts";
import type { PolicyRequest } from "../lib/policy/engine.ts";
import { RemoteOpaError } from "../lib/policy/remote_errors.ts";
import { RemoteOpaEngine } from "../lib/policy/remote_opa.ts";
import { PolicyCompileError } from "../lib/rego/errors.ts";
import { MISSING, start, withServer } from "./opa_server.ts";

const POLICY = `package mail

allow if "checked" in input.taints

echo := input

big := numbers.range(1, input.n)

parts["a/b ä"] := "odd"

year := time.parse_ns("2006", input.year)

conflict := 1 if input.a

conflict := 2 if input.b
`;

// What `opa run --authorization=basic` asks about each request.
const AUTHORIZATION = `package system.authz

default allow := false

allow if input.identity == "right-token"

allow if input.path == ["health"]
`;

function request(rule: string, input: unknown): PolicyRequest {
  const { signal } = new AbortController();
  const seed = "000102030405060708090a0b0c0d0e0f";
  return { rule, inputText: JSON.stringify(input), timeMs: 1_763_850_000_123, seed, signal };
}

async function valueOf(engine: RemoteOpaEngine, rule: string, input: unknown): Promise<unknown> {
  return (await engine.evaluate(request(rule, input))).value;
}

async function errorOf(promise: Promise<unknown>): Promise<RemoteOpaError> {
  const thrown = await promise.then(() => assert.fail("It did not reject"), (e: unknown) => e);
  assert.ok(thrown instanceof RemoteOpaError, String(thrown));
  return thrown;
}

interface Diagnosed {
  diagnostic(message: string): void;
}

/** Without opa: says so, and checks that there is a reason to. */
function assertLeftOut(t: Diagnosed): void {
  assert.match(MISSING ?? "", /^opa /);
  t.diagnostic(`Left out: ${MISSING}`);
}

const BUNDLE = {
  "main/.manifest": JSON.stringify({ revision: "r-7", roots: ["mail"] }),
  "main/mail/policy.rego": POLICY,
};
const BUNDLED = ["-b", "main", "--set", "decision_logs.console=true"];

test("OPA's answers: values, undefined, encoded parts, errors", async (t) => {
  if (MISSING !== undefined) return assertLeftOut(t);
  await withServer(["policy.rego"], { files: { "policy.rego": POLICY } }, async ({ url }) => {
    const engine = new RemoteOpaEngine(url, { gzipFrom: 1024, maxResponseBytes: 100_000 });
    const allowed = await engine.evaluate(request("data.mail.allow", { taints: ["checked"] }));
    assert.deepEqual(allowed, { value: true, policyDigest: null });
    assert.equal(await valueOf(engine, "data.mail.allow", { taints: [] }), undefined);
    assert.equal(await valueOf(engine, "data.nothing.here", {}), undefined);
    assert.equal(await valueOf(engine, 'data.mail.parts["a/b ä"]', {}), "odd");
    const input = { n: [1, 0.5, null, true], "é": "\u{1F600}".repeat(5_000) };
    assert.deepEqual(await valueOf(engine, "data.mail.echo", input), input);
    const large = await errorOf(valueOf(engine, "data.mail.big", { n: 50_000 }));
    assert.equal(large.reason, "too-large");
    const conflict = await errorOf(valueOf(engine, "data.mail.conflict", { a: true, b: true }));
    assert.deepEqual([conflict.reason, conflict.status], ["server", 500]);
    assert.equal(conflict.opaCode, "eval_conflict_error");
    assert.equal(await valueOf(engine, "data.mail.year", { year: "x" }), undefined);
    const strict = new RemoteOpaEngine(url, { strictBuiltinErrors: true });
    const failed = await errorOf(valueOf(strict, "data.mail.year", { year: "x" }));
    assert.equal(failed.opaCode, "eval_builtin_error");
  });
});

test("a bundle's revision and OPA's decision id are on record", async (t) => {
  if (MISSING !== undefined) return assertLeftOut(t);
  await withServer(BUNDLED, { files: BUNDLE }, async ({ url }) => {
    const kest = createKest({ policyEngine: new RemoteOpaEngine(url) });
    const send = kest.verified(
      { nodeId: "send", enforceRules: ["data.mail.allow"], inputProfile: "history" },
      (text: string) => `sent ${text}`,
    );
    const sent = await send(kest.originate("mail", { userId: "u", taint: ["checked"] }));
    const [decision] = sent.passport.heads[0]!.decisions;
    assert.equal(decision!.policy_digest, "remote:revision:main=r-7");
    assert.match(decision!.decision_id ?? "", /^[0-9a-f-]{36}$/);
    const denied = await send("unchecked").catch((e: unknown) => e);
    assert.ok(denied instanceof PolicyViolationError);
    assert.equal(denied.decision.cause, "undefined");
    assert.match(denied.decision.decision_id ?? "", /^[0-9a-f-]{36}$/);
    assert.notEqual(denied.decision.decision_id, decision!.decision_id);
    const options = { allowPolicyWrites: true };
    const owned = await errorOf(new RemoteOpaEngine(url, options).addPolicy("x", "package mail"));
    assert.deepEqual([owned.code, owned.reason, owned.status], ["POLICY_LOAD", "input", 400]);
    assert.match(owned.message, /owned by bundle/);
  });
});

test("addPolicy() adds, replaces and explains", async (t) => {
  if (MISSING !== undefined) return assertLeftOut(t);
  await withServer([], {}, async ({ url }) => {
    const engine = new RemoteOpaEngine(url, { allowPolicyWrites: true });
    assert.equal(await valueOf(engine, "data.pushed.allow", {}), undefined);
    await engine.addPolicy("team/pushed é.rego", 'package pushed\n\nallow := input["é"] == 1\n');
    assert.equal(await valueOf(engine, "data.pushed.allow", { é: 1 }), true);
    assert.equal(await valueOf(engine, "data.pushed.allow", { é: 2 }), false);
    const broken = "package pushed\n\nallow if nobody_knows\n";
    const thrown = await engine.addPolicy("team/pushed é.rego", broken).catch((e: unknown) => e);
    assert.ok(thrown instanceof PolicyCompileError, String(thrown));
    const [{ code, file, row, col, line }] = thrown.issues as [typeof thrown.issues[0]];
    assert.deepEqual(
      { code, file, row, col, line },
      {
        code: "rego_unsafe_var_error",
        file: "team/pushed é.rego",
        row: 3,
        col: 10,
        line: "allow if nobody_knows",
      },
    );
    const unread = await engine.addPolicy("y", "package y\np if {").catch((e: unknown) => e);
    assert.ok(unread instanceof PolicyCompileError, String(unread));
    assert.equal(unread.issues[0]!.code, "rego_parse_error");
    assert.equal(await valueOf(engine, "data.pushed.allow", { é: 1 }), true);
    await engine.addPolicy("team/pushed é.rego", "package pushed\n\nallow := 7\n");
    assert.equal(await valueOf(engine, "data.pushed.allow", {}), 7);
  });
});

test("a restart in the middle is bridged, and what was pushed is gone", async (t) => {
  if (MISSING !== undefined) return assertLeftOut(t);
  const first = await start(["policy.rego"], { files: { "policy.rego": POLICY } });
  const engine = new RemoteOpaEngine(first.url, { allowPolicyWrites: true, retries: 10 });
  const once = new RemoteOpaEngine(first.url, { retries: 0 });
  const input = { taints: ["checked"] };
  try {
    await engine.addPolicy("pushed", "package pushed\n\nallow := true\n");
    assert.equal(await valueOf(engine, "data.pushed.allow", input), true);
  } finally {
    await first.stop();
  }
  assert.equal((await errorOf(valueOf(once, "data.mail.allow", input))).reason, "transport");
  const pending = valueOf(engine, "data.mail.allow", input);
  const options = { files: { "policy.rego": POLICY }, port: first.port };
  await withServer(["policy.rego"], options, async () => {
    assert.equal(await pending, true);
    assert.equal(await valueOf(engine, "data.pushed.allow", input), undefined);
  });
});

test("the token decides who may ask", async (t) => {
  if (MISSING !== undefined) return assertLeftOut(t);
  const files = { "authz.rego": AUTHORIZATION, "policy.rego": POLICY };
  const flags = ["--authentication=token", "--authorization=basic"];
  await withServer([...flags, "authz.rego", "policy.rego"], { files }, async ({ url }) => {
    const right = new RemoteOpaEngine(url, { token: "right-token" });
    assert.equal(await valueOf(right, "data.mail.allow", { taints: ["checked"] }), true);
    for (const options of [{}, { token: "wrong-token" }]) {
      const engine = new RemoteOpaEngine(url, { ...options, allowPolicyWrites: true });
      const refused = await errorOf(valueOf(engine, "data.mail.allow", {}));
      assert.deepEqual([refused.reason, refused.status], ["auth", 401]);
      assert.equal(refused.opaCode, "unauthorized");
      assert.equal((await errorOf(engine.addPolicy("x", "package x"))).reason, "auth");
    }
  });
});
