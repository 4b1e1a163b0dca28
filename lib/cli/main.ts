/**
 * The command `kest`.
 *
 * ```sh
 * deno run --allow-read --allow-write jsr:@kest/kest/cli help
 * ```
 *
 * @module
 */

import { printable } from "../bytes/encoding.ts";
import { KestError, messageOf, ParseError } from "../base/errors.ts";
import type { Command } from "./command.ts";
import { CliError, EXIT_OK, EXIT_USAGE } from "./errors.ts";
import { explore } from "./explore.ts";
import { type CommandGroup, printCommandHelp, printHelp } from "./help.ts";
import type { CliIo } from "./io.ts";
import { keygen } from "./keygen.ts";
import { suggestion } from "./nearest.ts";
import { parseArguments } from "./options.ts";
import { page } from "./page.ts";
import { policyCheck } from "./policy_check.ts";
import { policyEval } from "./policy_eval.ts";
import { printProblems } from "./policy_problems.ts";
import { policyTest } from "./policy_tests.ts";
import { hostProcess, processIo } from "./process_io.ts";
import { replay } from "./replay.ts";
import { printJson, Screen } from "./screen.ts";
import { show } from "./show.ts";
import { trustAdd } from "./trust_add.ts";
import { trustShow } from "./trust_show.ts";
import { verify } from "./verify.ts";
import { CLI_VERSION } from "./version.ts";

export type { CliIo, Place, Served, WriteOptions } from "./io.ts";
export { processIo } from "./process_io.ts";

const GROUPS: readonly CommandGroup[] = [
  { title: "Keys and trust", commands: [keygen, trustAdd, trustShow] },
  { title: "Passports", commands: [verify, show, explore, page, replay] },
  { title: "Policies", commands: [policyCheck, policyEval, policyTest] },
];

const COMMANDS: readonly Command[] = GROUPS.flatMap(({ commands }) => commands);

/** The command that some words begin with, and the arguments after it. */
function commandOf(words: readonly string[]): {
  readonly command: Command;
  readonly rest: readonly string[];
} {
  for (const command of COMMANDS) {
    const names = command.name.split(" ");
    if (!names.every((name, index) => words[index] === name)) continue;
    return { command, rest: words.slice(names.length) };
  }
  return unknownCommand(words);
}

function unknownCommand(words: readonly string[]): never {
  const first = words[0]!;
  if (first.startsWith("-")) {
    const near = suggestion(first, ["--help", "--version", "--json"]);
    throw new CliError(`unknown option ${first}; ${near}`);
  }
  const below = COMMANDS.flatMap(({ name }) =>
    name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : []
  );
  if (below.length === 0) {
    const names = [...new Set(COMMANDS.map(({ name }) => name.split(" ")[0]!)), "help"];
    throw new CliError(`unknown command ${first}; ${suggestion(first, names)}`);
  }
  const second = words[1];
  if (second === undefined || second.startsWith("-")) {
    throw new CliError(`${first} needs a command: ${below.join(" or ")}`);
  }
  throw new CliError(`unknown command ${first} ${second}; ${suggestion(second, below)}`);
}

/** Prints text that a function puts on a screen, or the same as a JSON member. */
function printText(io: CliIo, json: boolean, name: string, print: (screen: Screen) => void): void {
  if (!json) {
    const screen = new Screen(io);
    print(screen);
    return screen.flush();
  }
  let text = "";
  const screen = new Screen({ ...io, isTTY: false, stdout: (more) => void (text += more) });
  print(screen);
  screen.flush();
  printJson(io, { [name]: text });
}

function help(io: CliIo, words: readonly string[], json: boolean): number {
  const topics = words.filter((word) => !word.startsWith("-"));
  const isGroup = COMMANDS.some(({ name }) => name.startsWith(`${topics[0]} `));
  if (topics.length === 0 || (topics.length === 1 && isGroup)) {
    printText(io, json, "help", (screen) => printHelp(screen, GROUPS));
    return EXIT_OK;
  }
  const { command } = commandOf(topics);
  printText(io, json, "help", (screen) => printCommandHelp(screen, command));
  return EXIT_OK;
}

async function run(args: readonly string[], io: CliIo): Promise<number> {
  const json = wantsJson(args);
  const words = args[0] === "--json" ? args.slice(1) : args;
  const [first] = words;
  if (first === undefined) throw new CliError("no command given; kest help lists them");
  if (first === "help") return help(io, words.slice(1), json);
  if (first === "--help" || first === "-h") return help(io, [], json);
  if (first === "--version") {
    if (json) printJson(io, { version: CLI_VERSION });
    else io.stdout(`${CLI_VERSION}\n`);
    return EXIT_OK;
  }
  if (words.length === 2 && (words[1] === "--help" || words[1] === "-h")) {
    return help(io, [first], json);
  }
  const { command, rest } = commandOf(words);
  const parsed = parseArguments(command, words === args ? rest : [...rest, "--json"]);
  if (parsed.has("help")) return help(io, command.name.split(" "), json);
  return await command.run(parsed, io);
}

function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).includes("--json");
}

interface Failure {
  readonly message: string;
  readonly code: string;
  readonly path: string | undefined;
  readonly issues: CliError["issues"];
  readonly problems?: CliError["problems"];
  readonly exit: number;
}

function failureOf(error: unknown): Failure {
  if (error instanceof CliError) return error;
  const message = messageOf(error);
  const issues = error instanceof ParseError ? error.issues : undefined;
  if (error instanceof KestError) {
    return { message, code: error.code, path: error.path, issues, exit: EXIT_USAGE };
  }
  // Never exit code 1: that would be a verdict.
  const told = `internal error, please report it: ${message}`;
  return { message: told, code: "INTERNAL", path: undefined, issues, exit: EXIT_USAGE };
}

function fail(error: unknown, io: CliIo, json: boolean): number {
  const { message, code, path, issues, problems, exit } = failureOf(error);
  if (json) printJson(io, { exit, error: { code, message, path, issues, problems } });
  else {
    io.stderr(`kest: ${printable(message)}\n`);
    for (const issue of issues && issues.length > 1 ? issues : []) {
      io.stderr(printable(`  ${issue.path || "/"}: ${issue.message} (${issue.code})`) + "\n");
    }
    const screen = new Screen({ ...io, isTTY: io.errorIsTTY, stdout: io.stderr });
    printProblems(screen, problems ?? []);
    screen.flush();
  }
  return exit;
}

/**
 * Runs one command.
 *
 * @param args The arguments after `kest`.
 * @returns The exit code: 0 verified or done, 1 invalid, 2 wrong usage or
 * unreadable input, 3 nothing wrong found but nothing proven.
 */
export async function main(args: readonly string[], io: CliIo): Promise<number> {
  try {
    return await run(args, io);
  } catch (error) {
    return fail(error, io, wantsJson(args));
  }
}

if (import.meta.main) {
  const process = hostProcess();
  process.exitCode = await main(process.argv.slice(2), processIo());
}
