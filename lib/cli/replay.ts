/**
 * `kest replay`: evaluates the decisions of a passport again.
 *
 * @module
 */

import { CONTENT_DEPTH, CONTENT_LENGTH } from "../base/limits.ts";
import type { Passport } from "../lineage/passport.ts";
import { replayDecisions, type ReplayedDecision } from "../policy/replay.ts";
import { WasmOpaEngine } from "../policy/wasm_opa.ts";
import type { LocalOpaEngine } from "../rego/local_opa.ts";
import type { Command } from "./command.ts";
import { CliError, errorAbout, EXIT_INVALID, EXIT_OK, EXIT_UNVERIFIED } from "./errors.ts";
import { readBytes } from "./files.ts";
import type { CliIo } from "./io.ts";
import { usageError } from "./options.ts";
import type { Parsed } from "./parsed.ts";
import { readPassport } from "./passports.ts";
import {
  compileOrFail,
  DATA_OPTION,
  dataFrom,
  POLICY_OPTION,
  readObject,
  VERSION_OPTION,
  versionFrom,
} from "./policy_engine.ts";
import { readPolicies } from "./policy_files.ts";
import { Progress } from "./progress.ts";
import { outcomeOf, printReplay, type ReplayOutcome } from "./replay_text.ts";
import { printJson, Screen } from "./screen.ts";

const EXITS: Readonly<Record<ReplayOutcome, number>> = {
  reproduced: EXIT_OK,
  different: EXIT_INVALID,
  "not-replayed": EXIT_UNVERIFIED,
};

const ARGUMENT_LIMITS = { depth: CONTENT_DEPTH, stringLength: CONTENT_LENGTH };
const ARGUMENTS_HINT = "--arguments is a JSON object: entry id to the array of its arguments";

function checkSources(parsed: Parsed): void {
  const paths = parsed.all("policy") ?? [];
  const wasm = parsed.value("wasm");
  const fail = (message: string) => usageError("replay", message);
  if (wasm === undefined && paths.length === 0) throw fail("--policy FILE|DIR is missing");
  if (wasm !== undefined && paths.length > 0) throw fail("--policy and --wasm exclude each other");
  const named = ["data", "arguments", "wasm"].flatMap((name) => parsed.value(name) ?? []);
  if ([...parsed.operands, ...paths, ...named].filter((path) => path === "-").length > 1) {
    throw fail("only one file can be standard input");
  }
}

async function engineFrom(parsed: Parsed, io: CliIo): Promise<LocalOpaEngine | WasmOpaEngine> {
  const data = await dataFrom(parsed, io);
  const wasm = parsed.value("wasm");
  if (wasm === undefined) {
    const regoVersion = versionFrom(parsed, "replay");
    const files = await readPolicies(io, parsed.all("policy")!, { tests: false });
    return compileOrFail(files, { regoVersion, data }).engine;
  }
  const bytes = await readBytes(io, wasm);
  try {
    return await WasmOpaEngine.load(bytes, { data });
  } catch (error) {
    throw errorAbout(wasm, error, "give a policy.wasm as opa build -t wasm makes it");
  }
}

async function argumentsFrom(
  parsed: Parsed,
  io: CliIo,
  passport: Passport,
): Promise<Readonly<Record<string, readonly unknown[]>> | undefined> {
  const file = parsed.value("arguments");
  if (file === undefined) return undefined;
  const all = await readObject(io, file, ARGUMENTS_HINT, ARGUMENT_LIMITS);
  const { history } = passport;
  for (const [id, value] of Object.entries(all)) {
    const what = Object.hasOwn(history, id) ? "array" : "entry of the passport";
    if (what === "array" && Array.isArray(value)) continue;
    throw new CliError(`${file}: ${id} is no ${what}; ${ARGUMENTS_HINT}`, { code: "DATA" });
  }
  return all as Record<string, unknown[]>;
}

async function readKestPassport(io: CliIo, file: string): Promise<Passport> {
  const read = await readPassport(io, file);
  if (read.kind === "kest") return read.passport;
  throw new CliError(`${file}: passports of the Python package record no decisions to replay`, {
    code: "PYTHON_PASSPORT",
    exit: EXIT_UNVERIFIED,
  });
}

function countDecisions(passport: Passport): number {
  const entries = Object.values(passport.history);
  return entries.reduce((sum, { decisions }) => sum + decisions.length, 0);
}

/** What a program gets of one decision. */
function jsonOf(replayed: ReplayedDecision): Record<string, unknown> {
  const { decision, ...rest } = replayed;
  return { ...rest, rule: decision.rule, decision };
}

async function run(parsed: Parsed, io: CliIo): Promise<number> {
  checkSources(parsed);
  const file = parsed.operands[0]!;
  const passport = await readKestPassport(io, file);
  const engine = await engineFrom(parsed, io);
  const data = await argumentsFrom(parsed, io, passport);
  const progress = new Progress(io, "decisions replayed", countDecisions(passport));
  const onDecision = () => progress.step();
  const report = await replayDecisions(passport, engine, { onDecision, ...(data && { data }) });
  progress.end();
  const exit = EXITS[outcomeOf(report)];
  if (parsed.has("json")) {
    const decisions = report.decisions.map(jsonOf);
    printJson(io, { file, exit, policyDigest: engine.digest, ...report, decisions });
    return exit;
  }
  const screen = new Screen(io);
  printReplay(screen, file, report, engine.digest);
  screen.flush();
  return exit;
}

/** The command. */
export const replay: Command = {
  name: "replay",
  summary: "Evaluate the policy decisions of a passport again, and compare.",
  operands: ["FILE"],
  options: [
    { ...POLICY_OPTION, required: false },
    { name: "wasm", value: "FILE", help: "A compiled policy (opa build -t wasm) instead." },
    DATA_OPTION,
    {
      name: "arguments",
      value: "FILE",
      help: "The arguments that decisions of profile arguments saw: entry id to array, as JSON.",
    },
    VERSION_OPTION,
  ],
  notes: [
    "FILE may be - for standard input. Every decision is evaluated again for the input document that the entries come to, with the recorded time and seed.",
    "Digests of policies in source, compiled and on a server say nothing about each other: then only results are compared. A digest of the same kind that differs means other policies, and nothing is compared. Give exactly the files and the data that the engine had.",
    "A replay is no verification: what is replayed is what the passport says. kest verify checks it.",
    "Exit codes: 0 all reproduced, 1 one is different or the passport is against the format, 2 wrong usage or unreadable, 3 nothing different, but something cannot be replayed or there is no decision.",
  ],
  run,
};
