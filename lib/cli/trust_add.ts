/**
 * `kest trust add`: adds a key to a trust policy.
 *
 * @module
 */

import { isTaint } from "../lineage/names.ts";
import type { PublicKey } from "../keys/public_key.ts";
import {
  checkTrustPolicy,
  type OriginRule,
  TRUST_VERSION,
  type TrustedKey,
  trustedKey,
  type TrustPolicy,
} from "../verify/trust_policy.ts";
import type { Command } from "./command.ts";
import { CliError, errorAbout, EXIT_OK } from "./errors.ts";
import { readPublicKey, readTrustIfThere, writeJson } from "./files.ts";
import type { CliIo } from "./io.ts";
import { usageError } from "./options.ts";
import type { Parsed } from "./parsed.ts";
import { printJson, Screen } from "./screen.ts";

function originsOf(parsed: Parsed): readonly OriginRule[] {
  const choice = parsed.value("originate") ?? "any";
  const users = parsed.all("user");
  if (choice !== "any" && choice !== "none") {
    throw usageError("trust add", `--originate is any or none, not ${choice}`);
  }
  if (choice === "any") return [{ nodes: ["*"], users: users ?? ["*"] }];
  if (users) throw usageError("trust add", "--user says who may originate: leave out --originate");
  return [];
}

function maxTrustOf(parsed: Parsed): number | undefined {
  const given = parsed.value("max-trust");
  if (given === undefined) return undefined;
  const score = /^[0-9]*\.?[0-9]+$/.test(given) ? Number(given) : NaN;
  if (score >= 0 && score <= 1) return score;
  throw usageError("trust add", `--max-trust is a number from 0 to 1, not ${given}`);
}

function taintsOf(parsed: Parsed): readonly string[] | undefined {
  const patterns = parsed.all("declassify");
  for (const pattern of patterns ?? []) {
    if (/^\**$/.test(pattern) && pattern !== "" || isTaint(pattern.replaceAll("*", "x"))) continue;
    throw usageError("trust add", `--declassify ${pattern} can match no taint`);
  }
  return patterns;
}

function grantOf(parsed: Parsed, key: PublicKey): TrustedKey {
  const removable = taintsOf(parsed);
  const maxTrust = maxTrustOf(parsed);
  return trustedKey({
    name: parsed.value("name")!,
    key,
    nodes: parsed.all("node") ?? ["*"],
    mayOriginate: originsOf(parsed),
    ...(removable && { mayDeclassify: removable }),
    ...(maxTrust !== undefined && { maxTrust }),
    ...(parsed.has("raise-trust") && { mayRaiseTrust: true }),
  });
}

/** The policy with one more key, or one replaced in its place. */
async function extended(
  parsed: Parsed,
  io: CliIo,
  path: string,
  grant: TrustedKey,
): Promise<{ readonly policy: TrustPolicy; readonly replaced: TrustedKey | undefined }> {
  const trust = await readTrustIfThere(io, path);
  if (trust === undefined) {
    return { policy: { version: TRUST_VERSION, keys: [grant] }, replaced: undefined };
  }
  const { policy, keys } = trust;
  const replaced = keys.get(grant.public_key_id!)?.rights;
  if (replaced === undefined) {
    return { policy: { ...policy, keys: [...policy.keys, grant] }, replaced };
  }
  if (!parsed.has("force")) {
    throw new CliError(
      `${path} has this key already, as ${replaced.name}; --force replaces what it may do`,
      { code: "TRUST_POLICY" },
    );
  }
  const exchanged = policy.keys.map((each) => each === replaced ? grant : each);
  return { policy: { ...policy, keys: exchanged }, replaced };
}

async function run(parsed: Parsed, io: CliIo): Promise<number> {
  const path = parsed.value("output")!;
  if (path === "-" || path === "") throw usageError("trust add", "-o needs the name of a file");
  const key = await readPublicKey(io, parsed.operands[0]!);
  const grant = grantOf(parsed, key);
  const { policy, replaced } = await extended(parsed, io, path, grant);
  try {
    checkTrustPolicy(policy);
  } catch (error) {
    throw errorAbout(path, error, "nothing was written; kest help trust add explains");
  }
  writeJson(io, path, policy);
  if (parsed.has("json")) {
    const keys = policy.keys.length;
    printJson(io, { file: path, key: grant, replaced: replaced !== undefined, keys });
    return EXIT_OK;
  }
  const screen = new Screen(io);
  const verb = replaced ? "Replaced in" : "Added to";
  screen.text([], `${verb} ${path}: ${grant.name}, key ${key.id}`, 0);
  if (replaced?.revoked) {
    screen.text([], `This key was revoked (${replaced.revoked.reason}) and is trusted again.`, 0);
  }
  screen.text([], `${policy.keys.length} trusted in all; kest trust show ${path} lists them.`, 0);
  screen.flush();
  return EXIT_OK;
}

/** The command. */
export const trustAdd: Command = {
  name: "trust add",
  summary: "Trust a key: add it to a trust policy, which is made if it is not there.",
  operands: ["PUB.jwk"],
  options: [
    {
      name: "output",
      short: "o",
      value: "FILE",
      required: true,
      help: "The trust policy, e.g. trust.json.",
    },
    { name: "name", value: "NAME", required: true, help: "Whose key it is." },
    {
      name: "node",
      value: "PATTERN",
      many: true,
      help: "Nodes it may answer for; * stands for any characters. Default: all.",
    },
    {
      name: "originate",
      value: "any|none",
      help: "Whether it may let new data in. Default: any.",
    },
    {
      name: "user",
      value: "PATTERN",
      many: true,
      help: "Users in whose name it may let data in. Default: all.",
    },
    {
      name: "declassify",
      value: "TAINT",
      many: true,
      help: "Taints it may remove; * stands for any characters. Default: none.",
    },
    { name: "max-trust", value: "X", help: "Highest trust score it may give, 0 to 1. Default: 1." },
    { name: "raise-trust", help: "It may raise trust above that of its inputs." },
    { name: "force", help: "Replace what the same key may do so far." },
  ],
  notes: [
    "Take the public key from its owner over a way you trust: whoever can exchange it here can sign as them.",
    "In a shell, put patterns with * in quotes.",
  ],
  run,
};
