/** Reading passports from outside (SPEC 2): whatever is not exactly right is refused. */

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { ParseError } from "../lib/base/errors.ts";
import { canonicalEntry, entryHash } from "../lib/lineage/binding.ts";
import { reach } from "../lib/lineage/node.ts";
import { partsOf } from "../lib/lineage/passport.ts";
import {
  canonicalize,
  createKest,
  generateKey,
  KestError,
  type Limits,
  parsePassport,
  type Passport,
  type PolicyEngine,
  trustPolicy,
  verifyPassport,
} from "../mod.ts";

// deno-lint-ignore no-explicit-any
type Json = any;
type Change = (passport: Json) => void;

const signer = await generateKey();
const engine: PolicyEngine = {
  kind: "test",
  evaluate: () => ({ value: true, policyDigest: "rego:0", decisionId: "d-1" }),
};
const kest = createKest({ signer, policyEngine: engine });
const trust = trustPolicy([{ name: "me", key: signer.publicKey, mayOriginate: "any" }]);

/** A passport in which every member of the format occurs: two origins, a step, a seal. */
let made: Passport;
let text: string;
let ids: [first: string, second: string, step: string];

before(async () => {
  const join = kest.verified(
    {
      nodeId: "join",
      enforceRules: ["data.kest.allow"],
      opaqueArgs: [2],
      labels: { b: "2", "A.b:/@-": "ü😀", toString: "x", toJSON: "y", _: "" },
      addedTaint: ["b", "a-1"],
    },
    (a: number, b: number, _: () => void, c: number) => a + b + c,
  );
  const options = { userId: "ü", policyRefs: [], taint: ["pii"] };
  const value = await join(kest.originate(1, options), kest.originate(2, options), () => {}, 4);
  made = await value.passport.seal({ audience: "a", nonce: "n", expiresAt: Date.now() + 1e6 });
  text = JSON.stringify(made);
  ids = Object.keys(made.history) as typeof ids;
});

function changed(change: Change): Json {
  const passport = JSON.parse(text);
  change(passport);
  return passport;
}

/** `code path` of every issue; fails if the input is accepted. */
function issuesOf(input: unknown, limits: Partial<Limits> = {}): string[] {
  try {
    parsePassport(input, { limits });
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    assert.equal(error.code, "PARSE");
    return error.issues.map((issue) => `${issue.code} ${issue.path}`);
  }
  return assert.fail("accepted");
}

function refuses(change: Change, expected: string, limits: Partial<Limits> = {}): void {
  const issues = issuesOf(JSON.stringify(changed(change)), limits);
  assert(issues.includes(expected), `expected ${expected}, got ${issues.join("; ")}`);
}

/** What an entry would be called after a change by somebody who rebuilds its hash. */
function rehash(passport: Json, id: string): void {
  const { entry_hash: _, ...body } = passport.history[id];
  passport.history[id].entry_hash = entryHash(body);
}

/** Every object of the format in the passport, with its path; maps and extensions left out. */
function* objects(value: Json, path = ""): Generator<[string, Json]> {
  if (typeof value !== "object" || value === null) return;
  const isMap = /\/(labels|environment|extensions)$|^\/history$/.test(path);
  if (!Array.isArray(value) && !isMap) yield [path, value];
  if (isMap && path !== "/history") return;
  for (const [name, item] of Object.entries(value)) yield* objects(item, `${path}/${name}`);
}

function at(passport: Json, path: string): Json {
  return path.split("/").slice(1).reduce((value, name) => value[name], passport);
}

const OPTIONAL = ["audience", "expires_at_ms", "nonce", "extensions"];
const NULLABLE = [
  ...["cause", "decision_id", "engine", "inline_rules", "input_digest", "policy_digest"],
  ...["public_key_id", "reason", "reference", "stream"],
];
const CODES: Record<string, string> = {
  algorithm: "ALG",
  content_hash: "HASH",
  entry_hash: "HASH",
  entry_id: "ENTRY_ID",
  hash: "HASH",
  input_digest: "HASH",
  input_state_hash: "HASH",
  node_trust_score: "TRUST_SCORE",
  signature: "SIG_ENCODING",
  trust_score: "TRUST_SCORE",
  version: "VERSION",
};

/** Members of the fixture with extensions, which this module does not write itself. */
function full(): Json {
  return changed((p) => {
    p.history[ids[2]].extensions = { "9": 1, "10": { a: [] }, __proto_: null };
    p.seals[0].extensions = { note: "x" };
  });
}

test("the fixture is verified, and holds every kind of input and a decision", async () => {
  const report = await verifyPassport(text, { trust, audience: "a", nonce: "n", data: 7 });
  assert.equal(report.outcome, "verified");
  const { inputs, decisions } = made.history[ids[2]]!;
  const shapes = inputs.map((input) => Object.keys(input).sort().join());
  const [tracked, opaque, raw] = ["arg,entry_hash,path", "arg,kind,type", "alg,arg,hash,kind"];
  assert.deepEqual(shapes, [tracked, tracked, opaque, raw]);
  assert.equal(decisions.length, 1);
  assert.doesNotThrow(() => parsePassport(full()));
});

test("every member must be there", () => {
  let removed = 0;
  for (const [path, object] of objects(full())) {
    for (const name of Object.keys(object)) {
      // Without these the object is of another kind: judged as that.
      if (path === "" && name === "version") continue;
      const isShape = /\/inputs\/\d+$/.test(path) &&
        (name === "entry_hash" || (name === "kind" && object.kind === "opaque"));
      if (OPTIONAL.includes(name)) continue;
      const copy = full();
      delete at(copy, path)[name];
      const issues = issuesOf(copy);
      const expected = isShape ? `FIELD_MISSING ${path}/hash` : `FIELD_MISSING ${path}/${name}`;
      assert(issues.includes(expected), `${expected}: ${issues.join("; ")}`);
      removed++;
    }
  }
  assert(removed > 120, `${removed}`);
});

test("optional members may be absent", () => {
  for (const name of OPTIONAL) {
    const copy = full();
    delete copy.seals[0][name];
    delete copy.history[ids[2]][name];
    assert.doesNotThrow(() => parsePassport(copy), name);
  }
});

test("no object has a member that is not known", () => {
  for (const [path] of objects(full())) {
    for (const [name, code] of [["x", "FIELD"], ["", "FIELD"], ["constructor", "JSON_PROTO"]]) {
      const copy = full();
      at(copy, path)[name!] = 1;
      const issues = issuesOf(copy);
      assert(issues.includes(`${code} ${path}/${name}`), `${path}/${name}: ${issues.join("; ")}`);
    }
    const copy = full();
    Object.defineProperty(at(copy, path), "__proto__", { value: {}, enumerable: true });
    assert(issuesOf(copy).includes(`JSON_PROTO ${path}/__proto__`), path);
  }
});

/** Members for which any well-formed text will do. */
const FREE_TEXTS = [
  ...["audience", "decision_id", "engine", "inline_rules", "input_version", "nonce", "path"],
  ...["policy_digest", "reason", "reference", "rule", "seed", "session_id", "type", "user_id"],
];

const typeOf = (value: unknown) =>
  Array.isArray(value) ? "array" : value === null ? "null" : typeof value;

/** Whether a value will do in place of a member's, as far as its type goes. */
function mayBe(name: string, value: Json, other: Json): boolean {
  const [kind, found] = [typeOf(value), typeOf(other)];
  if (found === "null") return NULLABLE.includes(name) || name === "origin";
  if (found === "string") return FREE_TEXTS.includes(name);
  if (found === "object") return kind === "object" || name === "origin";
  return found === kind && found !== "number";
}

test("every member must have its type", () => {
  let tried = 0;
  for (const [path, object] of objects(full())) {
    for (const [name, value] of Object.entries(object)) {
      // By this member a reader knows which kind of input it looks at.
      if (name === "kind" && value === "opaque") continue;
      for (const other of [null, true, -1, 1.5, "\u0000", [], {}]) {
        if (mayBe(name, value, other)) continue;
        const copy = full();
        at(copy, path)[name] = other;
        const issues = issuesOf(copy);
        const expected = `${CODES[name] ?? "FIELD_TYPE"} ${path}/${name}`;
        const found = `${JSON.stringify(other)} gave ${issues.join("; ")}`;
        assert(issues.includes(expected), `${expected}: ${found}`);
        tried++;
      }
    }
  }
  assert(tried > 700, `${tried}`);
});

test("items of arrays must have their type", () => {
  const entry = (change: (entry: Json) => void): Change => (p) => change(p.history[ids[2]]);
  const path = `/history/${ids[2]}`;
  const cases: [Change, string][] = [
    [entry((e) => e.added_taint[0] = 1), `TAINT_NAME ${path}/added_taint/0`],
    [entry((e) => e.added_taint[0] = "PII"), `TAINT_NAME ${path}/added_taint/0`],
    [entry((e) => e.accumulated_taint[0] = "ä"), `TAINT_NAME ${path}/accumulated_taint/0`],
    [entry((e) => e.accumulated_taint[0] = "a\n"), `TAINT_NAME ${path}/accumulated_taint/0`],
    [entry((e) => e.decisions[0] = null), `FIELD_TYPE ${path}/decisions/0`],
    [entry((e) => e.inputs[0] = []), `FIELD_TYPE ${path}/inputs/0`],
    [entry((e) => e.parent_hashes[0] = null), `HASH ${path}/parent_hashes/0`],
    [entry((e) => e.parent_entry_ids[0] = 1), `ENTRY_ID ${path}/parent_entry_ids/0`],
    [entry((e) => e.parent_roles[0] = "argument"), `FIELD_TYPE ${path}/parent_roles/0`],
    [entry((e) => e.parent_roles[0] = ["other"]), `FIELD_TYPE ${path}/parent_roles/0/0`],
    [entry((e) => e.labels.b = 2), `FIELD_TYPE ${path}/labels/b`],
    [entry((e) => e.labels.b = "\ud800"), `UTF8 ${path}/labels/b`],
    [entry((e) => e.labels["1"] = "a"), `FIELD ${path}/labels/1`],
    [entry((e) => e.labels["ü"] = "a"), `FIELD ${path}/labels/ü`],
    [entry((e) => e.labels.constructor = "a"), `JSON_PROTO ${path}/labels/constructor`],
    [entry((e) => e.environment[""] = "a"), `FIELD ${path}/environment/`],
    [entry((e) => e.labels.b = "x".repeat(65_537)), `LIMIT ${path}/labels/b`],
    [(p) => p.origin.policies.curated_refs = [1], "FIELD_TYPE /origin/policies/curated_refs/0"],
    [(p) => p.origin.policies.curated_refs = null, "FIELD_TYPE /origin/policies/curated_refs"],
    [(p) => p.seals[0] = null, "FIELD_TYPE /seals/0"],
    [(p) => p.seals[0].heads[0] = "x", "FIELD_TYPE /seals/0/heads/0"],
    [(p) => p.seals[0].base = [1], "HASH /seals/0/base/0"],
  ];
  for (const [change, expected] of cases) refuses(change, expected);
});

test("values outside of their range are refused", () => {
  const path = () => `/history/${ids[2]}`;
  const cases: [string, Json, string][] = [
    ["trust_score", 1.0001, "TRUST_SCORE"],
    ["trust_score", -0.1, "TRUST_SCORE"],
    ["node_trust_score", 2, "TRUST_SCORE"],
    ["timestamp_ms", 2 ** 53, "FIELD_TYPE"],
    ["raw_arguments", -1, "FIELD_TYPE"],
    ["kind", "Step", "FIELD_TYPE"],
    ["content_kind", "xml", "FIELD_TYPE"],
    ["content_hash_algorithm", "md5", "FIELD_TYPE"],
    ["stream", "open", "FIELD_TYPE"],
    ["trust_rule", "max", "FIELD_TYPE"],
    ["node_id", "", "FIELD_TYPE"],
    ["node_id", "__proto__", "FIELD_TYPE"],
    ["node_id", "a b", "FIELD_TYPE"],
    ["node_id", "a\u202eb", "FIELD_TYPE"],
    ["content_hash", "A".repeat(64), "HASH"],
    ["content_hash", "a".repeat(63), "HASH"],
    ["public_key_id", "A".repeat(44), "FIELD_TYPE"],
    ["public_key_id", `${"A".repeat(42)}B`, "FIELD_TYPE"],
    ["entry_id", "00000000-0000-1000-8000-000000000000", "ENTRY_ID"],
  ];
  for (const [name, value, code] of cases) {
    refuses((p) => p.history[ids[2]][name] = value, `${code} ${path()}/${name}`);
  }
});

test("a seal without a signature that is one is refused, never open", () => {
  const good = made.seals[0]!.signature;
  const last = { A: "B", Q: "R", g: "h", w: "x" }[good.at(-1)!] ?? "=";
  for (const wrong of ["", null, 0, `${good}==`, good.slice(1), good.slice(0, -1) + last]) {
    refuses((p) => p.seals[0].signature = wrong, "SIG_ENCODING /seals/0/signature");
  }
  refuses((p) => delete p.seals[0].signature, "FIELD_MISSING /seals/0/signature");
  for (const wrong of ["none", "HS256", "ed25519", "", null]) {
    refuses((p) => p.seals[0].algorithm = wrong, "ALG /seals/0/algorithm");
  }
  refuses((p) => p.seals[0].version = "kest-seal/2", "VERSION /seals/0/version");
  refuses((p) => p.seals[0].heads = [], "DAG_SHAPE /seals/0/heads");
  refuses((p) => p.seals[0].audience = "", "FIELD_TYPE /seals/0/audience");
  refuses((p) => p.seals[0].nonce = "x".repeat(257), "FIELD_TYPE /seals/0/nonce");
});

test("lists that are sets must be sorted and unique", () => {
  const path = `/history/${ids[2]}`;
  const entry = (change: (entry: Json) => void): Change => (p) => change(p.history[ids[2]]);
  refuses(entry((e) => e.added_taint.reverse()), `DAG_SHAPE ${path}/added_taint`);
  refuses(entry((e) => e.added_taint = ["b", "b"]), `DAG_SHAPE ${path}/added_taint`);
  refuses(entry((e) => e.accumulated_taint.reverse()), `DAG_SHAPE ${path}/accumulated_taint`);
  refuses(entry((e) => e.removed_taint = ["b", "a"]), `DAG_SHAPE ${path}/removed_taint`);
  refuses(entry((e) => e.parent_hashes.reverse()), `DAG_SHAPE ${path}/parent_hashes`);
  refuses(entry((e) => e.parent_roles[0] = []), `DAG_SHAPE ${path}/parent_roles/0`);
  refuses(
    entry((e) => e.parent_roles[0] = ["read", "argument"]),
    `DAG_SHAPE ${path}/parent_roles/0`,
  );
  refuses(entry((e) => e.parent_roles.pop()), `DAG_SHAPE ${path}/parent_roles`);
  refuses(entry((e) => e.parent_hashes.pop()), `DAG_SHAPE ${path}/parent_hashes`);
  refuses(
    (p) => p.origin.policies.curated_refs = ["b", "a"],
    "DAG_SHAPE /origin/policies/curated_refs",
  );
  refuses((p) => p.seals[0].base = ["b".repeat(64), "a".repeat(64)], "DAG_SHAPE /seals/0/base");
  refuses((p) => p.seals[0].heads.push(p.seals[0].heads[0]), "DAG_SHAPE /seals/0/heads");
  refuses((p) => p.seals.push(p.seals[0]), "DAG_SHAPE /seals/1");
});

test("the entries form a DAG: nothing dangles, turns in circles or occurs twice", () => {
  const [first, second, step] = ids;
  refuses((p) => delete p.history[first], `DAG_DANGLING /history/${step}/parent_entry_ids/0`);
  refuses((p) => p.history = {}, "DAG_SHAPE /history");
  refuses(
    (p) => p.history[step].parent_entry_ids = [first, first],
    `DAG_SHAPE /history/${step}/parent_entry_ids`,
  );
  refuses(
    (p) => p.history[second].entry_hash = p.history[first].entry_hash,
    `DAG_SHAPE /history/${second}/entry_hash`,
  );
  const parent = (id: string, above: string): Change => (p) => {
    p.history[id].parent_entry_ids = [above];
    p.history[id].parent_hashes = [p.history[above].entry_hash];
    p.history[id].parent_roles = [["argument"]];
  };
  refuses(parent(first, first), `DAG_CYCLE /history/${first}/parent_entry_ids/0`);
  refuses(parent(first, step), `DAG_CYCLE /history/${first}/parent_entry_ids/0`);
  const alone = changed((p) => delete p.history[second] && delete p.history[step]);
  parent(first, first)(alone);
  assert.deepEqual(issuesOf(alone), [`DAG_CYCLE /history/${first}/parent_entry_ids/0`]);
});

test("an entry is stored under its own id, and ids are UUIDs", () => {
  const [first] = ids;
  const move = (name: string): Change => (p) => {
    const entry = p.history[first];
    delete p.history[first];
    Object.defineProperty(p.history, name, { value: entry, enumerable: true });
  };
  for (const name of ["0", "10", "x", "", "constructor", "__proto__", first.toUpperCase()]) {
    refuses(move(name), `ENTRY_ID /history/${name}/entry_id`);
    const both: Change = (p) => {
      p.history[first].entry_id = name;
      move(name)(p);
    };
    refuses(both, `ENTRY_ID /history/${name}/entry_id`);
  }
  const other = crypto.randomUUID();
  refuses(move(other), `ENTRY_ID /history/${other}/entry_id`);
});

test("the passport's origin is that of its first entry", () => {
  refuses((p) => p.origin.user_id = "other", "FIELD /origin");
  refuses((p) => p.origin = null, "FIELD /origin");
  const first = (p: Json) => Object.values<Json>(p.history)[0];
  refuses((p) => first(p).origin = null, `DAG_SHAPE /history/${ids[0]}/origin`);
});

test("only version kest/v1 is read, and what is reserved is refused", () => {
  for (const version of ["kest/v2", "kest/v0", "", 1, null, ["kest/v1"]]) {
    assert.deepEqual(issuesOf(changed((p) => p.version = version)), ["VERSION /version"]);
  }
  assert.deepEqual(issuesOf("{}"), ["VERSION "]);
  assert.deepEqual(issuesOf("null"), ["FIELD_TYPE "]);
  assert.deepEqual(issuesOf("[]"), ["FIELD_TYPE "]);
  assert.deepEqual(issuesOf('"x"'), ["FIELD_TYPE "]);
  refuses((p) => p.stubs = {}, "STUBS /stubs");
  refuses((p) => p.seals[0].anchors = [], "FIELD /seals/0/anchors");
  refuses((p) => p.seals[0].critical = [], "CRITICAL /seals/0/critical");
  refuses((p) => p.history[ids[0]].critical = ["x"], `CRITICAL /history/${ids[0]}/critical`);
});

test("extensions are read, exported, and covered by the hash", async () => {
  const solo = JSON.parse(JSON.stringify(kest.originate(1).passport));
  const id = Object.keys(solo.history)[0]!;
  const extensions = JSON.parse('{"z":{"10":1,"9":[{"__proto__":{"a":-0}}]},"a":"ü"}');
  solo.history[id].extensions = extensions;
  rehash(solo, id);
  const good = parsePassport(solo);
  assert.equal(canonicalize(good.history[id]!.extensions), canonicalize(extensions));
  const codes = async (passport: unknown) =>
    (await verifyPassport(passport, { trust })).findings.map((finding) => finding.code);
  assert.deepEqual(await codes(good), ["OPEN", "UNSEALED"]);
  solo.history[id].extensions.a = "u";
  assert((await codes(solo)).includes("ENTRY_CHANGED"));
  delete solo.history[id].extensions;
  assert((await codes(solo)).includes("ENTRY_CHANGED"));
});

test("what JSON text can hold but RFC 8785 cannot write is refused in extensions", () => {
  const at = `/history/${ids[0]}/extensions`;
  const put = (json: string) =>
    text.replace(`"${ids[0]}":{`, () => `"${ids[0]}":{"extensions":${json},`);
  const cases: [string, string][] = [
    ['{"a":1e400}', `JSON ${at}`],
    ['{"a":"\\ud800"}', `UTF8 ${at}`],
    ['{"\\udc00":1}', `UTF8 ${at}`],
    ["[]", `FIELD_TYPE ${at}`],
    ["null", `FIELD_TYPE ${at}`],
  ];
  for (const [json, expected] of cases) {
    assert(issuesOf(put(json)).includes(expected), `${json}: ${issuesOf(put(json))}`);
  }
});

test("a name used twice anywhere in the text is refused, however it is spelled", () => {
  const cases: [string, string, string][] = [
    ['"version":', '"version":"kest/v1","version":', "/version"],
    ['"version":', '"\\u0076ersion":"kest/v1","version":', "/version"],
    ['"labels":', '"labels":{},"labels":', ""],
    ['"labels":{', '"labels":{"c":"1","c":"1",', ""],
    ['"signature":', '"signature":"","signature":', "/seals/0/signature"],
    ['"history":{', `"history":{"${ids[0]}":null,`, `/history/${ids[0]}`],
    ['"policies":{', '"policies":{"inline_rules":"x",', ""],
    ['"decisions":[{', '"decisions":[{"result":"deny",', ""],
    ['"path":""', '"path":"/0","path":""', ""],
    ['"heads":[{', '"heads":[{"entries":1,', "/seals/0/heads/0/entries"],
    ['"seals":[{', '"seals":[{"extensions":{"a":{"b":1,"b":1}},', "/seals/0/extensions/a/b"],
  ];
  for (const [where, twice, path] of cases) {
    const doubled = text.replace(where, () => twice);
    assert.notEqual(doubled, text, where);
    const [issue, ...more] = issuesOf(doubled);
    assert.deepEqual(more, [], where);
    assert(issue!.startsWith("JSON_DUP /") && issue!.includes(path), `${where}: ${issue}`);
  }
});

test("a duplicate does not hide behind other problems that stop the count", () => {
  const doubled = text.replace('"version":', '"version":"x","other":1,"version":');
  assert.deepEqual(issuesOf(doubled, { issues: 1 }), ["JSON_DUP /version"]);
});

test("text that is no JSON or no UTF-8 is refused", () => {
  for (const bad of ["", "{", `\ufeff${text}`, `${text}x`, text.slice(0, -1), "undefined"]) {
    assert.match(issuesOf(bad).join(), /^JSON /);
  }
  const bytes = new TextEncoder().encode(text);
  assert.equal(JSON.stringify(parsePassport(bytes)), text);
  assert.equal(JSON.stringify(parsePassport(bytes.buffer)), text);
  assert.equal(JSON.stringify(parsePassport(` \n${text}\t\r\n`)), text);
  bytes[bytes.indexOf(0xc3)] = 0xff;
  assert.deepEqual(issuesOf(bytes), ["UTF8 "]);
});

test("20,000 levels are refused by the limit, wherever they are", () => {
  const deep = "[".repeat(20_000) + "]".repeat(20_000);
  const inside = text.replace('"labels":', () => `"extensions":{"a":${deep}},"labels":`);
  assert.match(issuesOf(deep).join(), /^LIMIT /);
  assert.match(issuesOf('{"a":'.repeat(20_000)).join(), /^LIMIT /);
  assert.match(issuesOf(inside).join(), /^LIMIT .*\/extensions\/a/);
  assert.equal(issuesOf(JSON.parse(deep)).length, 1);
});

test("a higher limit on depth does not let in what cannot be hashed", () => {
  const nested = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels));
  for (const part of ["seals/0", `history/${ids[0]}`]) {
    const put = (levels: number) =>
      changed((p) => at(p, `/${part}`).extensions = { a: nested(levels) });
    const limits = { depth: 1000 };
    assert.doesNotThrow(() => parsePassport(JSON.stringify(put(254)), { limits }));
    assert.deepEqual(issuesOf(JSON.stringify(put(255)), limits), [`LIMIT /${part}/extensions`]);
  }
});

test("each limit is inclusive, and named when it is crossed", () => {
  const cases: [keyof Limits, number, string][] = [
    ["bytes", text.length, "LIMIT "],
    ["entries", 3, "LIMIT /history"],
    ["parents", 2, `LIMIT /history/${ids[2]}/parent_entry_ids`],
    ["seals", made.seals.length, "LIMIT /seals"],
  ];
  for (const [name, least, expected] of cases) {
    if (least > 1) assert(issuesOf(text, { [name]: least - 1 }).includes(expected), name);
    assert.doesNotThrow(() => parsePassport(text, { limits: { [name]: least } }), name);
  }
  const twice = JSON.stringify(changed((p) => p.seals.push({ ...p.seals[0], nonce: "m" })));
  assert.deepEqual(issuesOf(twice, { seals: made.seals.length }), ["LIMIT /seals"]);
  assert.deepEqual(issuesOf(twice, { sealHeads: made.seals.length }), ["LIMIT /seals"]);
  const longest = Math.max(...[...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => m[1]!.length));
  assert.match(issuesOf(text, { stringLength: longest - 1 }).join(), /^LIMIT /);
  assert.doesNotThrow(() => parsePassport(text, { limits: { stringLength: longest } }));
  assert.match(issuesOf(text, { depth: 3 }).join(), /^LIMIT /);
  const bytes = new TextEncoder().encode(text);
  assert.deepEqual(issuesOf(bytes, { bytes: bytes.length - 1 }), ["LIMIT "]);
  assert.doesNotThrow(() => parsePassport(bytes, { limits: { bytes: bytes.length } }));
});

test("no more problems are listed than the limit says", () => {
  const broken = changed((p) => {
    for (const id of ids) for (const name of Object.keys(p.history[id])) p.history[id][name] = 1.5;
  });
  assert(issuesOf(broken).length > 60);
  assert.equal(issuesOf(broken, { issues: 5 }).length, 5);
});

test("the limit on the work of judging seals is a finding, not a pass", async () => {
  const report = await verifyPassport(text, { trust, audience: "a", limits: { sealWork: 1 } });
  assert.equal(report.outcome, "invalid");
  assert(report.findings.some((finding) => finding.code === "LIMIT"));
});

test("an unknown limit or one that is no positive integer is the caller's mistake", () => {
  assert.throws(() => parsePassport(text, { limits: { byte: 1 } as never }), TypeError);
  for (const depth of [0, -1, 1.5, NaN, Infinity, "64" as never]) {
    assert.throws(() => parsePassport(text, { limits: { depth } }), RangeError);
  }
});

test("a passport of the Python package is recognised", () => {
  const python = { origin: {}, history: {}, signature: "x", public_key_id: "k" };
  for (const input of [python, JSON.stringify(python)]) {
    assert.throws(() => parsePassport(input), (error: KestError) => {
      assert(error instanceof KestError);
      return error.code === "PYTHON_PASSPORT";
    });
  }
});

test("of a value that is not text, only plain data is read, and only once", () => {
  let calls = 0;
  const getter = changed((p) => {
    const { seals } = p;
    Object.defineProperty(p, "seals", { enumerable: true, get: () => (calls++, seals) });
  });
  assert.deepEqual(issuesOf(getter), ["FIELD_TYPE /seals"]);
  assert.equal(calls, 0);
  const plain = JSON.parse(text);
  const gadget = { toJSON: () => (calls++, calls === 1 ? plain : { version: "other" }) };
  assert.deepEqual(parsePassport(gadget).toJSON(), made.toJSON());
  assert.equal(calls, 1);
  for (const wrong of [undefined, () => 1, Symbol("x"), 1n, NaN, new Map(), new Date(NaN)]) {
    assert.match(issuesOf(wrong).join(), /^FIELD_TYPE /);
  }
  const cycle: Json = changed(() => {});
  cycle.seals.push(cycle);
  assert.deepEqual(issuesOf(cycle), ["FIELD_TYPE /seals/1"]);
});

test("what was read does not change with the value it was read from", () => {
  const source = JSON.parse(text);
  const passport = parsePassport(source);
  source.history[ids[0]].node_id = "other";
  source.seals.length = 0;
  assert.deepEqual(passport.toJSON(), made.toJSON());
});

test("what was read is frozen, all the way down", () => {
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null) return;
    assert(Object.isFrozen(value), path);
    for (const [name, item] of Object.entries(value)) visit(item, `${path}/${name}`);
  };
  for (const passport of [made, parsePassport(full())]) {
    visit(passport.history, "/history");
    visit(passport.heads, "/heads");
    visit(passport.seals, "/seals");
    visit(passport.origins, "/origins");
  }
});

test("reading and exporting is the identity, in any order of members", () => {
  assert.equal(JSON.stringify(parsePassport(text)), text);
  assert.equal(canonicalize(parsePassport(canonicalize(made))), canonicalize(made));
  const reversed = JSON.parse(
    text,
    (_, value) =>
      value && typeof value === "object" && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
  );
  assert.deepEqual(parsePassport(JSON.stringify(reversed)).toJSON(), made.toJSON());
  assert.equal(canonicalize(parsePassport(full())), canonicalize(full()));
});

test("the text that an entry's hash covers is canonical, for made and for read entries", () => {
  const sorted = parsePassport(canonicalize(made));
  for (const passport of [made, parsePassport(text), sorted, parsePassport(full())]) {
    for (const { body } of reach(partsOf(passport).heads).values()) {
      const { entry_hash: hash, ...rest } = body;
      const covered = canonicalize(rest);
      assert.equal(canonicalEntry(body), covered);
      assert.equal(canonicalEntry(rest as typeof body), covered);
      if (body.extensions === undefined) {
        assert.equal(JSON.stringify(body), `${covered.slice(0, -1)},"entry_hash":"${hash}"}`);
        assert.equal(entryHash(body), hash);
      }
    }
  }
});
