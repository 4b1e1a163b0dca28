/**
 * The names of OPA's builtins: how many operands each takes, which are
 * deprecated, and which this engine refuses.
 *
 * @module
 */

/** Names by number of operands. */
const NAMES: readonly string[] = [
  "time.now_ns",
  "abs all any array.flatten array.reverse base64.decode base64.encode base64.is_valid " +
  "base64url.decode base64url.encode base64url.encode_no_pad bits.negate cast_array cast_boolean " +
  "cast_null cast_object cast_set cast_string ceil count crypto.md5 crypto.sha1 crypto.sha256 " +
  "floor glob.quote_meta hex.decode hex.encode internal.template_string intersection " +
  "io.jwt.decode is_array is_boolean is_null is_number is_object is_set is_string json.is_valid " +
  "json.marshal json.unmarshal lower max min net.cidr_expand net.cidr_is_valid net.cidr_merge " +
  "object.keys object.union_n product regex.is_valid round semver.is_valid sort strings.reverse " +
  "sum time.clock time.date time.format time.parse_duration_ns time.parse_rfc3339_ns time.weekday " +
  "to_number trace trim_space type_name union units.parse units.parse_bytes upper uri.is_valid " +
  "uri.parse urlquery.decode urlquery.decode_object urlquery.encode urlquery.encode_object " +
  "uuid.parse uuid.rfc4122 walk yaml.is_valid yaml.marshal yaml.unmarshal",
  "and array.concat bits.and bits.lsh bits.or bits.rsh bits.xor concat contains crypto.hmac.equal " +
  "crypto.hmac.md5 crypto.hmac.sha1 crypto.hmac.sha256 crypto.hmac.sha512 div endswith equal " +
  "format_int graph.reachable graph.reachable_paths gt gte indexof indexof_n internal.member_2 " +
  "json.filter json.marshal_with_options json.patch json.remove lt lte minus mul neq " +
  "net.cidr_contains net.cidr_contains_matches net.cidr_intersects net.cidr_overlap numbers.range " +
  "object.filter object.remove object.subset object.union or plus rand.intn re_match " +
  "regex.globs_match regex.match regex.split rem semver.compare set_diff split sprintf startswith " +
  "strings.any_prefix_match strings.any_suffix_match strings.count strings.render_template " +
  "strings.replace_n time.diff time.parse_ns trim trim_left trim_prefix trim_right trim_suffix",
  "array.slice glob.match internal.member_3 numbers.range_step object.get " +
  "regex.find_all_string_submatch_n regex.find_n regex.replace replace strings.split_n substring",
  "regex.template_match time.add_date",
];

/** The number of operands of every builtin that policies may call; `print` takes any. */
export const ARITY: ReadonlyMap<string, number> = new Map(
  NAMES.flatMap((names, arity) => names.split(" ").map((name) => [name, arity] as const)),
);

/** Builtins that v1 no longer has. */
export const DEPRECATED: ReadonlySet<string> = new Set(
  ("all any cast_array cast_boolean cast_null cast_object cast_set cast_string net.cidr_overlap " +
    "re_match set_diff").split(" "),
);

/** Why builtins are refused: by name, or by the beginning of names that ends in a dot. */
const REFUSED: readonly (readonly [names: string, reason: string])[] = [
  ["http.send net.lookup_ip_addr", "policies have no network"],
  ["opa.runtime", "policies do not see the host"],
  ["rego.parse_module rego.metadata.", "policies do not see policy source"],
  ["json.match_schema json.verify_schema graphql.", "schemas are not supported"],
  ["crypto.x509. crypto.parse_private_keys", "certificates and keys are not supported"],
  ["io.jwt. providers.aws.", "policies neither sign nor verify signatures; use io.jwt.decode"],
];

/** Why a builtin of OPA is refused; `undefined` if it is not. */
export function refusal(name: string): string | undefined {
  if (ARITY.has(name)) return undefined;
  const matches = (one: string) => one.endsWith(".") ? name.startsWith(one) : name === one;
  return REFUSED.find(([names]) => names.split(" ").some(matches))?.[1];
}
