// What builtins do with hostile operands: each pays before it works.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalOpaEngine, RegoError } from "../../lib/rego/mod.ts";

/** What a body's `x` is, or the code of the error. */
function outcome(body: string, input: unknown = {}): unknown {
  const engine = new LocalOpaEngine({
    strictBuiltinErrors: true,
    budget: { steps: 500_000, memory: 200_000, timeMs: 60_000 },
  });
  engine.addPolicy("p", `package p\n\nr := x if {\n${body}\n}\n`);
  try {
    return engine.evaluate({ rule: "data.p.r", input }).value;
  } catch (error) {
    if (error instanceof RegoError) return error.reason;
    throw error;
  }
}

const LONG = "a".repeat(20_000);
/** A value that holds another many times over, and that another. */
const SHARED = ["v0 := [1, 2]"].concat(
  [1, 2, 3, 4, 5, 6].map((i) => `v${i} := [${Array(8).fill(`v${i - 1}`)}]`),
).join("; ");
const NODES = Array.from({ length: 300 }, (_, i) => String(i));
const INPUT = { long: LONG, graph: Object.fromEntries(NODES.map((node) => [node, NODES])) };
const MANY = "x := count([1 | some i in numbers.range(1, 20000);";
const TWINS = [["b", "b"], ["c", "c"], ["d", "b"]].map(([name, end]) =>
  `${name} := concat("", [input.long, "${end}"]);`
).join(" ");
const GROWN = ["v0 := 1"].concat(
  Array.from({ length: 9 }, (_, i) => `v${i + 1} := bits.lsh(v${i}, 30000)`),
).join("; ");
const BUDGET: Readonly<Record<string, string>> = {
  "a range without end": "x := numbers.range(1, 1000000000000)",
  "a range of steps": "x := numbers.range_step(1, 1000000000000, 2)",
  "a range beyond 64 bits": `x := numbers.range(0, ${"9".repeat(400)})`,
  "a large shift": "x := bits.lsh(1, 1000000000)",
  "every address of IPv4": 'x := net.cidr_expand("0.0.0.0/0")',
  "every address of IPv6": 'x := net.cidr_expand("::/0")',
  "a text in the place of each character":
    'y := concat(input.long, split(input.long, "")); x := count(y)',
  "replacing with long text": 'x := replace(input.long, "a", input.long)',
  "replacing nothing with long text": 'x := replace(input.long, "", input.long)',
  "several replacements with long text": 'x := strings.replace_n({"a": input.long}, input.long)',
  "regular replacing with long text": 'x := regex.replace(input.long, "a", input.long)',
  "a group many times":
    'x := regex.replace(input.long, "(a*)", concat("", [y | some i in numbers.range(1, 100); y := "$1$1$1$1$1$1"]))',
  "a long subject":
    'x := regex.match("(a|a)*(a|b)*(a|c)*(a|d)*(a|e)*(a|f)*(a|g)*(a|h)*(a|i)*$", concat("", [y | some i in numbers.range(1, 50); y := input.long]))',
  "a glob of braces":
    'x := glob.match(concat("", [y | some i in numbers.range(1, 200); y := "{a,*,a*,*a,{*,a}}"]), null, input.long)',
  "patterns that both repeat":
    'p := concat("", [y | some i in numbers.range(1, 40); y := "a*[ab]*"]); x := regex.globs_match(concat("", [p, "b"]), concat("", [p, "c"]))',
  "a template that counts far": 'x := strings.render_template("{{range 1000000000}}x{{end}}", {})',
  "a template's loops in loops":
    'x := strings.render_template("{{range .l}}{{range $.l}}{{range $.l}}{{range $.l}}x{{end}}{{end}}{{end}}{{end}}", {"l": numbers.range(1, 100)})',
  "all paths of a dense graph": 'x := count(graph.reachable_paths(input.graph, {"0"}))',
  "walking a shared value": `${SHARED}; x := count([p | walk(v6, [p, _])])`,
  "the text of a shared value": `${SHARED}; x := json.marshal(v6)`,
  "the YAML of a shared value": `${SHARED}; x := yaml.marshal(v6)`,
  "the term of a shared value": `${SHARED}; x := sprintf("%v", [v6])`,
  "aliases of aliases in YAML":
    'x := yaml.unmarshal("a: &a [x,x,x,x,x,x,x,x,x]\\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\\n")',
  "patching a long array over and over":
    'o := [{"op": "add", "path": "/0", "value": i} | some i in numbers.range(1, 2000)]; x := count(json.patch(numbers.range(1, 2000), o))',
  "a product of large numbers":
    "x := product([y | some i in numbers.range(1, 5000); y := bits.lsh(1, 100000)])",
  "searches that read on beyond what they find": 'x := regex.find_n("a.*b|a", input.long, -1)',
  "splitting where each search reads on": 'x := regex.split("a.*b|a", input.long)',
  "replacing where each search reads on": 'x := regex.replace(input.long, "a.*b|a", "c")',
  "groups where each search reads on":
    'x := regex.find_all_string_submatch_n("a(.*b)?", input.long, -1)',
  "a replacement of many names":
    'x := regex.replace(input.long, "a", concat("", [y | some i in numbers.range(1, 1000); y := "$x"]))',
  "patterns of many classes":
    'x := regex.is_valid(concat("", [y | some i in numbers.range(1, 2000); y := `\\pL|`]))',
  "comparing texts with one prefix": `${TWINS} ${MANY} [b, i] < [c, i]])`,
  "comparing equal texts": `${TWINS} ${MANY} [b, i] == [d, i]])`,
  "comparing texts in secret": `${TWINS} ${MANY} not crypto.hmac.equal(b, c); i > 0])`,
  "comparing decimals of many digits":
    `a := to_number(concat("", ["0.", replace(input.long, "aaaa", "0"), "1"])); ${MANY} a < a + i])`,
  "arithmetic of far exponents":
    `a := json.unmarshal("1e9999"); b := json.unmarshal("1e-9999"); ${MANY} a * b < i])`,
  "integers that grow": `${GROWN}; x := v9`,
  "many large integers": `v := bits.lsh(1, 199999); ${MANY} bits.or(v, i) > 0])`,
  "digits of large integers": `v := bits.lsh(1, 199999); ${MANY} format_int(v, 10) != ""])`,
  "large integers in texts": `v := bits.lsh(1, 199999); ${MANY} sprintf("%d", [v]) != ""])`,
  "remainders of large integers": `v := bits.lsh(1, 90000); ${MANY} (v + i) % 3 > 0])`,
  "a text many times over":
    'x := sprintf(concat("", [y | some i in numbers.range(1, 1000); y := "%[1]s"]), [input.long])',
  "a text that doubles in a template":
    'x := strings.render_template("{{$x := `ab`}}{{range .l}}{{$x = print $x $x}}{{end}}", {"l": numbers.range(1, 24)})',
  "empty loops in loops":
    'x := strings.render_template("{{range .l}}{{range $.l}}{{end}}{{end}}", {"l": numbers.range(1, 2000)})',
  "keys of an object many times":
    `o := {k: 1 | some k in numbers.range(1, 1000)}; ${MANY} count(object.keys(o)) > 0])`,
  "keys of an input many times": `${MANY} count(input.graph) > 0])`,
  "removing many keys from nothing":
    `k := numbers.range(1, 1000); ${MANY} object.remove({}, k) == {}])`,
  "subsets of large sets":
    `s := {k | some k in numbers.range(1, 1000)}; ${MANY} object.subset(s, s)])`,
  "filtering a wide array":
    `k := {"a": numbers.range(1, 1000)}; ${MANY} json.filter(k, ["a/x"]) != {}])`,
  "parts of a long text":
    'l := concat("", [y | some i in numbers.range(1, 10); y := input.long]); x := count(split(l, "a"))',
  "places of a long text in a long text":
    'l := concat("", [y | some i in numbers.range(1, 10); y := input.long]); x := indexof_n(l, substring(l, 0, 100000))',
  "long prefixes of long texts":
    'p := [concat("", [input.long, y]) | some i in numbers.range(1, 60); y := sprintf("b%d", [i])]; x := strings.any_prefix_match(p, [concat("", [y, "c"]) | some y in p])',
  "a long name for many values":
    'x := urlquery.encode_object({input.long: [y | some i in numbers.range(1, 2000); y := sprintf("%d", [i])]})',
  "sets of many ranges":
    's := concat("", ["[", concat("", [y | some i in numbers.range(1, 4000); y := "ab"]), "]"]); p := concat("", [s, "c"]); x := regex.globs_match(p, p)',
  "all pairs of prefixes":
    'n := [y | some i in numbers.range(1, 2000); y := sprintf("%d", [i])]; x := strings.any_prefix_match(n, [concat("", ["x", y]) | some y in n])',
};

for (const [what, body] of Object.entries(BUDGET)) {
  test(`${what} ends with the budget`, () => {
    assert.equal(outcome(body, INPUT), "eval_budget_error");
  });
}

const REFUSED: Readonly<Record<string, string>> = {
  "a wide sprintf": 'x := sprintf("%1000000000d", [1])',
  "a precise sprintf": 'x := sprintf("%.1000000000f", [1.5])',
  "an amount with a huge exponent": 'x := units.parse("1e999999")',
  "bytes with a huge exponent": 'x := units.parse_bytes("1e999999")',
  "a number with a huge exponent": 'x := json.unmarshal("1e999999999")',
  "text with a huge exponent": 'x := to_number("1e999999999")',
  "a date beyond all dates": "x := time.add_date(0, 999999999, 999999999, 999999999)",
  "days beyond all dates": "x := time.add_date(0, 0, 0, 9007199254740991)",
  "JSON nested deeply":
    'x := json.unmarshal(concat("", [y | some i in numbers.range(1, 2000); y := "["]))',
  "YAML nested deeply":
    'x := yaml.unmarshal(concat("", [y | some i in numbers.range(1, 2000); y := "["]))',
  "a template nested deeply":
    'x := strings.render_template(concat("", [y | some i in numbers.range(1, 2000); y := "{{if true}}"]), {})',
  "a template within itself":
    'x := strings.render_template("{{define `t`}}{{template `t` .}}{{end}}{{template `t` .}}", {})',
  "parentheses nested deeply":
    'x := strings.render_template(concat("", ["{{", concat("", [y | some i in numbers.range(1, 2000); y := "("]), "}}"]), {})',
  "a pattern with counts of counts": `x := regex.match("((a{1,900}){1,900}){1,900}", "a")`,
  "groups nested deeply":
    'x := regex.match(concat("", [y | some i in numbers.range(1, 2000); y := "("]), "a")',
};

for (const [what, body] of Object.entries(REFUSED)) {
  test(`${what} is refused`, () => {
    assert.match(String(outcome(body)), /^eval_(?:builtin|budget)_error$/);
  });
}

test("operands of sprintf are no widths that cost much", () => {
  assert.equal(outcome('x := sprintf("%*d", [1000000000, 1])'), "%!(BADWIDTH)1");
});

const OBJECT = '{"__proto__": 1, "constructor": 2, "toString": 3}';
const KEYS = { ["__proto__"]: 1, constructor: 2, toString: 3 };
const SAME: Readonly<Record<string, string>> = {
  "json.unmarshal": `x := json.unmarshal(json.marshal(${OBJECT}))`,
  "yaml.unmarshal": `x := yaml.unmarshal(yaml.marshal(${OBJECT}))`,
  "object.union": `x := object.union({"__proto__": 0, "constructor": {}}, ${OBJECT})`,
  "object.union_n": `x := object.union_n([{"__proto__": {}}, ${OBJECT}])`,
  "object.filter": `x := object.filter(${OBJECT}, object.keys(${OBJECT}))`,
  "object.remove": `x := object.remove(object.union(${OBJECT}, {"a": 1}), ["a"])`,
  "json.filter": `x := json.filter(${OBJECT}, ["__proto__", "constructor", "toString"])`,
  "json.remove": `x := json.remove(object.union(${OBJECT}, {"a": 1}), ["a"])`,
  "json.patch":
    `x := json.patch({}, [{"op": "add", "path": k, "value": v} | some k, v in ${OBJECT}])`,
};

for (const [name, body] of Object.entries(SAME)) {
  test(`${name} takes names of Object's members for plain keys`, () => {
    const value = outcome(body) as object;
    assert.deepEqual(Object.entries(value).sort(), Object.entries(KEYS).sort());
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
  });
}

test("what no object has stays undefined under names of Object's members", () => {
  for (const key of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    assert.equal(outcome(`x := object.get({}, "${key}", "none")`), "none");
    assert.equal(outcome(`x := object.get(input, ["a", "${key}"], "none")`, { a: {} }), "none");
    assert.equal(
      outcome(`x := json.filter(input, ["a/${key}"])`, { a: {} }) instanceof Object,
      true,
    );
    assert.equal(
      outcome(`x := json.patch({}, [{"op": "remove", "path": "${key}"}])`),
      "eval_builtin_error",
    );
    assert.equal(
      outcome(`x := strings.render_template("{{.a.${key}}}", input)`, { a: {} }),
      "<undefined>",
    );
    assert.deepEqual(outcome(`x := graph.reachable(input, {"${key}"})`), []);
  }
});

test("urlquery.decode_object takes names of Object's members for plain keys", () => {
  const value = outcome(
    'x := urlquery.decode_object("__proto__=1&constructor=2&toString=3&__proto__=4")',
  );
  assert.deepEqual(Object.entries(value as object).sort(), [
    ["__proto__", ["1", "4"]],
    ["constructor", ["2"]],
    ["toString", ["3"]],
  ]);
});

test("templates see names of Object's members as plain keys", () => {
  const body =
    `x := strings.render_template("{{.__proto__}}{{.constructor}}{{index . \\"toString\\"}}", ${OBJECT})`;
  assert.equal(outcome(body), "123");
});
