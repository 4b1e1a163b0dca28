/**
 * `kest policy test`: runs the tests in policies.
 *
 * @module
 */

import type { Command } from "./command.ts";
import { EXIT_INVALID, EXIT_OK } from "./errors.ts";
import type { CliIo } from "./io.ts";
import type { Parsed } from "./parsed.ts";
import {
  compileOrFail,
  DATA_OPTION,
  dataFrom,
  VERSION_OPTION,
  versionFrom,
} from "./policy_engine.ts";
import { readPolicies } from "./policy_files.ts";
import { rulesOf } from "./policy_rules.ts";
import {
  type PolicyTest,
  runTest,
  type TestOutcome,
  type TestResult,
  testsOf,
} from "./policy_run.ts";
import { printJson, Screen, type Tone } from "./screen.ts";

const WORDS: Readonly<Record<TestOutcome, readonly [string, Tone]>> = {
  pass: ["PASS", "good"],
  fail: ["FAIL", "bad"],
  error: ["ERROR", "bad"],
  skipped: ["SKIP", "unsure"],
};

/** Columns of the outcome. */
const LEAD = 7;
/** Names longer than this push their place aside. */
const MOST_NAME = 100;
/** Lines of `print` that are shown of one test. */
const MOST_PRINTED = 50;

function printResult(screen: Screen, result: TestResult, width: number, verbose: boolean): void {
  const { name, file, row, outcome, detail, printed } = result;
  const [word, tone] = WORDS[outcome];
  const label = [[word.padEnd(LEAD), tone] as const, name];
  screen.row(label, `${file}:${row}`, LEAD + Math.min(width, MOST_NAME) + 2);
  if (detail !== undefined) screen.text([], detail, LEAD);
  if (outcome === "pass" && !verbose) return;
  for (const line of printed.slice(0, MOST_PRINTED)) screen.text([], `print: ${line}`, LEAD);
  const more = printed.length - MOST_PRINTED;
  if (more > 0) screen.text([], `print: … and ${more} more (--json has all)`, LEAD);
}

/** How often each outcome came out. */
function countsOf(results: readonly TestResult[]): Readonly<Record<TestOutcome, number>> {
  const count = (wanted: TestOutcome) => results.filter(({ outcome }) => outcome === wanted).length;
  return {
    pass: count("pass"),
    fail: count("fail"),
    error: count("error"),
    skipped: count("skipped"),
  };
}

function summaryOf(results: readonly TestResult[], run: string | undefined): string {
  if (results.length === 0) {
    return run === undefined
      ? "No test found: a test is a rule whose name begins with test_"
      : `No test found whose name contains ${run}`;
  }
  const { pass, fail, error, skipped } = countsOf(results);
  const errors = error > 0 ? `, ${error} ${error === 1 ? "error" : "errors"}` : "";
  return `${pass} passed, ${fail} failed${errors}${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** Runs tests one after the other, each told as it is done. */
function runAll(
  tests: readonly PolicyTest[],
  runOne: (test: PolicyTest) => TestResult,
  tell: (result: TestResult) => void,
): readonly TestResult[] {
  return tests.map((test) => {
    const result = runOne(test);
    tell(result);
    return result;
  });
}

async function run(parsed: Parsed, io: CliIo): Promise<number> {
  const regoVersion = versionFrom(parsed, "policy test");
  const files = await readPolicies(io, parsed.operands, { tests: true });
  const data = await dataFrom(parsed, io);
  const printed: string[] = [];
  const print = (text: string) => void printed.push(text);
  const { engine, modules } = compileOrFail(files, { regoVersion, data, print });
  const wanted = parsed.value("run");
  const tests = testsOf(rulesOf(modules)).filter(({ name }) => name.includes(wanted ?? ""));
  const json = parsed.has("json");
  const screen = new Screen(io);
  const width = Math.max(0, ...tests.map(({ name }) => name.length));
  const tell = (result: TestResult) => {
    if (json) return;
    printResult(screen, result, width, parsed.has("verbose"));
    screen.flush();
  };
  const timeMs = io.now();
  const results = runAll(tests, (test) => runTest(engine, test, printed, timeMs), tell);
  const { pass, fail, error, skipped } = countsOf(results);
  const exit = pass > 0 && fail + error === 0 ? EXIT_OK : EXIT_INVALID;
  if (json) {
    printJson(io, { exit, passed: pass, failed: fail, errors: error, skipped, tests: results });
    return exit;
  }
  if (results.length > 0) screen.gap();
  const tone = exit === EXIT_OK ? "good" : "bad";
  screen.text([[exit === EXIT_OK ? "OK" : "FAIL", tone], "  "], summaryOf(results, wanted), 6);
  screen.flush();
  return exit;
}

/** The command. */
export const policyTest: Command = {
  name: "policy test",
  summary: "Run the tests in Rego policies: the rules whose names begin with test_.",
  operands: ["FILE"],
  many: true,
  options: [
    { name: "run", value: "TEXT", help: "Only tests whose full name contains this text." },
    { name: "verbose", short: "v", help: "Show what tests print that pass, too." },
    DATA_OPTION,
    VERSION_OPTION,
  ],
  notes: [
    "FILE may be a directory: every *.rego below it, policies and tests. - is standard input.",
    "A test passes if it is true. todo_test_ rules are skipped. A test that is defined twice, or that has parts or parameters, is an error: it could pass for another.",
    "Exit codes: 0 all pass, 1 a test fails or none ran, 2 wrong usage, unreadable, or the policies do not compile.",
  ],
  run,
};
