// RemoteOpaEngine against a server that misbehaves as told. What only a real OPA
// can say is in remote_opa_server_test.ts.

import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { inspect } from "node:util";
import { gunzipSync, gzipSync } from "node:zlib";
import { createKest, KestError, PolicyViolationError } from "../mod.ts";
import { canonicalize } from "../lib/bytes/canonical.ts";
import { sha256 } from "../lib/bytes/sha256.ts";
import type { PolicyOutcome, PolicyRequest } from "../lib/policy/engine.ts";
import { RemoteOpaError, type RemoteOpaReason } from "../lib/policy/remote_errors.ts";
import { RemoteOpaEngine } from "../lib/policy/remote_opa.ts";
import type { RemoteOpaOptions } from "../lib/policy/remote_options.ts";
import { PolicyCompileError } from "../lib/rego/errors.ts";

const TOKEN = "t0ken-that-nobody-may-see";
const INPUT = '{"secret":"input-that-nobody-may-see"}';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: Uint8Array;
}

type Handler = (response: ServerResponse, seen: Seen, count: number) => void;

interface Stub {
  readonly url: string;
  readonly seen: Seen[];
}

/** A server for the time of one function. */
async function withStub(handler: Handler, use: (stub: Stub) => Promise<void>): Promise<void> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const parts: Uint8Array[] = [];
    for await (const part of request) parts.push(part);
    const { method, url, headers } = request;
    const body = new Uint8Array(Buffer.concat(parts));
    seen.push({ method, url, headers, body });
    handler(response, seen.at(-1)!, seen.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    await use({ url: `http://127.0.0.1:${port}`, seen });
  } finally {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

/** Always the same answer. */
function answering(body: unknown, status = 200): (response: ServerResponse) => void {
  return (response) => {
    const raw = typeof body === "string" || body instanceof Uint8Array;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(raw ? body : JSON.stringify(body));
  };
}

function request(more: Partial<PolicyRequest> = {}): PolicyRequest {
  const signal = new AbortController().signal;
  const seed = "000102030405060708090a0b0c0d0e0f";
  return {
    rule: "data.x.allow",
    inputText: INPUT,
    timeMs: 1_763_850_000_123,
    seed,
    signal,
    ...more,
  };
}

/** One evaluation against a server of its own. */
async function ask(
  handler: Handler,
  more: Partial<PolicyRequest> = {},
  options: RemoteOpaOptions = {},
): Promise<PolicyOutcome> {
  let outcome: PolicyOutcome | undefined;
  await withStub(handler, async ({ url }) => {
    outcome = await new RemoteOpaEngine(url, options).evaluate(request(more));
  });
  return outcome!;
}

interface Expected {
  readonly reason: RemoteOpaReason;
  readonly message?: RegExp;
  readonly status?: number;
  readonly opaCode?: string;
  readonly code?: string;
}

/** Checks the error, and that it tells no secret, whatever shows it. */
function assertRefusal(thrown: unknown, expected: Expected): void {
  assert.ok(thrown instanceof RemoteOpaError, inspect(thrown));
  assert.ok(thrown instanceof KestError);
  const code = expected.code ?? "POLICY_EVALUATION";
  assert.deepEqual([thrown.code, thrown.reason], [code, expected.reason], thrown.message);
  assert.equal(thrown.status, expected.status);
  assert.equal(thrown.opaCode, expected.opaCode);
  assert.match(thrown.message, expected.message ?? /./);
  assert.doesNotMatch(thrown.message, /\n|\.$/);
  assert.doesNotMatch(inspect(thrown, { depth: 9 }), /nobody-may-see/);
}

async function assertRefused(promise: Promise<unknown>, expected: Expected): Promise<void> {
  const thrown = await promise.then(() => assert.fail("It did not reject"), (e: unknown) => e);
  assertRefusal(thrown, expected);
}

/** Checks that a handler makes evaluation fail, and how many requests that takes. */
async function assertFails(
  handler: Handler,
  expected: Expected,
  options: RemoteOpaOptions = {},
  requests = 1,
): Promise<void> {
  await withStub(handler, async ({ url, seen }) => {
    await assertRefused(new RemoteOpaEngine(url, options).evaluate(request()), expected);
    assert.equal(seen.length, requests);
  });
}

test("RemoteOpaEngine posts the input as it is to the path of the rule", async () => {
  await withStub(answering({ result: true, decision_id: "id-1" }), async ({ url, seen }) => {
    const headers = { "X-Tenant": "acme" };
    const engine = new RemoteOpaEngine(`${url}/opa/`, { token: TOKEN, headers });
    assert.equal(engine.kind, "opa-remote");
    const inputText = '{"b":1.0e2, "a":"\\u00e9é\u{1F600}","n":12345678901234567890}';
    const outcome = await engine.evaluate(request({ inputText }));
    assert.deepEqual(outcome, { value: true, policyDigest: null, decisionId: "id-1" });
    const [first] = seen;
    assert.equal(first!.method, "POST");
    assert.equal(first!.url, "/opa/v1/data/x/allow?provenance=true");
    assert.equal(new TextDecoder().decode(first!.body), `{"input": ${inputText}}`);
    assert.equal(first!.headers["content-type"], "application/json");
    assert.equal(first!.headers["content-encoding"], undefined);
    assert.equal(first!.headers.authorization, `Bearer ${TOKEN}`);
    assert.equal(first!.headers["x-tenant"], "acme");
    await new RemoteOpaEngine(url, { strictBuiltinErrors: true }).evaluate(request());
    assert.equal(seen[1]!.url, "/v1/data/x/allow?provenance=true&strict-builtin-errors=true");
  });
});

test("RemoteOpaEngine tells undefined from false and returns every value", async () => {
  const undefinedOutcome = await ask(answering({}));
  assert.ok("value" in undefinedOutcome);
  assert.deepEqual(undefinedOutcome, { value: undefined, policyDigest: null });
  for (const result of [true, false, null, 0, "", "true", 1.5, [], {}, [{ a: ["é"] }]]) {
    const { value } = await ask(answering({ result, warning: { code: "x" } }));
    assert.deepEqual(value, result);
  }
  const polluted = await ask(answering('{"__proto__":{"result":true,"decision_id":"x"}}'));
  assert.deepEqual(polluted, { value: undefined, policyDigest: null });
});

test("RemoteOpaEngine reads own properties only", async () => {
  const fetch = () => Promise.resolve(new Response("{}"));
  const engine = new RemoteOpaEngine("https://opa.example.org", { fetch });
  const polluted = { result: true, decision_id: "x", provenance: { bundles: { a: "x" } } };
  for (const [name, value] of Object.entries(polluted)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true });
  }
  try {
    const outcome = await engine.evaluate(request());
    assert.deepEqual(Object.entries(outcome), [["value", undefined], ["policyDigest", null]]);
  } finally {
    for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
  }
});

test("RemoteOpaEngine encodes each part of the rule", async () => {
  const paths: [string, string][] = [
    ["data.a.b_c.D1", "a/b_c/D1"],
    ['data.a["b c/ä"].d', "a/b%20c%2F%C3%A4/d"],
    ['data["?x=1#y%2e"]', "%3Fx%3D1%23y%252e"],
    ["a/b", "a/b"],
  ];
  await withStub(answering({}), async ({ url, seen }) => {
    const engine = new RemoteOpaEngine(url);
    for (const [rule] of paths) await engine.evaluate(request({ rule }));
    const expected = paths.map(([, path]) => `/v1/data/${path}?provenance=true`);
    assert.deepEqual(seen.map((one) => one.url), expected);
  });
});

test("RemoteOpaEngine asks for no rule that REST would take for another", async () => {
  await withStub(answering({ result: true }), async ({ url, seen }) => {
    const engine = new RemoteOpaEngine(url);
    const lost = ['data.a[".."].b', 'data.a["."]', 'data.a[""]', 'data["\ud800"]', "a/../b"];
    const indices = ['data.a["5"]', 'data.a["-1"]', "a/0"];
    for (const rule of [...lost, ...indices, "", "data", "a//b", "x.allow", 'data["\\x"]']) {
      await assertRefused(engine.evaluate(request({ rule })), {
        reason: "rule",
        message: /^Rule /,
      });
    }
    assert.equal(seen.length, 0);
  });
});

test("RemoteOpaEngine sends no input that is not one JSON value", async () => {
  await withStub(answering({ result: true }), async ({ url, seen }) => {
    const engine = new RemoteOpaEngine(url);
    for (const inputText of ["", "xx", '{"a":', '{}, "input": {}', "{}}", '"\ud800"', "\ufeff{}"]) {
      const expected = { reason: "input", message: /input document is not JSON$/ } as const;
      await assertRefused(engine.evaluate(request({ inputText })), expected);
    }
    assert.equal(seen.length, 0);
  });
});

test("RemoteOpaEngine names the policies by the revisions of all bundles", async () => {
  const digest = async (bundles: unknown) =>
    (await ask(answering({ result: true, provenance: { version: "1", bundles } }))).policyDigest;
  const hash = (pairs: string[][]) =>
    `remote:sha256:${sha256("kest/v1/policy-remote\0" + canonicalize(pairs))}`;
  assert.equal(await digest({ main: { revision: "r1" } }), "remote:revision:main=r1");
  const two = { b: { revision: "sha-2" }, "a/x.tar": { revision: "v1.0+3" } };
  assert.equal(await digest(two), "remote:revision:a/x.tar=v1.0+3,b=sha-2");
  assert.equal(await digest({ a: { revision: "1,b=2" } }), hash([["a", "1,b=2"]]));
  assert.equal(
    await digest({ b: { revision: "é" }, a: { revision: "1" } }),
    hash([["a", "1"], ["b", "é"]]),
  );
  const long = "x".repeat(5000);
  assert.equal(await digest({ a: { revision: long } }), hash([["a", long]]));
  for (const none of [undefined, null, {}, { a: {} }, { a: { revision: "" } }]) {
    assert.equal(await digest(none), null);
  }
  assert.equal(await digest({ a: { revision: "1" }, b: { revision: "" } }), null);
  assert.equal((await ask(answering({ result: true }))).policyDigest, null);
});

test("RemoteOpaEngine refuses garbage and wrong types, and asks once", async () => {
  const answers: unknown[] = [
    ...["", "null", "true", "[]", '"x"', "<html>nobody-may-see</html>", '{"result":tru'],
    ...['\ufeff{"result":true}', new Uint8Array([0x7b, 0xff, 0x7d])],
    ...[1, {}, [], true, "é", "a b", "a\nb", "x".repeat(300), "\ud800"].map((decision_id) => ({
      result: true,
      decision_id,
    })),
    ...[1, "x", []].map((provenance) => ({ result: true, provenance })),
    ...[1, "x", [], { a: 1 }, { a: null }, { a: [] }, { a: { revision: 7 } }]
      .map((bundles) => ({ result: true, provenance: { bundles } })),
    { provenance: { bundles: { "\ud800": { revision: "1" } } } },
    { provenance: { bundles: { a: { revision: "\ud800" } } } },
  ];
  for (const answer of answers) {
    const expected = { reason: "answer", status: 200, message: /not an answer of OPA/ } as const;
    await assertFails(answering(answer), expected);
  }
});

test("RemoteOpaEngine tells OPA's errors apart by status and repeats none", async () => {
  const reasons: Partial<Record<RemoteOpaReason, number[]>> = {
    input: [400],
    auth: [401, 403],
    server: [500, 502, 503],
    status: [201, 404, 405, 429],
  };
  for (const [reason, statuses] of Object.entries(reasons)) {
    for (const status of statuses) {
      const message = new RegExp(`^Rule data\\.x\\.allow: .*\\(status ${status}\\)`);
      const expected = { reason: reason as RemoteOpaReason, status, message };
      const body = { code: "some_code", message: "in words", result: true };
      await assertFails(answering(body, status), { ...expected, opaCode: "some_code" });
      await assertFails(answering("<html>nobody-may-see</html>", status), expected);
    }
  }
  await assertFails(answering("", 204), { reason: "status", status: 204 });
});

test("RemoteOpaEngine keeps OPA's code, words and place", async () => {
  const location = { file: "x.rego", row: 10, col: 1 };
  const errors = [{ code: "eval_conflict_error", message: "conflicting\n values", location }];
  const body = { code: "internal_error", message: "error(s) occurred", errors };
  const message =
    /\(status 500\): internal_error: error\(s\) occurred; eval_conflict_error: conflicting values at x\.rego:10:1$/;
  const expected = { reason: "server", status: 500, message } as const;
  await assertFails(answering(body, 500), { ...expected, opaCode: "eval_conflict_error" });
  const odd = { code: "Not A Code\u202e", message: { a: 1 }, errors: [null] };
  const shown = /Not A Code\\u\{202e\}$/;
  await assertFails(answering(odd, 500), { reason: "server", status: 500, message: shown });
});

test("RemoteOpaEngine tells no token, header or input, even if the server does", async () => {
  const options = { token: TOKEN, headers: { "x-key": "header-that-nobody-may-see" } };
  for (const status of [400, 401, 500]) {
    await assertFails(
      (response, { headers, body }) => {
        const message = [headers.authorization, headers["x-key"], body].map(String).join(" ");
        const sent = new TextDecoder().decode(body);
        answering({ code: TOKEN, message: `${message} ${sent}` }, status)(response);
      },
      { reason: status === 400 ? "input" : status === 401 ? "auth" : "server", status },
      options,
    );
  }
  const fetch = () => Promise.reject(new TypeError(`failed: Bearer ${TOKEN}`, { cause: INPUT }));
  const engine = new RemoteOpaEngine("https://opa.example.org", { ...options, fetch, retries: 0 });
  const expected = { reason: "transport", message: /failed: Bearer \[redacted\]$/ } as const;
  await assertRefused(engine.evaluate(request()), expected);
  assert.doesNotMatch(inspect(engine, { depth: 9, showHidden: true }), /nobody-may-see/);
});

test("RemoteOpaEngine follows no redirect", async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    const handler: Handler = (response, { url }) => {
      if (url?.startsWith("/v1/data/")) response.writeHead(status, { location: "/yes" }).end();
      else answering({ result: true })(response);
    };
    await assertFails(handler, { reason: "redirect", message: /redirect$/ });
  }
  const followed = Response.json({ result: true });
  Object.defineProperty(followed, "redirected", { value: true });
  const fetch = () => Promise.resolve(followed);
  const engine = new RemoteOpaEngine("https://opa.example.org", { fetch });
  await assertRefused(engine.evaluate(request()), { reason: "redirect" });
});

const reset: Handler = (response) => void response.destroy();

/** Promises more than it sends. */
const truncated: Handler = (response) => {
  response.writeHead(200, { "content-length": "1000" });
  response.write('{"result":true}');
  setTimeout(() => response.destroy(), 20);
};

/** What `broken` does at first, then an answer. */
function atFirst(broken: Handler, times: number): Handler {
  return (response, seen, count) =>
    count <= times ? broken(response, seen, count) : answering({ result: true })(response);
}

test("RemoteOpaEngine tries again when the connection broke", async () => {
  for (const broken of [reset, truncated]) {
    await withStub(atFirst(broken, 2), async ({ url, seen }) => {
      const { value } = await new RemoteOpaEngine(url).evaluate(request());
      assert.equal(value, true);
      assert.equal(seen.length, 3);
      assert.deepEqual(seen[2]!.body, seen[0]!.body);
    });
    await assertFails(broken, { reason: "transport" }, { retries: 1 }, 2);
    await assertFails(broken, { reason: "transport" }, { retries: 0 }, 1);
  }
});

test("RemoteOpaEngine tries again within its time only", async () => {
  let calls = 0;
  const fetch = () => {
    calls++;
    return Promise.reject(new TypeError("connection refused"));
  };
  const options = { fetch, retries: 10, timeoutMs: 200 };
  const start = performance.now();
  const engine = new RemoteOpaEngine("https://opa.example.org", options);
  const expected = { reason: "transport", message: /OPA: connection refused$/ } as const;
  await assertRefused(engine.evaluate(request()), expected);
  assert.ok(performance.now() - start < 1000);
  assert.ok(calls >= 2 && calls <= 6, `${calls} calls`);
});

test("RemoteOpaEngine does not repeat what lacks a permission", async () => {
  let calls = 0;
  const fetch = () => {
    calls++;
    return Promise.reject(Object.assign(new Error("Requires net access"), { name: "NotCapable" }));
  };
  const engine = new RemoteOpaEngine("https://opa.example.org", { fetch });
  const expected = { reason: "transport", message: /Requires net access$/ } as const;
  await assertRefused(engine.evaluate(request()), expected);
  assert.equal(calls, 1);
});

test("RemoteOpaEngine says why there is no connection", async () => {
  let url = "";
  await withStub(answering({}), (stub) => Promise.resolve(void (url = stub.url)));
  const engine = new RemoteOpaEngine(url, { retries: 1 });
  const expected = { reason: "transport", message: /refused/i } as const;
  await assertRefused(engine.evaluate(request()), expected);
});

test("RemoteOpaEngine stops reading an answer that is too large", async () => {
  const endless: Handler = (response) => {
    response.writeHead(200);
    const part = new Uint8Array(65_536).fill(0x20);
    const timer = setInterval(() => response.write(part), 1);
    response.on("close", () => clearInterval(timer));
  };
  const expected = { reason: "too-large", status: 200, message: /larger than \d+ bytes$/ } as const;
  await assertFails(endless, expected);
  const bomb: Handler = (response) => {
    response.writeHead(200, { "content-encoding": "gzip" });
    response.end(gzipSync(new Uint8Array(20_000_000).fill(0x20)));
  };
  await assertFails(bomb, expected);
  const body = '{"result":true}';
  await assertFails(answering(body), expected, { maxResponseBytes: body.length - 1 });
  const { value } = await ask(answering(body), {}, { maxResponseBytes: body.length });
  assert.equal(value, true);
  const long = answering(`{"code":"x","message":"${"x".repeat(100)}"}`, 503);
  await assertFails(long, { reason: "server", status: 503 }, { maxResponseBytes: 10 });
});

test("RemoteOpaEngine compresses long requests and nothing else changes", async () => {
  await withStub(answering({ result: true }), async ({ url, seen }) => {
    const inputText = JSON.stringify({ a: "é\u{1F600}".repeat(10_000), n: 1 });
    const sent = `{"input": ${inputText}}`;
    const size = new TextEncoder().encode(sent).length;
    for (const gzipFrom of [undefined, size, size + 1, Infinity]) {
      const engine = new RemoteOpaEngine(url, gzipFrom === undefined ? {} : { gzipFrom });
      assert.equal((await engine.evaluate(request({ inputText }))).value, true);
    }
    const encodings = seen.map(({ headers }) => headers["content-encoding"]);
    assert.deepEqual(encodings, ["gzip", "gzip", undefined, undefined]);
    for (const { headers, body } of seen) {
      const bytes = headers["content-encoding"] ? gunzipSync(body) : body;
      assert.equal(new TextDecoder().decode(bytes), sent);
      assert.equal(headers["content-length"], String(body.length));
    }
    assert.ok(seen[0]!.body.length < size / 10);
  });
});

const silent: Handler = () => {};

const trickling: Handler = (response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write(" "), 10);
  response.on("close", () => clearInterval(timer));
};

test("RemoteOpaEngine waits no longer than its time", async () => {
  const expected = { reason: "timeout", message: /no answer within 100 ms$/ } as const;
  for (const handler of [silent, trickling]) {
    const start = performance.now();
    await assertFails(handler, expected, { timeoutMs: 100 });
    assert.ok(performance.now() - start < 2000);
  }
  const fetch = () => new Promise<Response>(() => {});
  const deaf = new RemoteOpaEngine("https://opa.example.org", { fetch, timeoutMs: 100 });
  await assertRefused(deaf.evaluate(request()), expected);
  const slow: Handler = (response) =>
    void setTimeout(() => answering({ result: true })(response), 150);
  assert.equal((await ask(slow)).value, true);
});

test("RemoteOpaEngine heeds the request's signal", async () => {
  for (const handler of [silent, trickling]) {
    await withStub(handler, async ({ url, seen }) => {
      const engine = new RemoteOpaEngine(url);
      const before = engine.evaluate(request({ signal: AbortSignal.abort(new Error(TOKEN)) }));
      await assertRefused(before, { reason: "aborted", message: /before it started$/ });
      assert.equal(seen.length, 0);
      const abort = new AbortController();
      const pending = engine.evaluate(request({ signal: abort.signal }));
      setTimeout(() => abort.abort(new Error(TOKEN)), 60);
      await assertRefused(pending, { reason: "aborted", message: /aborted$/ });
      assert.equal(seen.length, 1);
    });
  }
});

test("RemoteOpaEngine refuses addresses that are not safe", () => {
  const noUrl = ["", "nobody-may-see", "//h", undefined, null, 7, {}];
  const insecure = [
    "http://opa.example.org",
    "http://10.0.0.1",
    "http://[::2]",
    "http://[::127.0.0.1]",
  ];
  const alike = [
    "http://localhost.example.org",
    "http://127.0.0.1.example.org",
    "http://127.example.org",
  ];
  const schemes = ["ftp://h", "file:///x", "opa:8181", "data:,nobody-may-see"];
  const secret = ["https://u@h", "https://u:nobody-may-see@h", "https://:nobody-may-see@h"];
  const more = [
    "https://h/?a=nobody-may-see",
    "https://h/#nobody-may-see",
    "https://h/?",
    "https://h#",
  ];
  const refused = [...insecure, ...alike, ...schemes, ...secret, ...more];
  for (const url of [...noUrl, ...refused]) {
    assert.throws(() => new RemoteOpaEngine(url as string), (thrown) => {
      assert.ok(thrown instanceof (noUrl.includes(url) ? TypeError : RangeError), String(url));
      assert.doesNotMatch(thrown.message, /nobody-may-see/);
      return true;
    });
  }
  const accepted = ["https://opa.example.org/a/b/", "http://127.0.0.1:8181", "http://127.9.9.9"];
  for (const url of [...accepted, "http://localhost:1", "http://[::1]:2/", "HTTP://LOCALHOST"]) {
    assert.ok(new RemoteOpaEngine(url) && new RemoteOpaEngine(new URL(url)));
  }
  assert.ok(new RemoteOpaEngine("http://opa.example.org", { allowInsecure: true }));
});

test("RemoteOpaEngine refuses options that it does not know or cannot use", () => {
  const make = (options: unknown) => () =>
    new RemoteOpaEngine("https://h", options as RemoteOpaOptions);
  const nan = { timeoutMs: NaN };
  const numbers = [{ timeoutMs: 0 }, nan, { timeoutMs: 2 ** 31 }, { timeoutMs: "5" }];
  const more = [{ retries: -1 }, { retries: 11 }, { retries: 0.5 }, { maxResponseBytes: 0 }];
  for (const options of [...numbers, ...more, { gzipFrom: -1 }, { gzipFrom: NaN }]) {
    assert.throws(make(options), RangeError, inspect(options));
  }
  const flags = [{ allowInsecure: 1 }, { allowPolicyWrites: "yes" }, { strictBuiltinErrors: null }];
  const tokens = ["", "a b", "nobody-may-see\n", "é", 7, null].map((token) => ({ token }));
  const headers = [{ "a b": "x" }, { a: "nobody-may-see\nb" }, { a: 7 }, { Accept: "x" }]
    .concat([{ "Content-Type": "x" }, { "X-A": "1", "x-a": "2" }] as never[])
    .map((headers) => ({ headers }));
  const twice = { token: "abc", headers: { Authorization: "nobody-may-see" } };
  for (const options of [...flags, ...tokens, ...headers, twice, { fetch: 1 }, { timeout: 1 }]) {
    assert.throws(make(options), (thrown) => {
      assert.ok(thrown instanceof TypeError, inspect(options));
      assert.doesNotMatch(thrown.message, /nobody-may-see/);
      return true;
    });
  }
});

test("RemoteOpaEngine.addPolicy() puts the source, if it may", async () => {
  await withStub(answering({}), async ({ url, seen }) => {
    const options = { token: TOKEN, allowPolicyWrites: true, gzipFrom: 0 };
    const engine = new RemoteOpaEngine(url, options);
    const source = "package x\n\n# é\nallow := true\n";
    assert.equal(await engine.addPolicy("team/a b.rego", source), undefined);
    const [put] = seen;
    assert.deepEqual([put!.method, put!.url], ["PUT", "/v1/policies/team/a%20b.rego"]);
    assert.equal(put!.headers["content-type"], "text/plain");
    assert.equal(put!.headers["content-encoding"], undefined);
    assert.equal(put!.headers.authorization, `Bearer ${TOKEN}`);
    assert.equal(new TextDecoder().decode(put!.body), source);
    for (const name of ["", "/", "a//b", "../a", "a/.", 7, undefined]) {
      await assert.rejects(engine.addPolicy(name as string, source), TypeError);
    }
    await assert.rejects(engine.addPolicy("x", 7 as unknown as string), TypeError);
    await assert.rejects(new RemoteOpaEngine(url).addPolicy("x", source), TypeError);
    assert.equal(seen.length, 1);
  });
});

test("RemoteOpaEngine.addPolicy() shows OPA's compile errors", async () => {
  const location = { file: "x", row: 2, col: 10 };
  const errors = [
    { code: "rego_unsafe_var_error", message: "var p is unsafe", location },
    { code: "rego_new_error", message: "of the future", location: { file: "other.rego", row: 2 } },
    null,
  ];
  await withStub(answering({ code: "invalid_parameter", errors }, 400), async ({ url, seen }) => {
    const engine = new RemoteOpaEngine(url, { allowPolicyWrites: true });
    const thrown = await engine.addPolicy("x", "package x\nallow if p").catch((e: unknown) => e);
    assert.ok(thrown instanceof PolicyCompileError);
    assert.equal(thrown.code, "POLICY_COMPILE");
    const first = { ...location, code: "rego_unsafe_var_error", message: "var p is unsafe" };
    const compile = { code: "rego_compile_error", col: 1, line: "" };
    assert.deepEqual(thrown.issues, [
      { ...first, line: "allow if p" },
      { ...compile, message: "rego_new_error: of the future", file: "other.rego", row: 2 },
      { ...compile, message: "", file: "x", row: 1, line: "package x" },
    ]);
    assert.equal(seen.length, 1);
  });
});

test("RemoteOpaEngine.addPolicy() says what else failed", async () => {
  const owned = { code: "invalid_parameter", message: 'path x is owned by bundle "b"' };
  const cases: [Handler, Expected][] = [
    [answering(owned, 400), { reason: "input", status: 400, opaCode: "invalid_parameter" }],
    [answering("<html>", 401), { reason: "auth", status: 401 }],
    [answering({ code: "internal_error" }, 500), {
      reason: "server",
      status: 500,
      opaCode: "internal_error",
    }],
    [reset, { reason: "transport" }],
    [silent, { reason: "timeout" }],
  ];
  for (const [handler, expected] of cases) {
    await withStub(handler, async ({ url }) => {
      const options = { allowPolicyWrites: true, timeoutMs: 300 };
      const engine = new RemoteOpaEngine(url, { ...options, token: TOKEN });
      const code = "POLICY_LOAD";
      await assertRefused(engine.addPolicy("x", "package x"), { ...expected, code });
    });
  }
});

test("a step enforced by RemoteOpaEngine records decision id and digest", async () => {
  const handler: Handler = (response, { body, url }) => {
    const { input } = JSON.parse(new TextDecoder().decode(body));
    const result = url!.includes("allow") && input.taints.includes("checked");
    const provenance = { bundles: { main: { revision: "r-7" } } };
    answering({ result, decision_id: "d-7", provenance })(response);
  };
  await withStub(handler, async ({ url, seen }) => {
    const kest = createKest({ policyEngine: new RemoteOpaEngine(url) });
    const options = { nodeId: "send", enforceRules: ["data.mail.allow"] };
    const send = kest.verified(options, (text: string) => `sent ${text}`);
    const sent = await send(kest.originate("mail", { userId: "u", taint: ["checked"] }));
    const [decision] = sent.passport.heads[0]!.decisions;
    const text = new TextDecoder().decode(seen[0]!.body).slice('{"input": '.length, -1);
    assert.equal(sent.data, "sent mail");
    assert.deepEqual(
      [decision!.engine, decision!.decision_id, decision!.policy_digest, decision!.result],
      ["opa-remote", "d-7", "remote:revision:main=r-7", "allow"],
    );
    assert.equal(decision!.input_digest, sha256(text));
    const denied = await send("unchecked").catch((e: unknown) => e);
    assert.ok(denied instanceof PolicyViolationError);
    assert.equal(denied.decision.decision_id, "d-7");
    assert.equal(denied.decision.cause, null);
    const audit = { nodeId: "audit", enforceRules: ['data.mail["0"]'] };
    const unasked = await kest.verified(audit, () => 1)().catch((e: unknown) => e);
    assert.ok(unasked instanceof PolicyViolationError);
    assert.equal(unasked.decision.cause, "error");
    assertRefusal(unasked.cause, { reason: "rule" });
  });
});

test("a step's own deadline comes first and denies as a timeout", async () => {
  await withStub(silent, async ({ url }) => {
    const policyEngine = new RemoteOpaEngine(url);
    const kest = createKest({ policyEngine, policyTimeoutMs: 100 });
    const step = kest.verified({ nodeId: "send", enforceRules: ["data.mail.allow"] }, () => 1);
    const denied = await step().catch((e: unknown) => e);
    assert.ok(denied instanceof PolicyViolationError);
    assert.equal(denied.decision.cause, "timeout");
  });
});
