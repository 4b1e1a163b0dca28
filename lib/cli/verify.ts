/**
 * `kest verify`: whether a passport is to be believed.
 *
 * @module
 */

import type { AnyPassport } from "../verify/any_passport.ts";
import type { VerificationReport } from "../verify/report.ts";
import type { CheckedTrust } from "../verify/trust_policy.ts";
import { type VerifyOptions, verifyPassport } from "../verify/verify.ts";
import type { Command } from "./command.ts";
import { readData } from "./data.ts";
import { CliError, errorAbout, EXIT_INVALID } from "./errors.ts";
import type { CliIo } from "./io.ts";
import { usageError } from "./options.ts";
import type { Parsed } from "./parsed.ts";
import { readPassport } from "./passports.ts";
import { exitOf, reportMembers } from "./report_json.ts";
import { printMalformed, printReport } from "./report_text.ts";
import { printJson, Screen } from "./screen.ts";
import { expectationsFrom, trustFrom } from "./verify_options.ts";
import { reportOnPython } from "./verify_python.ts";

interface Questions {
  readonly trust: CheckedTrust;
  readonly options: VerifyOptions;
}

async function reportOn(
  parsed: Parsed,
  io: CliIo,
  read: AnyPassport,
  { trust, options }: Questions,
): Promise<VerificationReport> {
  if (read.kind === "python") return await reportOnPython(parsed, read.passport, trust);
  const dataFile = parsed.value("data");
  if (dataFile === undefined) return await verifyPassport(read.passport, options);
  const data = await readData(io, dataFile, read.passport);
  try {
    return await verifyPassport(read.passport, { ...options, data });
  } catch (error) {
    throw errorAbout(dataFile, error, "the data cannot be compared");
  }
}

/** Reads the passport; one that violates the format is a result, not an error, for people. */
async function readOrPrint(
  parsed: Parsed,
  io: CliIo,
  file: string,
): Promise<AnyPassport | undefined> {
  try {
    return await readPassport(io, file);
  } catch (error) {
    const invalid = error instanceof CliError && error.exit === EXIT_INVALID;
    if (!invalid || parsed.has("json")) throw error;
    const screen = new Screen(io);
    printMalformed(screen, file, error.issues ?? []);
    screen.flush();
    return undefined;
  }
}

async function run(parsed: Parsed, io: CliIo): Promise<number> {
  const file = parsed.operands[0]!;
  if (file === "-" && parsed.value("data") === "-") {
    throw usageError("verify", "only one of FILE and --data can be standard input");
  }
  const trust = await trustFrom(parsed, io);
  const options = { ...expectationsFrom(parsed, io), trust: trust.policy };
  const read = await readOrPrint(parsed, io, file);
  if (read === undefined) return EXIT_INVALID;
  const report = await reportOn(parsed, io, read, { trust, options });
  if (parsed.has("json")) {
    printJson(io, reportMembers(file, read.kind, report));
  } else {
    const screen = new Screen(io);
    printReport(screen, file, report, read.kind === "kest");
    screen.flush();
  }
  return exitOf(read.kind, report);
}

/** The command. */
export const verify: Command = {
  name: "verify",
  summary: "Check a passport: that nothing was changed, by whom it is, that nothing is missing.",
  operands: ["FILE"],
  options: [
    { name: "trust", value: "FILE", help: "The trust policy: which keys may do what." },
    {
      name: "key",
      value: "FILE",
      help:
        "Trust this one public key instead, for everything but removing taints and raising trust.",
    },
    { name: "data", value: "FILE", help: "The data that came along; it must be what was sealed." },
    { name: "audience", value: "NAME", help: "Who you are, as the sealer calls you." },
    { name: "nonce", value: "TEXT", help: "The challenge that you gave to the sealer." },
    { name: "at", value: "TIME", help: "Time of verification, ISO 8601 or ms. Default: now." },
    { name: "expect-head", value: "HASH", many: true, help: "An entry that must be a head." },
    {
      name: "expect-origin",
      value: "USER",
      many: true,
      help: "Where data may come from: every origin must be one of these.",
    },
  ],
  notes: [
    "FILE may be - for standard input. Without --trust and --key nobody is trusted and nothing is ever verified.",
    "--data is read as the passport says: JSON text, raw bytes, or for a stream a JSON array of its items.",
    "Passports of the Python package kest 0.1 and 0.2 are read too, but never verified: too little in them is bound to anything.",
    "Exit codes: 0 verified, 1 invalid, 2 wrong usage or unreadable, 3 not verified.",
  ],
  run,
};
