/**
 * Random calls of every builtin.
 *
 * @module
 */

import fc from "fast-check";
import { ARITY } from "../../lib/rego/signatures.ts";
import {
  arrayOf,
  bool,
  doc,
  docWithSets,
  integer,
  json,
  listOf,
  name,
  number,
  objectOf,
  quoted,
  scalar,
  setOf,
  short,
  small,
  str,
  type Term,
  textOf,
  value,
} from "./builtins_terms.ts";
import * as documents from "./builtins_documents.ts";
import * as texts from "./builtins_texts.ts";
import { formatted, layoutAndText, moment, rfc3339 } from "./builtins_times.ts";

/** A call as Rego has it. */
export interface Call {
  readonly name: string;
  readonly args: readonly string[];
}

type Args = fc.Arbitrary<readonly string[]>;

function args(...operands: readonly Term[]): Args {
  return fc.tuple(...operands);
}

const words = quoted(short);
const strings = fc.oneof(listOf(str), words);
const numbers = listOf(number);
const sets = setOf(setOf(scalar));
const regex = quoted(texts.regex);
const subject = quoted(texts.subject);
const cidr = quoted(fc.oneof(texts.cidr, texts.nearCidr));
const address = quoted(fc.oneof(texts.ip, texts.nearCidr, texts.cidr));
const node = quoted(fc.constantFrom("a", "b", "c", "d"));
const graph = objectOf(node, fc.oneof(listOf(node), fc.constant("null")), 5);
/** Paths that meet are found otherwise by versions of OPA. */
const tree = fc.tuple(
  fc.constantFrom('["b", "c"]', '["b"]', '{"c", "x"}', "[]", "null"),
  fc.constantFrom('["d"]', '["e", "x"]', "[]"),
  fc.constantFrom('["f"]', '{"g"}', '["c"]', "null"),
).map(([a, b, c]) => `{"a": ${a}, "b": ${b}, "c": ${c}, "d": [], "f": ["a"]}`);
const duplicated = fc.oneof(doc, docWithSets);

const verb = fc.tuple(
  textOf(["+", "-", "#", " ", "0"], 2),
  fc.constantFrom("", "", "", "5", "12", "1", "*", "[1]", "[2]*", "05"),
  fc.constantFrom("", "", "", ".2", ".0", ".", ".10", ".*", ".[1]*"),
  fc.constantFrom(
    ..."v v s d d f g e q x X o O b c U t T E G F % y é".split(" "),
    "[1]d",
    "[3]v",
    "[x]s",
    "",
  ),
).map((parts) => `%${parts.join("")}`);
const format = quoted(
  fc.array(fc.oneof({ weight: 4, arbitrary: verb }, { weight: 1, arbitrary: short }), {
    maxLength: 3,
  }).map((parts) => parts.join("")),
);

const pathText = textOf(["a", "b", "c", "/", "/", "0", "1", "~0", "~1", "-", "/a", "/0", ""], 4);
const path = fc.oneof(quoted(pathText), arrayOf(fc.oneof(name, small, scalar), 3));
const operation = fc.tuple(
  quoted(fc.constantFrom("add", "remove", "replace", "move", "copy", "test", "nop")),
  path,
  path,
  doc,
  fc.constantFrom("path", "path", "path", "path", "from", "value", "op"),
).map(([op, to, from, added, missing]) => {
  const members = { op, path: to, from, value: added };
  return `{${
    Object.entries(members).filter(([key]) => key === "path" || key !== missing)
      .map(([key, one]) => `"${key}": ${one}`).join(", ")
  }}`;
});

const options = objectOf(
  quoted(fc.constantFrom("pretty", "indent", "prefix", "other")),
  fc.oneof(bool, quoted(fc.constantFrom("", "  ", "\t", ">")), small),
  3,
);
const variables = fc.tuple(scalar, doc, arrayOf(scalar), objectOf(name, scalar), bool).map((
  [a, c, l, m, z],
) =>
  `{"a": ${a}, "b": {"c": ${c}}, "l": ${l}, "m": ${m}, "z": ${z}, "e": [], "f": 1.0, "n": null, "A_1": 7}`
);
const parts = arrayOf(fc.oneof(setOf(value, 1), str, number, fc.constant("set()")));

/** OPA makes ranges of any length. */
const near = fc.oneof(small, fc.constantFrom("3.5", "2.0", "1e1", "0.5"));
const days = fc.integer({ min: -200_000, max: 200_000 }).map(String);
const trims = args(words, fc.oneof(words, str));
const unary: readonly (readonly [string, Term])[] = [
  ["abs ceil floor round", number],
  ["bits.negate", integer],
  ["all any", listOf(bool)],
  ["count", value],
  ["max min sort", fc.oneof(numbers, listOf(value))],
  ["product sum", numbers],
  ["array.reverse", arrayOf(value)],
  ["array.flatten", arrayOf(fc.oneof(value, arrayOf(value)))],
  ["base64.decode base64.is_valid base64url.decode", quoted(texts.base64)],
  [
    "base64.encode base64url.encode base64url.encode_no_pad hex.encode crypto.md5 crypto.sha1 crypto.sha256",
    str,
  ],
  ["lower upper trim_space strings.reverse glob.quote_meta urlquery.encode", str],
  ["hex.decode", quoted(texts.hex)],
  ["cast_array cast_set", listOf(value)],
  ["cast_boolean", bool],
  [
    "cast_null cast_object cast_string is_array is_boolean is_null is_number is_object is_set is_string type_name",
    value,
  ],
  ["internal.template_string", parts],
  ["intersection union", sets],
  ["io.jwt.decode", quoted(documents.jwt)],
  ["json.is_valid json.unmarshal", quoted(documents.jsonText)],
  ["json.marshal", value],
  ["net.cidr_expand", quoted(texts.smallCidr)],
  ["net.cidr_is_valid", cidr],
  ["net.cidr_merge", listOf(quoted(fc.oneof(texts.nearCidr, texts.cidr)), 5)],
  ["object.keys", objectOf(value, scalar)],
  ["object.union_n", arrayOf(duplicated, 3)],
  ["regex.is_valid", regex],
  ["semver.is_valid", quoted(texts.semver)],
  ["time.clock time.date time.weekday", moment],
  ["time.format", fc.oneof(moment, formatted)],
  ["time.parse_duration_ns", quoted(texts.duration)],
  ["time.parse_rfc3339_ns", quoted(rfc3339)],
  ["to_number", fc.oneof(quoted(texts.numberText), scalar)],
  ["units.parse units.parse_bytes", quoted(texts.units)],
  ["uri.is_valid uri.parse", quoted(documents.uri)],
  ["urlquery.decode urlquery.decode_object", quoted(documents.query)],
  ["urlquery.encode_object", objectOf(str, fc.oneof(str, listOf(str)))],
  ["uuid.parse", quoted(documents.uuid)],
  ["walk", value],
  ["yaml.is_valid yaml.unmarshal", quoted(documents.yaml)],
  ["yaml.marshal", fc.oneof(json, value)],
];

const others: readonly (readonly [string, Args])[] = [
  ["plus minus mul div rem", args(number, number)],
  ["minus", args(setOf(scalar), setOf(scalar))],
  ["and or set_diff", args(setOf(scalar), setOf(scalar))],
  ["bits.and bits.or bits.xor", args(integer, integer)],
  ["bits.lsh", args(integer, small)],
  ["bits.rsh", args(integer, fc.oneof(small, fc.constantFrom("64", "200", "1.0", "-1"), number))],
  ["equal neq lt lte gt gte", args(fc.oneof(value, number), fc.oneof(value, number))],
  ["array.concat", args(arrayOf(value), arrayOf(value))],
  ["array.slice", args(arrayOf(value), fc.oneof(small, number), fc.oneof(small, number))],
  ["concat", args(str, listOf(str))],
  ["contains endswith startswith strings.count indexof indexof_n", args(words, words)],
  ["split trim trim_left trim_right trim_prefix trim_suffix", trims],
  [
    "crypto.hmac.equal crypto.hmac.md5 crypto.hmac.sha1 crypto.hmac.sha256 crypto.hmac.sha512",
    args(str, str),
  ],
  ["format_int", args(number, fc.constantFrom("2", "8", "10", "16", "16.0", "3", "36"))],
  ["graph.reachable", args(graph, listOf(node))],
  ["graph.reachable_paths", args(tree, arrayOf(node))],
  ["internal.member_2", args(scalar, fc.oneof(listOf(scalar), objectOf(scalar, scalar)))],
  ["internal.member_3", args(small, small, fc.oneof(listOf(small), objectOf(small, small)))],
  ["json.filter json.remove", args(docWithSets, listOf(path))],
  ["json.filter json.remove", args(doc, listOf(quoted(pathText)))],
  ["json.patch", args(duplicated, arrayOf(operation, 3))],
  ["json.marshal_with_options", args(value, options)],
  ["net.cidr_contains net.cidr_overlap", args(cidr, address)],
  ["net.cidr_intersects", args(cidr, cidr)],
  [
    "net.cidr_contains_matches",
    args(
      fc.oneof(cidr, listOf(cidr), objectOf(name, cidr), arrayOf(arrayOf(cidr, 2))),
      fc.oneof(address, listOf(address), objectOf(name, address)),
    ),
  ],
  ["numbers.range", args(near, near)],
  ["numbers.range_step", args(near, near, fc.oneof(small, number))],
  ["object.filter object.remove", args(duplicated, fc.oneof(listOf(name), doc))],
  ["object.get", args(duplicated, fc.oneof(name, path, value), scalar)],
  ["object.subset", args(docWithSets, docWithSets)],
  ["object.subset", args(listOf(small, 5), listOf(small, 2))],
  ["object.union", args(duplicated, duplicated)],
  ["rand.intn", args(str, fc.oneof(small, number))],
  ["re_match regex.match", args(regex, subject)],
  ["regex.split", args(regex, subject)],
  ["regex.find_n regex.find_all_string_submatch_n", args(regex, subject, small)],
  ["regex.replace", args(subject, regex, quoted(texts.template))],
  ["regex.globs_match", args(quoted(texts.globs), quoted(texts.globs))],
  [
    "regex.template_match",
    args(
      quoted(textOf(["a", "{", "}", "{a*}", "{.}", "b", "<", ">", "é", "{a{b}}"], 4)),
      subject,
      quoted(fc.constantFrom("{", "<", "é", "", "aa")),
      quoted(fc.constantFrom("}", ">", "é", "}}")),
    ),
  ],
  [
    "glob.match",
    args(
      quoted(texts.globPattern),
      fc.oneof(
        fc.constant("null"),
        arrayOf(quoted(fc.constantFrom(".", "/", ":", "é", "ab", "")), 2),
      ),
      quoted(texts.globSubject),
    ),
  ],
  ["semver.compare", args(quoted(texts.semver), quoted(texts.semver))],
  ["sprintf", args(format, arrayOf(fc.oneof(scalar, number, value)))],
  ["replace", args(words, words, words)],
  ["strings.replace_n", args(objectOf(words, str), words)],
  ["strings.split_n", args(words, words, small)],
  ["substring", args(str, small, fc.oneof(small, number))],
  ["strings.any_prefix_match strings.any_suffix_match", args(strings, strings)],
  ["strings.render_template", args(quoted(documents.goTemplate), variables)],
  ["time.diff", args(moment, moment)],
  ["time.add_date", args(moment, small, fc.oneof(small, number), fc.oneof(small, days))],
  ["time.parse_ns", layoutAndText.map((both) => both.map((one) => JSON.stringify(one)))],
  ["time.now_ns", fc.constant([])],
  ["trace", args(words)],
  ["uuid.rfc4122", args(str)],
];

const BY_NAME = new Map<string, Args[]>();
for (
  const [names, operands] of [...unary.map(([n, term]) => [n, args(term)] as const), ...others]
) {
  for (const one of names.split(" ")) BY_NAME.set(one, [...BY_NAME.get(one) ?? [], operands]);
}

/** Operands, of which one may be of any type. */
function spoiled(operands: Args): Args {
  return fc.tuple(operands, fc.nat(), value).map(([list, at, other]) =>
    list.map((one, i) => i === at % list.length ? other : one)
  );
}

function callOf(builtin: string): fc.Arbitrary<Call> {
  const known = BY_NAME.get(builtin);
  if (!known) throw new Error(`no operands known for ${builtin}`);
  const operands = fc.oneof(...known);
  return fc.oneof({ weight: 9, arbitrary: operands }, { weight: 1, arbitrary: spoiled(operands) })
    .map((list) => ({ name: builtin, args: list }));
}

/** Every builtin's name. */
export const NAMES: readonly string[] = [...ARITY.keys()];

/** A call of some builtin whose name begins so. */
export function generatedCall(prefix = ""): fc.Arbitrary<Call> {
  return fc.oneof(...NAMES.filter((one) => one.startsWith(prefix)).map(callOf));
}
