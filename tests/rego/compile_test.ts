// What the compiler refuses, with OPA's code and position; and what it accepts.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AddOptions,
  type CompileIssue,
  LocalOpaEngine,
  PolicyCompileError,
} from "../../lib/rego/mod.ts";

type Sources = readonly (readonly [name: string, source: string])[];

function firstIssue(sources: Sources, options: AddOptions = {}): CompileIssue | undefined {
  try {
    new LocalOpaEngine().addPolicies(sources, options);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof PolicyCompileError, String(error));
    return error.issues[0]!;
  }
}

/** `code row:col` and part of the message. */
type Row = readonly [source: string, place: string, part: string];

const REFUSED: readonly Row[] = [
  ["", "rego_parse_error 1:1", "expected package"],
  ["p := 1", "rego_parse_error 1:1", "expected package"],
  ["package p\np := x", "rego_unsafe_var_error 2:6", "var x is unsafe"],
  ["package p\r\n\r\np := x\r\n", "rego_unsafe_var_error 3:6", "var x is unsafe"],
  ["package p\n\tp := x", "rego_unsafe_var_error 2:7", "var x is unsafe"],
  ['package p\np := ["😀", x]', "rego_unsafe_var_error 2:12", "var x is unsafe"],
  ["package p\np if not x", "rego_unsafe_var_error 2:6", "rule of its own"],
  ["package p\np { true }", "rego_parse_error 2:1", "`if` keyword is required"],
  ["package p\np := é", "rego_parse_error 2:6", "illegal token"],
  ["package p\np := 1\0", "rego_parse_error 2:7", "illegal null character"],
  ["package p\n# \0\np := 1", "rego_parse_error 2:3", "illegal null character"],
  ['package p\np := "\ufeff"', "rego_parse_error 2:7", "illegal byte-order mark"],
  ["package p\n# \ufeff\np := 1", "rego_parse_error 2:3", "illegal byte-order mark"],
  ["\ufeff\ufeffpackage p\np := 1", "rego_parse_error 1:2", "illegal byte-order mark"],
  ['package p\np := "a\n"', "rego_parse_error 2:6", "non-terminated string"],
  ['package p\np := "\\q"', "rego_parse_error 2:6", "illegal string"],
  ["package p\np := 1; q := 2", "rego_parse_error 2:7", ";"],
  ["package p\np := 007", "rego_parse_error 2:6", "number"],
  ["package p\np := $", "rego_parse_error 2:6", "illegal token"],
  ["package p\ndefault p := input.x", "rego_parse_error 2:1", "cannot contain ref"],
  ["package p\ndefault f(1) := 1", "rego_parse_error 2:1", "arguments cannot contain"],
  ["package p\nimport foo.bar", "rego_parse_error 2:8", "must begin with one of"],
  ["package p\nimport data.x\nimport input.x", "rego_compile_error 3:1", "must not shadow import"],
  ["package p\nimport future.keywords.nosuch", "rego_parse_error 2:8", "must be one of"],
  ["package p\np := nosuch(1)", "rego_type_error 2:6", "undefined function nosuch"],
  ["package p\np := count(1, 2, 3)", "rego_type_error 2:6", "arity mismatch"],
  ['package p\np := 1 + "a"', "rego_type_error 2:6", "plus: invalid argument(s)"],
  ['package p\np if 1 == "a"', "rego_type_error 2:6", "match error"],
  ["package p\np := http.send({})", "rego_type_error 2:6", "not available in this engine"],
  ["package p\np := all([true])", "rego_type_error 2:6", "deprecated built-in"],
  ["package p\np if { x := 1; x := 2 }", "rego_compile_error 2:16", "var x assigned above"],
  ["package p\np if { some x }", "rego_compile_error 2:8", "declared var x unused"],
  ["package p\ninput := 1", "rego_compile_error 2:1", "must not shadow input"],
  ["package p\np if { some input in [1] }", "rego_compile_error 2:13", "must not shadow input"],
  ["package p\np if { some k, data in [1]; k }", "rego_compile_error 2:16", "shadow data"],
  ["package p\np if { some [input, x] in [1]; x }", "rego_compile_error 2:14", "shadow input"],
  ["package p\nf([input]) := 1", "rego_compile_error 2:1", "args must not shadow input"],
  ["package p\nf({data: x}) := x", "rego_compile_error 2:1", "args must not shadow data"],
  ["package p\ngt(x, y) if false\np if 2 > 1", "rego_compile_error 3:6", "gt takes the place"],
  ["package p\nplus(x, y) := 1\np := 1 + 1", "rego_compile_error 3:6", "plus takes the place"],
  ["package p\nminus(x, y) := 1\np := -p", "rego_compile_error 3:6", "minus takes the place"],
  ["package p\nequal.x := 1\np if 1 == 1", "rego_compile_error 3:6", "equal takes the place"],
  ["package p\nassign(x, y) := 1\np if x := 1", "rego_compile_error 3:6", "assign takes"],
  ["package p\neq(x, y) := 1\np if 1 = 1", "rego_compile_error 3:6", "eq takes the place"],
  ["package p\nimport data.q.or\np := {1} | {2}", "rego_compile_error 3:6", "or takes the place"],
  ["package p\np if { neq := 1; 1 != neq }", "rego_compile_error 2:18", "neq takes the place"],
  ["package p\nf(lt) := lt < 1", "rego_compile_error 2:10", "lt takes the place"],
  [
    "package p\ninternal.member_2(x, y) := 1\np if 1 in [2]",
    "rego_compile_error 3:6",
    "internal.member_2: rename it",
  ],
  ['package p\np if not q.b\nq := {"a": 1}', "rego_type_error 2:10", "ref: data.p.q.b"],
  ["package p\np if not q == 1\nq if true", "rego_type_error 2:6", "match error: boolean"],
  ['package p\np if not f(1, "x")\nf(x) if true', "rego_type_error 2:6", "match error"],
  ["package p\np if not count(true)", "rego_type_error 2:6", "count: invalid argument(s)"],
  ["package p\np if { x := [1]; not x[1] }", "rego_type_error 2:22", "undefined ref: x[1]"],
  ["package p\np if { x := 1; not x.a with input as 1 }", "rego_type_error 2:20", "x.a"],
  ["package p\np := q\nq := p", "rego_recursion_error 2:1", "recursive"],
  ["package p\np contains 1\np := 2", "rego_type_error 2:1", "conflicting rules"],
  ["package p\np.q := 1\np := 2", "rego_type_error 3:1", "conflicts with"],
  ["package p\np if 1 with count as concat", "rego_type_error 2:8", "arity mismatch"],
  [
    "package p\np if 1 with data.p.q.r as 1\nq := 1",
    "rego_compile_error 2:13",
    "partially replace",
  ],
  ["package p\nimport rego.v2\np if { x := 1 or true }", "rego_compile_error 3:8", "implicit"],
];

for (const [source, place, part] of REFUSED) {
  test(`refused: ${JSON.stringify(source)}`, () => {
    const issue = firstIssue([["p.rego", source]], { regoVersion: "v1" });
    assert.ok(issue, "accepted");
    assert.equal(`${issue.code} ${issue.row}:${issue.col}`, place, issue.message);
    assert.ok(issue.message.includes(part), issue.message);
  });
}

const ACCEPTED = [
  "package p",
  "\ufeffpackage p\np := 1",
  "package p\rp := 1",
  "package p p := 1",
  "package p\np := 1 # end",
  "package p.if\nimport data.not as x\nq := x.default",
  "package p\np if {1, 2} == {1, 2}",
  "package p\np := [1, 2,]",
  "package p\np := `\\{`",
  'package p\np if not q.b with data.p.q as input\nq := {"a": 1}',
  'package p\np if not q.b\nq := {"a": 1} if input.x\nq := input if input.y',
  "package p\np if not f(1, 2)\nf(x) := 3",
  'package p\np if { x := input.y; x == 1; not x == "a" }',
  "package p\nimport future.keywords.not\np if { not { input.x; input.y } }",
];

test("what OPA accepts is accepted", () => {
  for (const source of ACCEPTED) {
    assert.equal(firstIssue([["p.rego", source]], { regoVersion: "v1" }), undefined, source);
  }
});

test("policies are checked together", () => {
  const a = ["a.rego", "package a.b\n\nc := 1"] as const;
  const place = (...sources: Sources) => {
    const issue = firstIssue(sources);
    return issue && `${issue.file} ${issue.code} ${issue.row}:${issue.col}`;
  };
  assert.equal(place(a, ["b.rego", "package a\n\nb := 2"]), "b.rego rego_type_error 3:1");
  assert.equal(place(a, ["b.rego", "package a.b.c"]), "a.rego rego_type_error 3:1");
  assert.equal(place(a, ["b.rego", "package a.b\n\nc contains 1"]), "a.rego rego_type_error 3:1");
  assert.equal(place(a, ["b.rego", "package a.b\n\nc := 1"]), undefined);
  assert.equal(place(a, ["b.rego", "package a\n\nb.d := 2"]), undefined);
});

test("`auto` reports the language in which more of a policy can be read", () => {
  const place = (source: string) => {
    const issue = firstIssue([["p.rego", source]]);
    return issue && `${issue.row} ${issue.message}`;
  };
  const v1 = "package p\n\nallow if input.x\n\ndeny contains x if some x in [1\n";
  assert.match(place(v1)!, /^6 unexpected end of file/);
  const v0 = "package p\n\nallow { input.x }\n\ndeny[x] { x = [1 }\n";
  assert.match(place(v0)!, /^5 unexpected "}"/);
  const mixed = "package p\n\nallow { input.x }\n\ndeny contains 1 if input.y\n";
  assert.match(place(mixed)!, /^3 `if` keyword is required/);
  assert.match(place("package p\n\nimport rego.v1\n\nallow { input.x }\n")!, /^5 `if` keyword/);
  assert.equal(place("package p\n\nallow { input.x }\n"), undefined);
});
