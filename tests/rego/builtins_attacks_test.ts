// What an attacker writes into data so that a policy reads it wrongly, or never ends.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { BuiltinContext } from "../../lib/rego/builtin.ts";
import { BUILTINS } from "../../lib/rego/builtins/all.ts";
import { LocalOpaEngine, RegoError } from "../../lib/rego/mod.ts";
import { Decimal } from "../../lib/rego/number.ts";
import { keyOf } from "../../lib/rego/value.ts";

/** What `allow if not deny` comes to, where `deny` asks for `x`; or the code of the error. */
function allowed(expr: string, x: unknown): unknown {
  const engine = new LocalOpaEngine();
  engine.addPolicy("p", `package p\n\ndeny if ${expr}\n\nallow if not deny\n`);
  try {
    return engine.evaluate({ rule: "data.p.allow", input: { x } }).value;
  } catch (error) {
    if (error instanceof RegoError) return error.reason;
    throw error;
  }
}

const brackets = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const base64url = (text: string) => btoa(text).replace(/=+$/, "");
const jwt = (payload: string, header = "{}") => `${base64url(header)}.${base64url(payload)}.`;
/** A JWT in a JWT, and so on. */
const nested = (depth: number): string =>
  depth === 0 ? jwt('{"evil": true}') : jwt(`"${nested(depth - 1)}"`, '{"cty": "JWT"}');

const LIMITS: Readonly<Record<string, readonly [expr: string, x: unknown]>> = {
  "JSON nested deeply": ["json.unmarshal(input.x).evil", `{"evil": true, "a": ${brackets(600)}}`],
  "JSON that is valid, but deep": ["json.is_valid(input.x)", brackets(600)],
  "a JSON number with a large exponent": [
    "json.unmarshal(input.x).evil",
    '{"evil": true, "a": 1e10001}',
  ],
  "a JSON number of many digits": [
    "json.unmarshal(input.x).evil",
    `{"evil": true, "a": 1${"0".repeat(10_001)}}`,
  ],
  "text of a number near zero": ["to_number(input.x) < 1", "1e-10001"],
  "YAML nested deeply": ["yaml.unmarshal(input.x).evil", `{"evil": true, "a": ${brackets(250)}}`],
  "long YAML": ["yaml.unmarshal(input.x).evil", `evil: true\na: ${"y".repeat(1_000_001)}\n`],
  "YAML of many aliases": [
    "yaml.unmarshal(input.x).evil",
    `evil: &a true\nb: [${Array(1_001).fill("*a").join(",")}]\n`,
  ],
  "a long regular expression": ['regex.match(input.x, "evil")', `evil${"|x".repeat(5_000)}`],
  "a large regular expression": [
    'regex.match(input.x, "evil")',
    `evil|${"(?:abc){1000}".repeat(20)}`,
  ],
  "a regular expression of many groups": [
    'count(regex.find_all_string_submatch_n(input.x, "evil", -1)) > 0',
    `${"()".repeat(3_000)}evil`,
  ],
  "a long glob": ['glob.match(input.x, [], "evil")', `{evil,${"x,".repeat(5_001)}y}`],
  "globs of many parts": ["regex.globs_match(input.x, input.x)", "ab".repeat(600)],
  "a long version": ['semver.compare(input.x, "1.0.0") > 0', `2.0.0+${"x".repeat(1_000)}`],
  "a wide sprintf": ['sprintf("%10001d", [input.x]) != ""', 1],
  "a large shift": ["bits.lsh(1, input.x) > 1", 200_001],
  "a large amount": ["units.parse(input.x) > 5", "1e10001"],
  "an amount of many bytes": ["units.parse_bytes(input.x) > 5", "1e10001"],
  "a long duration": ["time.parse_duration_ns(input.x) > 0", "1s".repeat(600)],
  "a long layout": ['time.parse_ns(input.x, "2020") != 1', `2006${" ".repeat(1_000)}`],
  "a template nested deeply": [
    'strings.render_template(input.x, {}) == "evil"',
    `${"{{if true}}".repeat(101)}evil${"{{end}}".repeat(101)}`,
  ],
  "parentheses in a template": [
    'strings.render_template(input.x, {}) == "evil"',
    `{{${"(".repeat(60)}print "evil"${")".repeat(60)}}}`,
  ],
  "templates in templates": [
    'strings.render_template(input.x, {}) == "evil"',
    `${
      Array.from({ length: 120 }, (_, i) => `{{define "${i}"}}{{template "${i + 1}"}}{{end}}`).join(
        "",
      )
    }{{define "120"}}evil{{end}}{{template "0"}}`,
  ],
  "a template's literals that JSON has not": [
    'strings.render_template(input.x, {}) == "evil"',
    '{{print "\\x65vil"}}',
  ],
  "tokens in tokens": ["io.jwt.decode(input.x)[1].evil", nested(10)],
  "a token with deep JSON": [
    "io.jwt.decode(input.x)[1].evil",
    jwt(`{"evil": true, "a": ${brackets(600)}}`),
  ],
  "a quotient beyond all digits": [
    "json.unmarshal(input.x) / json.unmarshal(`1.5e-9999`) > 0",
    "1.5e9999",
  ],
  "a script of several words": ['regex.match(input.x, "evil")', "\\p{Old_Italic}|evil"],
  "YAML with a line that is not indented": ["yaml.unmarshal(input.x).a[1] == 2", "a: [1,\n2]"],
  "YAML's timestamps": ["yaml.is_valid(input.x)", "a: !!timestamp 2020-01-01"],
  "YAML's other line breaks": ["yaml.unmarshal(input.x).a", "b: 'x\u2028'\na: true"],
  "YAML's first of several documents": ["yaml.unmarshal(input.x).a", "a: true\n---\n!!int b\n"],
  "YAML's local tag": ["yaml.unmarshal(input.x).a", "a: ! true"],
  "YAML's unusual tags": ["yaml.unmarshal(input.x).a", "a: true\nb: !a,b c"],
  "YAML's comments without a space": ["yaml.unmarshal(input.x).a", "a: true\nb: 'c'# d"],
  "YAML with an indented first line": ["yaml.unmarshal(input.x) != {}", "\n  x y\na b"],
  "YAML with text behind its end": ["yaml.is_valid(input.x)", "a\n...\nb"],
  "mapped networks": [
    '"10.0.0.0/9" in net.cidr_merge([input.x, "10.0.0.0/9"])',
    "::ffff:10.0.0.0/104",
  ],
};

for (const [what, [expr, x]] of Object.entries(LIMITS)) {
  test(`${what}: the evaluation ends, "not" makes no allow of it`, () => {
    assert.equal(allowed(expr, x), "eval_budget_error");
  });
}

const FAILS: Readonly<Record<string, readonly [expr: string, x: unknown]>> = {
  "JSON deeper than Go reads": ["json.unmarshal(input.x)", brackets(10_001)],
  "text of a number beyond a double": ["to_number(input.x) > 5", "1e10001"],
  "no regular expression": ['regex.match(input.x, "evil")', "(evil"],
  "a class that Unicode has not": ['regex.match(input.x, "evil")', "\\p{Foo}|evil"],
  "no YAML": ["yaml.unmarshal(input.x)", "[evil"],
  "padding that is not whole": ["base64url.decode(input.x)", "YQ="],
};

for (const [what, [expr, x]] of Object.entries(FAILS)) {
  test(`${what} is undefined, as in OPA`, () => assert.equal(allowed(expr, x), true));
}

const VALUES: Readonly<Record<string, readonly [expr: string, x: unknown]>> = {
  "names of categories": ['regex.match(input.x, "ä")', "^\\p{Letter}\\p{^lu}?\\pl?$"],
  "names of categories of several words": ['regex.match(input.x, "A")', "^\\p{uppercase letter}$"],
  "names of scripts in small letters": ['regex.match(input.x, "α")', "^\\p{greek}$"],
  "quoted names of classes": ['regex.match(input.x, "\\\\p{greek}")', "^\\Q\\p{greek}\\E$"],
  "YAML's block without a line break at its end": ['yaml.unmarshal(input.x) == "x"', "--- |\n x"],
  "YAML's block in a mapping": ['yaml.unmarshal(input.x).a == "x"', "a: >+\n  x"],
  "YAML's block that is stripped": ['yaml.unmarshal(input.x).a == "x"', "a: |-\n  x"],
  "YAML's block with a line break": ['yaml.unmarshal(input.x).a == "x\\n"', "a: |\n  x\n"],
  "YAML's text with such an ending": ['yaml.unmarshal(input.x).a == "x|\\n"', 'a: "x|\\n"'],
  "YAML's collections without items": ['yaml.unmarshal(input.x).a == ""', "a: !!seq\nb: 1\n"],
  "padding that is whole": ['base64url.decode(input.x) == "a"', "YQ=="],
  "no padding": ['base64url.decode(input.x) == "a"', "YQ"],
};

for (const [what, [expr, x]] of Object.entries(VALUES)) {
  test(`${what} are read as OPA reads them`, () => assert.equal(allowed(expr, x), undefined));
}

test("many blank lines in YAML are read once", () => {
  assert.equal(allowed('yaml.unmarshal(input.x) == "x"', `${"\n".repeat(5_000)}x`), undefined);
  assert.equal(allowed("yaml.is_valid(input.x)", `${"# \n \n".repeat(5_000)}x`), undefined);
});

/** A context that counts, and never ends. */
function counting(): BuiltinContext & { spent: number } {
  return {
    spent: 0,
    timeNs: 0n,
    random: () => "0".repeat(64),
    cache: new Map(),
    spend(units) {
      this.spent += units;
    },
    print() {},
  };
}

test("compiled patterns are kept by their size, not their number", () => {
  const context = counting();
  const run = (i: number) => {
    context.spent = 0;
    assert.equal(BUILTINS.get("regex.match")!(["\\pL".repeat(20) + i, ""], context), false);
    return context.spent;
  };
  const first = Array.from({ length: 50 }, (_, i) => run(i));
  const second = Array.from({ length: 50 }, (_, i) => run(49 - i));
  const kept = second.filter((spent) => spent < Math.min(...first) / 10).length;
  assert.ok(kept >= 1 && kept <= 10, `${kept} kept`);
});

test("a search pays for what it reads, not for what it could", () => {
  const spent = (pattern: string) => {
    const context = counting();
    BUILTINS.get("regex.replace")!(["a".repeat(2_000), pattern, "b"], context);
    return context.spent;
  };
  assert.ok(spent("a") < 40 * 2_000, String(spent("a")));
  assert.ok(spent("a.*b|a") > 400 * 2_000, String(spent("a.*b|a")));
});

test("each address of a network is paid for before it is made", () => {
  const context = counting();
  context.spend = (units) => {
    context.spent += units;
    if (context.spent > 100) throw new RegoError("eval_budget_error", "enough");
  };
  assert.throws(() => BUILTINS.get("net.cidr_expand")!(["10.0.0.0/8"], context), RegoError);
  assert.ok(context.spent < 200, String(context.spent));
});

/** Runs something at all depths of the call stack near to its end. */
function nearTheEnd(run: () => unknown): unknown[] {
  const outcomes: unknown[] = [];
  const dive = (): void => {
    try {
      dive();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    if (outcomes.length >= 400) return;
    try {
      outcomes.push(run());
    } catch (error) {
      outcomes.push(error instanceof RangeError || error instanceof RegoError ? "ended" : error);
    }
  };
  dive();
  return outcomes;
}

const DEEP: Readonly<Record<string, readonly [name: string, text: string]>> = {
  "a regular expression": ["regex.is_valid", `${"(".repeat(50)}a${")".repeat(50)}`],
  YAML: ["yaml.is_valid", brackets(50)],
  JSON: ["json.is_valid", `["\\u0041", ${brackets(50)}]`],
};

for (const [what, [name, text]] of Object.entries(DEEP)) {
  test(`a full call stack does not make ${what} invalid`, () => {
    const run = () => {
      const context = counting();
      return BUILTINS.get(name)!([text], context);
    };
    assert.equal(run(), true);
    const outcomes = nearTheEnd(run);
    assert.ok(outcomes.includes("ended"));
    assert.deepEqual([...new Set(outcomes)].filter((one) => one !== true && one !== "ended"), []);
  });
}

test("no builtin swallows what it did not expect", () => {
  const directory = new URL("../../lib/rego/builtins/", import.meta.url);
  for (const name of readdirSync(directory)) {
    const source = readFileSync(new URL(name, directory), "utf8");
    for (const [, head, body] of source.matchAll(/\bcatch\b([^{]*)\{([^}]*)/g)) {
      assert.match(head!, /\(error\)/, `${name}: catch${head}`);
      assert.match(body!, /rethrowOverflow\(error\)|throw error/, `${name}: ${body}`);
    }
  }
});

test("what the program's print throws ends the evaluation", () => {
  for (const call of ['print("a")', 'trace("a")']) {
    const engine = new LocalOpaEngine({
      print: () => {
        throw new TypeError("no paper");
      },
    });
    engine.addPolicy("p", `package p\n\nallow if ${call}\n`);
    assert.throws(
      () => engine.evaluate({ rule: "data.p.allow", input: {} }),
      (error) =>
        error instanceof RegoError && error.reason === "eval_internal_error" &&
        (error.cause as Error).message === "no paper",
    );
  }
});

test("large integers have keys that a Map spreads", () => {
  const keys = [1n, 2n, 3n].map((i) => keyOf(i << 70n));
  assert.equal(new Set(keys).size, 3);
  assert.deepEqual(keys.map((key) => typeof key), ["string", "string", "string"]);
  assert.equal(keyOf(10n ** 30n), keyOf(new Decimal("1e30")));
});
