import { test } from "node:test";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { ParseError } from "../lib/base/errors.ts";
import { JsonNumber } from "../lib/bytes/json_text.ts";
import { publicKeyFromJwk } from "../lib/keys/public_key.ts";
import { parsePassport } from "../lib/lineage/parse.ts";
import {
  checkPythonSignature,
  isPythonPassport,
  parsePythonPassport,
  unwrapPythonSample,
  verifyPythonPassport,
} from "../lib/verify/python.ts";
import {
  compareCodePoints,
  fromPythonBase64,
  pythonFloat,
  pythonFloatOf,
  pythonInt,
  writePythonJson,
} from "../lib/verify/python_json.ts";

const VECTORS: {
  public_key: unknown;
  vectors: {
    name: string;
    kest_version: string;
    expect: string;
    keys: string[];
    text: string;
  }[];
} = JSON.parse(
  readFileSync(new URL("./python_vectors.json", import.meta.url), "utf8"),
);
const KEY = publicKeyFromJwk(VECTORS.public_key);
const OTHER = publicKeyFromJwk({
  kty: "OKP",
  crv: "Ed25519",
  x: "vOiOHrOTwmgQOWoir7wfIBbZ0ZRGr3vTsFt6cX0aRWs",
});
const STATUS: Record<string, string> = {
  valid: "valid",
  invalid: "changed",
  unsigned: "unsigned",
};

function textOf(name: string): string {
  return VECTORS.vectors.find((vector) => vector.name === name)!.text;
}

function wrap(text: string, version: string): string {
  const key = JSON.stringify(VECTORS.public_key);
  return `{"kest_version":"${version}","public_key":${key},"passport":${text}}`;
}

function entry(key: string, more: Record<string, unknown> = {}) {
  return {
    [key]: {
      entry_id: key,
      parent_entry_ids: [],
      node_id: "n",
      timestamp_ms: 5,
      input_state_hash: "",
      content_hash: "output_hash",
      ...more,
    },
  };
}

function passport(history: Record<string, unknown>, more = {}) {
  return {
    origin: { user_id: "u", session_id: "s" },
    history,
    signature: "",
    public_key_id: "",
    ...more,
  };
}

function issuesOf(input: unknown, limits = {}): string[] {
  try {
    parsePythonPassport(input, limits);
  } catch (error) {
    assert(error instanceof ParseError, String(error));
    return error.issues.map(({ code, path }) => `${code} ${path}`);
  }
  return [];
}

test("floats are written as Python's repr", () => {
  const cases: [number, string][] = [
    [1, "1.0"],
    [0, "0.0"],
    [-0, "-0.0"],
    [1e-7, "1e-07"],
    [0.0001, "0.0001"],
    [0.00001234, "1.234e-05"],
    [1e15, "1000000000000000.0"],
    [1e16, "1e+16"],
    [9999999999999998, "9999999999999998.0"],
    [123456789.125, "123456789.125"],
    [0.1 + 0.2, "0.30000000000000004"],
    [5e-324, "5e-324"],
    [-1.7976931348623157e308, "-1.7976931348623157e+308"],
    [Infinity, "Infinity"],
    [NaN, "NaN"],
  ];
  for (const [value, text] of cases) assert.equal(pythonFloat(value), text);
});

test("JSON is written as json.dumps writes it", () => {
  const value = {
    "\u{1f600}": 'é"\\/\u007f',
    "\uffff": "\b\f\n\r\t\0",
    ["__proto__"]: [null, true, 1, new JsonNumber("-0"), {}, []],
    n: [new JsonNumber("12345678901234567890"), new JsonNumber("1E5")],
  };
  assert.equal(
    writePythonJson(value),
    '{"__proto__":[null,true,1.0,0,{},[]],' +
      '"n":[12345678901234567890,100000.0],' +
      '"\\uffff":"\\b\\f\\n\\r\\t\\u0000",' +
      '"\\ud83d\\ude00":"\\u00e9\\"\\\\/\\u007f"}',
  );
  assert(compareCodePoints("\u{10000}", "\uffff") > 0);
  assert(compareCodePoints("a", "aa") < 0);
});

test("numbers are read as pydantic's lax mode reads them", () => {
  const number = (literal: string) => new JsonNumber(literal);
  assert.equal(pythonInt(number("5.0")), "5");
  assert.equal(pythonInt(" +1_000.00\u0085"), "1000");
  assert.equal(pythonInt(false), "0");
  assert.equal(pythonInt(number("9".repeat(4300))), "9".repeat(4300));
  const refused = [number("5.5"), number("1e19"), number("1e400"), null, "5."];
  for (const bad of [...refused, "1__0", "\ufeff5", "٣", 2 ** 53, NaN]) {
    assert.equal(pythonInt(bad), undefined, String(bad));
  }
  assert.equal(pythonInt(number("9".repeat(4301))), undefined);
  assert(Object.is(pythonFloatOf(number("-0")), 0));
  assert(Object.is(pythonFloatOf(number("-0.0")), -0));
  assert.equal(pythonFloatOf("1_0.5e-1"), 1.05);
  assert.equal(pythonFloatOf("-Infinity"), -Infinity);
  for (const bad of ["", ".", "_1", "1_", "0x1", "1 2", null, []]) {
    assert.equal(pythonFloatOf(bad), undefined, String(bad));
  }
  assert.equal(pythonFloatOf("1".repeat(1 << 20) + "x"), undefined);
});

test("base64 is read as Python's b64decode reads it", () => {
  const decoded = (text: string) => fromPythonBase64(text)?.join();
  assert.equal(decoded("AQID"), "1,2,3");
  assert.equal(decoded(" A-Q\nI_D"), "1,2,3");
  assert.equal(decoded("AQ==AQ"), "1");
  assert.equal(decoded("=AQI="), "1,2");
  assert.equal(decoded("A=QI="), "1,2");
  assert.equal(decoded("AQI"), undefined);
  assert.equal(decoded("é"), undefined);
});

for (const { name, kest_version, expect, keys, text } of VECTORS.vectors) {
  test(`Python says ${expect}: ${name}`, async () => {
    const read = parsePythonPassport(wrap(text, kest_version));
    assert.equal(read.kestVersion, kest_version.slice(0, 3));
    assert.deepEqual(read.entries.map(({ key }) => key), keys);
    assert.equal(
      await checkPythonSignature(read, [OTHER, KEY]),
      STATUS[expect],
    );
    const report = await verifyPythonPassport(read, { keys: [KEY] });
    assert.equal(
      report.outcome,
      expect === "invalid" ? "invalid" : "unverified",
    );
    assert.equal(report.signers.length, expect === "valid" ? 1 : 0);
  });
}

const SHARED = new URL("../../shared/kest-python/", import.meta.url);

function sampleFiles(): string[] {
  try {
    return readdirSync(SHARED).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
}

test("the shared samples get the verdict that they expect", async (t) => {
  const files = sampleFiles();
  if (files.length === 0) {
    t.diagnostic(`LEFT OUT: no samples in ${SHARED.pathname}`);
    console.log(`LEFT OUT: no samples in ${SHARED.pathname}`);
  }
  for (const file of files) {
    const bytes = readFileSync(new URL(file, SHARED));
    const sample = unwrapPythonSample(JSON.parse(bytes.toString()))!;
    assert(isPythonPassport(sample.passport), file);
    // A text, its bytes, and a value that lost `1.0` all give the same answer.
    for (const input of [bytes, bytes.toString(), sample.passport]) {
      const read = parsePythonPassport(input);
      const status = await checkPythonSignature(read, [sample.embeddedKey!]);
      assert.equal(status, STATUS[sample.expect!], file);
    }
    const report = await verifyPythonPassport(parsePythonPassport(bytes), {
      keys: [],
    });
    const invalid = sample.expect === "invalid";
    assert.equal(report.outcome, invalid ? "invalid" : "unverified", file);
  }
});

test("a key inside the file proves nothing about who signed", async () => {
  const read = parsePythonPassport(wrap(textOf("lax base64"), "0.1.0"));
  const report = await verifyPythonPassport(read, { keys: [] });
  assert.equal(report.outcome, "unverified");
  assert.equal(report.verdicts.identity.code, "KEY_UNKNOWN");
  assert.match(report.verdicts.identity.sentence, /agrees with itself/);
  assert.deepEqual(report.signers, []);
  const given = await verifyPythonPassport(read, { keys: [OTHER] });
  assert.equal(given.verdicts.integrity.code, "PYTHON_SIGNATURE");
});

test("without any key the signature is unchecked", async () => {
  const read = parsePythonPassport(textOf("lax base64"));
  assert.equal(await checkPythonSignature(read, []), "unchecked");
  const report = await verifyPythonPassport(read, { keys: [] });
  assert.equal(report.verdicts.identity.code, "TRUST_EMPTY");
  assert.equal(report.outcome, "unverified");
});

test("an unsigned passport says so", async () => {
  const { signature: _, ...without } = passport(entry("a"));
  for (const value of [without, passport(entry("a"))]) {
    const read = parsePythonPassport(value);
    assert.equal(await checkPythonSignature(read, [KEY]), "unsigned");
    const report = await verifyPythonPassport(read, { keys: [KEY] });
    assert.equal(report.verdicts.identity.code, "UNSIGNED");
    assert.equal(report.outcome, "unverified");
  }
});

test("members that Python ignores are named", async () => {
  const text = textOf("unknown members");
  const read = parsePythonPassport(wrap(text, "0.1.0"));
  assert.deepEqual(read.uncovered, [
    "/note",
    "/origin/policies/x",
    "/history/a~1~0b/trust_score",
  ]);
  assert.equal(read.entries[0]!.trustScore, null);
  // Nothing names the version here, so the trust score counts: never unseen.
  const bare = parsePythonPassport(text);
  assert.equal(bare.kestVersion, "0.2");
  assert.equal(await checkPythonSignature(bare, [KEY]), "changed");
});

test("a 0.2 passport without trust scores is checked in both forms", async () => {
  const read = parsePythonPassport(textOf("0.2 without trust scores"));
  assert.deepEqual(read.signedAs, ["0.1", "0.2"]);
  assert.equal(await checkPythonSignature(read, [KEY]), "valid");
});

test("the shape is checked", async () => {
  const value = passport({
    ...entry("a", { parent_entry_ids: ["b"] }),
    ...entry("b", { parent_entry_ids: ["a"] }),
  });
  const cyclic = parsePythonPassport(value);
  const cycle = await verifyPythonPassport(cyclic, { keys: [] });
  assert.equal(cycle.outcome, "invalid");
  assert.equal(cycle.verdicts.integrity.code, "KIND_SHAPE");
  const odd = parsePythonPassport(passport(
    entry("a", { parent_entry_ids: Array(300).fill("gone"), entry_id: "z" }),
  ));
  const report = await verifyPythonPassport(odd, { keys: [] });
  assert.equal(report.outcome, "unverified");
  const count = (code: string) => report.findings.filter((finding) => finding.code === code).length;
  assert.equal(count("TRUNCATED"), 100);
  assert.equal(count("LIMIT"), 1);
  assert.equal(count("KIND_SHAPE"), 1);
});

test("long chains do not exhaust the stack", async () => {
  const history: Record<string, unknown> = {};
  for (let i = 0; i < 20_000; i++) {
    const parents = i === 0 ? [] : [`e${i - 1}`];
    Object.assign(history, entry(`e${i}`, { parent_entry_ids: parents }));
  }
  const read = parsePythonPassport(JSON.stringify(passport(history)));
  const report = await verifyPythonPassport(read, { keys: [] });
  assert.equal(report.entries, 20_000);
});

test("what cannot be read is refused with its path", () => {
  const bad = passport(
    entry("a/b", { timestamp_ms: 1.5, labels: { x: 1 }, added_taint: null }),
    { origin: { user_id: null } },
  );
  assert.deepEqual(issuesOf(bad).sort(), [
    "FIELD_MISSING /origin/session_id",
    "FIELD_TYPE /history/a~1b/added_taint",
    "FIELD_TYPE /history/a~1b/labels/x",
    "FIELD_TYPE /history/a~1b/timestamp_ms",
    "FIELD_TYPE /origin/user_id",
  ]);
  assert.deepEqual(issuesOf({ public_key: 1, passport: {} }), [
    "FIELD /public_key",
  ]);
  assert.deepEqual(issuesOf({ kest_version: "0.3.0", passport: {} }), [
    "VERSION /kest_version",
  ]);
  assert(
    issuesOf({ kest_version: "0.1.0", passport: {} })
      .includes("FIELD_MISSING /passport/origin"),
  );
  assert.deepEqual(
    issuesOf(passport({ "\ud800": {} }))[0],
    "UTF8 /history/\ud800",
  );
  assert.deepEqual(issuesOf('{"a":1,"a":2}'), ["JSON_DUP /a"]);
  assert.deepEqual(issuesOf(new Uint8Array([0xff])), ["UTF8 "]);
});

test("limits hold", () => {
  const two = passport({ ...entry("a"), ...entry("b") });
  assert.deepEqual(issuesOf(two, { entries: 1 }), ["LIMIT /history"]);
  assert.deepEqual(issuesOf("é".repeat(6), { bytes: 11 }), ["LIMIT "]);
  assert.deepEqual(issuesOf(new Uint8Array(12), { bytes: 11 }), ["LIMIT "]);
  assert.equal(issuesOf(passport({ a: 1, b: 2 }), { issues: 3 }).length, 3);
  const unknown = passport({}, { x: 1, y: 2, z: 3 });
  const read = parsePythonPassport(unknown, { issues: 2 });
  assert.deepEqual([read.uncovered.length, read.uncoveredCount], [2, 3]);
});

test("only own members count, and the result is frozen", () => {
  assert.equal(isPythonPassport(passport({})), true);
  const { signature: _, ...unsigned } = passport({});
  assert.equal(isPythonPassport(unsigned), true);
  const foreign = [unsigned, passport({})].map((value) => JSON.stringify(value));
  for (const text of foreign) assert.throws(() => parsePassport(text), { code: "PYTHON_PASSPORT" });
  assert.equal(isPythonPassport(Object.create(passport({}))), false);
  assert.equal(isPythonPassport(passport({}, { version: "kest/v1" })), false);
  for (const value of [null, [], "x", undefined]) {
    assert.equal(isPythonPassport(value), false);
  }
  const read = parsePythonPassport(textOf("floats"));
  for (const part of [read, read.origin, read.entries, read.entries[0]]) {
    assert(Object.isFrozen(part));
  }
});
