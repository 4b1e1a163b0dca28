/**
 * What a trust policy lets its keys do, in words.
 *
 * @module
 */

import type { OriginRule, TrustedKey, TrustPolicy } from "./trust_policy.ts";

/** To the second, as ISO 8601 has it; as it is where it is no date. */
function timeText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}

function isAll(patterns: readonly string[]): boolean {
  return patterns.includes("*");
}

function originText({ nodes, users, required_taints: taints = [] }: OriginRule): string {
  return [
    isAll(users) ? "for any user" : `for ${users.join(", ")}`,
    isAll(nodes) ? "" : ` at ${nodes.join(", ")}`,
    taints.length === 0 ? "" : ` with taints ${taints.join(", ")}`,
  ].join("");
}

/** What a key may do: labels and texts. */
export function rightsOf(key: TrustedKey): (readonly [string, string])[] {
  const origins = key.may_originate ?? [];
  const raises = key.may_raise_trust ? "; may raise trust" : "";
  const rows: (readonly [string, string])[] = [
    ["nodes", isAll(key.nodes) ? "any" : key.nodes.join(", ")],
    ["lets data in", origins.map(originText).join("; or ") || "no"],
    ["may remove", key.may_declassify?.join(", ") || "no taint"],
    ["trust", `at most ${key.max_trust ?? 1}${raises}`],
  ];
  if (key.not_before_ms !== undefined) rows.push(["from", timeText(key.not_before_ms)]);
  if (key.not_after_ms !== undefined) rows.push(["until", timeText(key.not_after_ms)]);
  return rows;
}

/** What a policy demands of all entries, in sentences. */
export function rulesOf({ require = [], accept_missing_async_context }: TrustPolicy): string[] {
  const rules = require.map(({ node, rule, policy_digests: digests }) => {
    const under = digests ? ` under policy ${digests.join(" or ")}` : "";
    return `Steps of node ${node} must be allowed by ${rule}${under}.`;
  });
  if (accept_missing_async_context) rules.push("Entries made without async context are accepted.");
  return rules;
}
