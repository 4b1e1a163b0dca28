/**
 * `kest policy check`: whether policies compile, and what is doubtful in them.
 *
 * @module
 */

import type { CompileIssue } from "../rego/errors.ts";
import { type LintIssue, lintPolicies } from "../rego/lint.ts";
import type { AddedPolicy, LocalOpaEngine, RegoVersionChoice } from "../rego/local_opa.ts";
import type { Command } from "./command.ts";
import { EXIT_INVALID, EXIT_OK } from "./errors.ts";
import type { CliIo } from "./io.ts";
import type { Parsed } from "./parsed.ts";
import { compilePolicies, VERSION_OPTION, versionFrom } from "./policy_engine.ts";
import { isTestFile, type PolicyFile, readPolicies } from "./policy_files.ts";
import { printProblems } from "./policy_problems.ts";
import { printJson, Screen } from "./screen.ts";

/** Problems after which the compiler stops. */
const MOST_PROBLEMS = 10;

const ADVICE =
  "Any step can add a taint. Require provenance by node or key in the trust policy instead; or, " +
  "where it is meant, write the comment # kest: allow-presence on the line or right above it.";

/** What was found. */
interface Check {
  readonly files: readonly PolicyFile[];
  readonly added: readonly AddedPolicy[];
  /** Of the policies without tests: what a decision under them records. */
  readonly digest: string | null;
  readonly errors: readonly CompileIssue[];
  readonly warnings: readonly LintIssue[];
}

function digestOf(
  files: readonly PolicyFile[],
  engine: LocalOpaEngine,
  regoVersion: RegoVersionChoice,
): string | null {
  const policies = files.filter(({ name }) => !isTestFile(name));
  if (policies.length === files.length) return engine.digest;
  const compiled = compilePolicies(policies, { regoVersion });
  return "problems" in compiled || policies.length === 0 ? null : compiled.engine.digest;
}

function checkOf(files: readonly PolicyFile[], regoVersion: RegoVersionChoice): Check {
  const compiled = compilePolicies(files, { regoVersion });
  if ("problems" in compiled) {
    return { files, added: [], digest: null, errors: compiled.problems, warnings: [] };
  }
  const { added, modules, engine } = compiled;
  const digest = digestOf(files, engine, regoVersion);
  return { files, added, digest, errors: [], warnings: lintPolicies(modules) };
}

function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}

function printErrors(screen: Screen, { files, errors }: Check): void {
  printProblems(screen, errors);
  screen.gap();
  const more = errors.length === MOST_PROBLEMS ? "; there may be more" : "";
  const among = counted(files.length, "file");
  screen.text(
    [["FAIL", "bad"], "  "],
    `${counted(errors.length, "problem")} in ${among}${more}`,
    6,
  );
}

function printAdded(screen: Screen, { added, warnings, digest }: Check, strict: boolean): void {
  printProblems(screen, warnings, "warning");
  if (warnings.length > 0) {
    screen.gap();
    screen.text([], ADVICE, 0);
    screen.gap();
  }
  const width = Math.max(...added.map(({ name }) => name.length));
  for (const { name, package: path, regoVersion } of added) {
    screen.row([name], `${path}, ${regoVersion}`, Math.min(width, 60) + 2);
  }
  screen.gap();
  if (digest !== null) {
    const hasTests = added.some(({ name }) => isTestFile(name));
    const note = hasTests ? "without *_test.rego and data" : "without data";
    screen.row(["Digest"], `${digest} (${note})`, 8);
  }
  const compile = `${counted(added.length, "file compiles", "files compile")}`;
  const doubts = warnings.length === 0 ? "" : `, ${counted(warnings.length, "warning")}`;
  const fails = strict && warnings.length > 0;
  const word = fails ? ["FAIL", "bad"] as const : ["OK", "good"] as const;
  screen.text([word, "  "], `${compile}${doubts}${fails ? " (--strict)" : ""}`, 6);
}

async function run(parsed: Parsed, io: CliIo): Promise<number> {
  const version = versionFrom(parsed, "policy check");
  const strict = parsed.has("strict");
  const check = checkOf(await readPolicies(io, parsed.operands, { tests: true }), version);
  const { errors, warnings, added, digest } = check;
  const isBad = errors.length > 0 || (strict && warnings.length > 0);
  const exit = isBad ? EXIT_INVALID : EXIT_OK;
  if (parsed.has("json")) {
    const files = added.map(({ name: file, ...rest }) => ({ file, ...rest }));
    printJson(io, { exit, digest, files, errors, warnings });
    return exit;
  }
  const screen = new Screen(io);
  if (errors.length > 0) printErrors(screen, check);
  else printAdded(screen, check, strict);
  screen.flush();
  return exit;
}

/** The command. */
export const policyCheck: Command = {
  name: "policy check",
  summary: "Compile Rego policies, and warn of rules that adding a taint can turn to allow.",
  operands: ["FILE"],
  many: true,
  options: [
    { name: "strict", help: "End with 1 on warnings too." },
    VERSION_OPTION,
  ],
  notes: [
    "FILE may be a directory: every *.rego below it, tests too. All files are compiled together, as one set of policies. - is standard input.",
    "The digest is what decisions under these policies record, if the engine has the same files and no data.",
    "Taints only grow, and any step can add one: a rule that allows because a taint is present lets through whoever adds it. Where that is meant, say so with the comment # kest: allow-presence on the line or right above it. Not looked at are bodies that also ask input.history, input.parents or input.origins where the data comes from.",
    "Exit codes: 0 all compile, 1 an error (or, with --strict, a warning), 2 wrong usage or unreadable.",
  ],
  run,
};
