/**
 * `kest trust show`: a trust policy for people.
 *
 * @module
 */

import type { OriginRule, TrustedKey, TrustPolicy } from "../verify/trust_policy.ts";
import type { Command } from "./command.ts";
import { EXIT_OK } from "./errors.ts";
import { readTrust } from "./files.ts";
import type { CliIo } from "./io.ts";
import type { Parsed } from "./parsed.ts";
import { printJson, Screen } from "./screen.ts";
import { timeText } from "./time.ts";

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

function rightsOf(key: TrustedKey): (readonly [string, string])[] {
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

function printKey(screen: Screen, id: string, key: TrustedKey): void {
  screen.gap();
  screen.text([], key.name, 0);
  screen.row(["  key"], id, 18);
  if (key.revoked) screen.row([["  REVOKED", "bad"]], key.revoked.reason, 18);
  for (const [label, text] of rightsOf(key)) screen.row([`  ${label}`], text, 18);
}

function printRules(screen: Screen, policy: TrustPolicy): void {
  const required = policy.require ?? [];
  if (required.length === 0 && !policy.accept_missing_async_context) return;
  screen.gap();
  for (const { node, rule, policy_digests: digests } of required) {
    const under = digests ? ` under policy ${digests.join(" or ")}` : "";
    screen.text([], `Steps of node ${node} must be allowed by ${rule}${under}.`, 2);
  }
  if (policy.accept_missing_async_context) {
    screen.text([], "Entries made without async context are accepted.", 2);
  }
}

async function run(parsed: Parsed, io: CliIo): Promise<number> {
  const file = parsed.operands[0]!;
  const { policy, keys } = await readTrust(io, file);
  if (parsed.has("json")) {
    printJson(io, { file, policy });
    return EXIT_OK;
  }
  const screen = new Screen(io);
  screen.text([], `${file}: ${keys.size} trusted ${keys.size === 1 ? "key" : "keys"}`, 0);
  for (const [id, { rights }] of keys) printKey(screen, id, rights);
  printRules(screen, policy);
  screen.flush();
  return EXIT_OK;
}

/** The command. */
export const trustShow: Command = {
  name: "trust show",
  summary: "Show whom a trust policy trusts with what.",
  operands: ["FILE"],
  options: [],
  notes: [],
  run,
};
