/**
 * Which types OPA's builtins take and give, as far as their operands' and results'
 * own kinds go: what collections hold is left out.
 *
 * @module
 */

import { ANY, type Kind, KINDS, openType, type Type } from "./types.ts";

const LETTERS: Readonly<Record<string, Kind>> = {
  z: "null",
  b: "boolean",
  n: "number",
  s: "string",
  a: "array",
  o: "object",
  t: "set",
};

/**
 * `name(operands)result`: a letter for each kind, `x` for any. Builtins of which
 * nothing is known are left out.
 */
const SIGNATURES = `
abs(n)n all(at)b and(t,t)t any(at)b array.concat(a,a)a array.flatten(a)a array.reverse(a)a
array.slice(a,n,n)a base64.decode(s)s base64.encode(s)s base64.is_valid(s)b base64url.decode(s)s
base64url.encode(s)s base64url.encode_no_pad(s)s bits.and(n,n)n bits.lsh(n,n)n bits.negate(n)n
bits.or(n,n)n bits.rsh(n,n)n bits.xor(n,n)n cast_array(x)a cast_boolean(x)b cast_null(x)z
cast_object(x)o cast_set(x)t cast_string(x)s ceil(n)n concat(s,at)s contains(s,s)b count(aost)n
crypto.hmac.equal(s,s)b crypto.hmac.md5(s,s)s crypto.hmac.sha1(s,s)s crypto.hmac.sha256(s,s)s
crypto.hmac.sha512(s,s)s crypto.md5(s)s crypto.sha1(s)s crypto.sha256(s)s div(n,n)n
endswith(s,s)b equal(x,x)b floor(n)n format_int(n,n)s glob.match(s,az,s)b glob.quote_meta(s)s
graph.reachable(o,at)t graph.reachable_paths(o,at)t gt(x,x)b gte(x,x)b hex.decode(s)s
hex.encode(s)s indexof(s,s)n indexof_n(s,s)a internal.member_2(x,x)b internal.member_3(x,x,x)b
internal.template_string(a)s intersection(t)t io.jwt.decode(s)a is_array(x)b is_boolean(x)b
is_null(x)b is_number(x)b is_object(x)b is_set(x)b is_string(x)b json.filter(o,at)o
json.is_valid(s)b json.marshal(x)s json.marshal_with_options(x,o)s json.patch(x,a)x
json.remove(o,at)o json.unmarshal(s)x lower(s)s lt(x,x)b lte(x,x)b max(at)x min(at)x
minus(nt,nt)nt mul(n,n)n neq(x,x)b net.cidr_contains(s,s)b net.cidr_contains_matches(aost,aost)t
net.cidr_expand(s)t net.cidr_intersects(s,s)b net.cidr_is_valid(s)b net.cidr_merge(at)t
net.cidr_overlap(s,s)b numbers.range(n,n)a numbers.range_step(n,n,n)a object.filter(o,aot)o
object.get(o,x,x)x object.keys(o)t object.remove(o,aot)o object.subset(aot,aot)b
object.union(o,o)o object.union_n(a)o or(t,t)t plus(n,n)n product(at)n rand.intn(s,n)n
re_match(s,s)b regex.find_all_string_submatch_n(s,s,n)a regex.find_n(s,s,n)a
regex.globs_match(s,s)b regex.is_valid(s)b regex.match(s,s)b regex.replace(s,s,s)s
regex.split(s,s)a regex.template_match(s,s,s,s)b rem(n,n)n replace(s,s,s)s round(n)n
semver.compare(s,s)n semver.is_valid(x)b set_diff(t,t)t sort(at)a split(s,s)a sprintf(s,a)s
startswith(s,s)b strings.any_prefix_match(ast,ast)b strings.any_suffix_match(ast,ast)b
strings.count(s,s)n strings.render_template(s,o)s strings.replace_n(o,s)s strings.reverse(s)s
strings.split_n(s,s,n)a substring(s,n,n)s sum(at)n time.add_date(n,n,n,n)n time.clock(an)a
time.date(an)a time.diff(an,an)a time.format(an)s time.now_ns()n time.parse_duration_ns(s)n
time.parse_ns(s,s)n time.parse_rfc3339_ns(s)n time.weekday(an)s to_number(bnsz)n trace(s)b
trim(s,s)s trim_left(s,s)s trim_prefix(s,s)s trim_right(s,s)s trim_space(s)s trim_suffix(s,s)s
type_name(x)s union(t)t units.parse(s)n units.parse_bytes(s)n upper(s)s uri.is_valid(s)b
uri.parse(s)o urlquery.decode(s)s urlquery.decode_object(s)o urlquery.encode(s)s
urlquery.encode_object(o)s uuid.parse(s)o uuid.rfc4122(s)s walk(x)a yaml.is_valid(s)b
yaml.marshal(x)s yaml.unmarshal(s)x
`;

/** What a builtin takes and gives. */
export interface BuiltinTypes {
  readonly operands: readonly Type[];
  readonly result: Type;
}

function typeOfLetters(letters: string): Type {
  if (letters === "x") return ANY;
  return openType([...letters].reduce((kinds, letter) => kinds | KINDS[LETTERS[letter]!], 0));
}

function parsed(signature: string): [string, BuiltinTypes] {
  const [, name, operands, result] = /^(.+)\((.*)\)(.+)$/.exec(signature)!;
  const list = operands === "" ? [] : operands!.split(",");
  return [name!, { operands: list.map(typeOfLetters), result: typeOfLetters(result!) }];
}

/** By the builtin's name. */
export const BUILTIN_TYPES: ReadonlyMap<string, BuiltinTypes> = new Map(
  SIGNATURES.trim().split(/\s+/).map(parsed),
);
