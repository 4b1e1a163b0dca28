/**
 * The names of OPA's builtins: how many operands each takes, which are
 * deprecated, and which this engine refuses.
 *
 * @module
 */

import { ARITY } from "./builtins/all.ts";

export { ARITY };

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
