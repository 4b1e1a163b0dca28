/**
 * What is left where the runtime has no built-in modules, as in browsers: each
 * test runs a program in a process whose `process.getBuiltinModule` was removed
 * before anything was imported.
 *
 * @module
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = new URL("../", import.meta.url);

const PRELUDE = `
  delete globalThis.process.getBuiltinModule;
  delete Object.getPrototypeOf(globalThis.process).getBuiltinModule;
  if (globalThis.process.getBuiltinModule) throw new Error("getBuiltinModule is still there");
  const kestModule = await import(${JSON.stringify(new URL("mod.ts", ROOT).href)});
  const { createKest, generateKey, importPrivateJwk, trustPolicy, verifyPassport } = kestModule;
  const signer = await generateKey();
  const kest = createKest({ signer });
  const { verified, originate } = kest;
  const nodes = (value) => Object.values(value.passport.history).map((e) => e.node_id).sort();
  const answer = (value) => console.log(JSON.stringify(value));
`;

/** What a program answers that runs without built-in modules. */
// deno-lint-ignore no-explicit-any
async function answerOf(program: string): Promise<any> {
  const args = ["eval", "--config", fileURLToPath(new URL("deno.json", ROOT)), PRELUDE + program];
  const options = { cwd: fileURLToPath(ROOT), env: { ...process.env, NO_COLOR: "1" } };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return JSON.parse(stdout);
}

test("hashes are the same as with node:crypto, for text, bytes and streams", async () => {
  const hashes = await answerOf(`
    const hash = async (fn) => (await verified({ nodeId: "x" }, fn)()).passport.heads[0].content_hash;
    const big = new Uint8Array(100_000).fill(7);
    answer([
      await hash(() => "é"),
      await hash(() => new Uint8Array([1, 2, 3])),
      await hash(() => big),
      await hash(() => new Blob([big])),
    ]);
  `);
  const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");
  const big = sha256(new Uint8Array(100_000).fill(7));
  assert.deepEqual(hashes, [sha256('"é"'), sha256(new Uint8Array([1, 2, 3])), big, big]);
});

test("keys, seals and verification work", async () => {
  const result = await answerOf(`
    const again = await importPrivateJwk(signer.exportPrivateJwk());
    const text = JSON.stringify(await originate({ id: 7 }).passport.seal());
    const grants = [{ name: "me", key: again.publicKey, mayOriginate: "any" }];
    const accepting = trustPolicy(grants, { acceptMissingAsyncContext: true });
    const good = await verifyPassport(text, { trust: accepting, data: { id: 7 } });
    const bad = await verifyPassport(text.replace('"node_id":"originate"', '"node_id":"fetched"'), { trust: accepting });
    answer([again.publicKey.id === signer.publicKey.id, good.outcome, bad.outcome]);
  `);
  assert.deepEqual(result, [true, "verified", "invalid"]);
});

test("keys, seals and verification work by noble where WebCrypto lacks Ed25519", async () => {
  const result = await answerOf(`
    const { subtle } = globalThis.crypto;
    const importKey = subtle.importKey.bind(subtle);
    subtle.importKey = (format, key, algorithm, ...rest) => algorithm === "Ed25519"
      ? Promise.reject(new DOMException("no such algorithm", "NotSupportedError"))
      : importKey(format, key, algorithm, ...rest);
    const key = await generateKey();
    const own = createKest({ signer: key });
    const text = JSON.stringify(await own.originate(7).passport.seal());
    const grants = [{ name: "me", key: key.publicKey, mayOriginate: "any" }];
    const trust = trustPolicy(grants, { acceptMissingAsyncContext: true });
    answer((await verifyPassport(text, { trust })).outcome);
  `);
  assert.equal(result, "verified");
});

test("every entry says that there was no async context", async () => {
  const flags = await answerOf(`
    const step = verified({ nodeId: "step" }, (n) => n);
    const value = await step(originate(1));
    answer(Object.values(value.passport.history).map((entry) => entry.async_context));
  `);
  assert.deepEqual(flags, [false, false]);
});

test("nested calls are tracked in the synchronous part of a call only", async () => {
  const result = await answerOf(`
    const inner = verified({ nodeId: "inner" }, () => 1);
    const late = verified({ nodeId: "late" }, () => 1);
    const secret = originate("s", { nodeId: "secret", taint: ["t"] });
    const outer = verified({ nodeId: "outer" }, async () => {
      secret.data;
      const first = inner();
      await first;
      await late();
      return 0;
    });
    const value = await outer();
    answer([nodes(value), value.passport.taints]);
  `);
  assert.deepEqual(result, [["inner", "outer", "secret"], ["t"]]);
});

test("a call does not leak into what runs beside it", async () => {
  const result = await answerOf(`
    const secret = originate("s", { taint: ["t"] });
    const other = verified({ nodeId: "other" }, () => 1);
    const reader = verified({ nodeId: "reader" }, async () => {
      secret.data;
      await new Promise((resolve) => setTimeout(resolve, 5));
    });
    const [, b] = await Promise.all([reader(), other()]);
    answer(b.passport.taints);
  `);
  assert.deepEqual(result, []);
});

test("tracked arguments and results flow as everywhere", async () => {
  const result = await answerOf(`
    const add = verified({ nodeId: "add" }, (a, b) => a + b);
    const value = await add(originate(1, { taint: ["a"] }), add(originate(2, { taint: ["b"] }), 3));
    answer([value.data, value.passport.taints]);
  `);
  assert.deepEqual(result, [6, ["a", "b"]]);
});

test("a stream is tracked as everywhere", async () => {
  const result = await answerOf(`
    const count = verified({ nodeId: "count", stream: true }, function* () { yield 1; yield 2; });
    answer((await (await count()).collect()).data);
  `);
  assert.deepEqual(result, [1, 2]);
});

test("the report says ASYNC_CONTEXT, unless the trust policy accepts it", async () => {
  const result = await answerOf(`
    const text = JSON.stringify(await originate(1).passport.seal());
    const grants = [{ name: "me", key: signer.publicKey, mayOriginate: "any" }];
    const strict = await verifyPassport(text, { trust: trustPolicy(grants) });
    const lenient = await verifyPassport(text, {
      trust: trustPolicy(grants, { acceptMissingAsyncContext: true }),
    });
    answer([strict.outcome, strict.verdicts.completeness.code, lenient.outcome]);
  `);
  assert.deepEqual(result, ["unverified", "ASYNC_CONTEXT", "verified"]);
});
