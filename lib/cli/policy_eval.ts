/**
 * `kest policy eval`: the value of one rule.
 *
 * @module
 */

import { fromUtf8, printable } from "../bytes/encoding.ts";
import type { EvaluationFacts } from "../rego/local_opa.ts";
import type { Command } from "./command.ts";
import { EXIT_INVALID, EXIT_OK, EXIT_UNVERIFIED } from "./errors.ts";
import { parseJson, readBytes } from "./files.ts";
import type { CliIo } from "./io.ts";
import { jsonText } from "./json_text.ts";
import { usageError } from "./options.ts";
import type { Parsed } from "./parsed.ts";
import {
  compileOrFail,
  DATA_OPTION,
  dataFrom,
  JSON_LIMITS,
  POLICY_OPTION,
  VERSION_OPTION,
  versionFrom,
} from "./policy_engine.ts";
import { readPolicies } from "./policy_files.ts";
import { checkRule } from "./policy_rules.ts";
import { printJsonText } from "./screen.ts";

/** Standard input can be read once. */
function checkStdin(parsed: Parsed): void {
  const files = ["input", "data", "policy"].flatMap((name) => parsed.all(name) ?? []);
  if (files.filter((file) => file === "-").length < 2) return;
  throw usageError("policy eval", "only one of --input, --data and --policy can be standard input");
}

async function factsFrom(parsed: Parsed, io: CliIo): Promise<EvaluationFacts> {
  const file = parsed.value("input");
  const timeMs = io.now();
  if (file === undefined) return { timeMs };
  const bytes = await readBytes(io, file);
  parseJson(file, bytes, "--input is one JSON document", JSON_LIMITS);
  // The text, not what was parsed: numbers keep all their digits.
  return { timeMs, inputText: fromUtf8(bytes) };
}

async function run(parsed: Parsed, io: CliIo): Promise<number> {
  checkStdin(parsed);
  const json = parsed.has("json");
  const printed: string[] = [];
  const print = (text: string) => {
    if (json) printed.push(text);
    else io.stderr(`${printable(text)}\n`);
  };
  const regoVersion = versionFrom(parsed, "policy eval");
  const files = await readPolicies(io, parsed.all("policy")!, { tests: false });
  const data = await dataFrom(parsed, io);
  const compiled = compileOrFail(files, { regoVersion, data, print });
  const rule = checkRule(parsed.operands[0]!, compiled, data);
  const facts = await factsFrom(parsed, io);
  const { value, policyDigest } = compiled.engine.evaluate({ rule, ...facts });
  const defined = value !== undefined;
  const exit = value === true ? EXIT_OK : defined ? EXIT_INVALID : EXIT_UNVERIFIED;
  if (json) {
    printJsonText(io, jsonText({ exit, rule, defined, value, policyDigest, printed }, io.isTTY));
  } else if (defined) printJsonText(io, jsonText(value, io.isTTY));
  else io.stderr(printable(`kest: ${rule} is undefined: nothing gives it a value`) + "\n");
  return exit;
}

/** The command. */
export const policyEval: Command = {
  name: "policy eval",
  summary: "Evaluate one rule for an input document, and print its value as JSON.",
  operands: ["RULE"],
  options: [
    POLICY_OPTION,
    {
      name: "input",
      value: "FILE",
      help: "The input document, JSON; - is standard input. Default: input is undefined.",
    },
    DATA_OPTION,
    VERSION_OPTION,
  ],
  notes: [
    "RULE is data.package.rule, or package/rule. A package alone gives the values of all its rules.",
    "What print(...) prints goes to standard error. time.now_ns() is the time of the call; rand.intn and uuid.rfc4122 always draw the same.",
    "Exit codes: 0 the value is true, 1 it is anything else, 2 wrong usage, unreadable, or the evaluation fails, 3 undefined. Only true allows.",
  ],
  run,
};
