/**
 * `kest trust show`: a trust policy for people.
 *
 * @module
 */

import { rightsOf, rulesOf } from "../verify/rights.ts";
import type { TrustedKey, TrustPolicy } from "../verify/trust_policy.ts";
import type { Command } from "./command.ts";
import { EXIT_OK } from "./errors.ts";
import { readTrust } from "./files.ts";
import type { CliIo } from "./io.ts";
import type { Parsed } from "./parsed.ts";
import { printJson, Screen } from "./screen.ts";

function printKey(screen: Screen, id: string, key: TrustedKey): void {
  screen.gap();
  screen.text([], key.name, 0);
  screen.row(["  key"], id, 18);
  if (key.revoked) screen.row([["  REVOKED", "bad"]], key.revoked.reason, 18);
  for (const [label, text] of rightsOf(key)) screen.row([`  ${label}`], text, 18);
}

function printRules(screen: Screen, policy: TrustPolicy): void {
  const rules = rulesOf(policy);
  if (rules.length > 0) screen.gap();
  for (const rule of rules) screen.text([], rule, 2);
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
