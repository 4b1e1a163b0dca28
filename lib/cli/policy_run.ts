/**
 * Runs the tests in policies: every rule whose name begins with `test_`, as
 * `opa test` does. Only `true` passes.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import type { RuleGroup, RuleSite } from "../rego/lint_rules.ts";
import type { LocalOpaEngine } from "../rego/local_opa.ts";
import { issueAt } from "../rego/source.ts";
import { pathText } from "../rego/tree.ts";
import { jsonText } from "./json_text.ts";

/** What became of a test. */
export type TestOutcome = "pass" | "fail" | "error" | "skipped";

/** A test, not yet run. */
export interface PolicyTest {
  /** e.g. `data.a_test.test_x`. */
  readonly name: string;
  readonly file: string;
  readonly row: number;
  /** Whether its name says that it is yet to be done. */
  readonly isTodo: boolean;
  /** Why it cannot be run, if it cannot. */
  readonly fault: string | undefined;
}

/** A test that was run. */
export interface TestResult {
  readonly name: string;
  readonly file: string;
  readonly row: number;
  readonly outcome: TestOutcome;
  /** Why it did not pass. */
  readonly detail?: string;
  /** What it printed. */
  readonly printed: readonly string[];
}

/** The name by which a rule is a test, if it is one: the first below its package. */
function testNameOf({ path, sites }: RuleGroup): string | undefined {
  const name = path[sites[0]!.module.path.length] ?? "";
  return /^(?:todo_)?test_/.test(name) ? name : undefined;
}

function rowOf({ module, rule }: RuleSite): number {
  return issueAt(module, rule.at, "rego_compile_error", "").row;
}

/** Why a rule is no test although its name says so: it must be able to fail on its own. */
function faultOf({ path, sites }: RuleGroup): string | undefined {
  const heads = sites.map(({ rule }) => rule.head);
  if (heads.some(({ args }) => args !== null)) return "it is a function; nothing calls it";
  const depth = sites[0]!.module.path.length + 1;
  if (path.length > depth || heads.some((head) => head.path.length > 1 || head.member)) {
    return "it has several values; a case that fails would leave no trace. Write one rule per case";
  }
  const rules = sites.filter(({ rule }) => !rule.isDefault);
  if (rules.length < 2) return undefined;
  const other = rules[1]!;
  return `${other.module.file}:${rowOf(other)} has the same name; where one of them holds, ` +
    "the other would pass too. Give each a name of its own";
}

/** The tests among rules, in the order of the source. */
export function testsOf(groups: readonly RuleGroup[]): readonly PolicyTest[] {
  return groups.flatMap((group) => {
    const name = testNameOf(group);
    if (name === undefined) return [];
    const site = group.sites.find(({ rule }) => !rule.isDefault) ?? group.sites[0]!;
    return [{
      name: pathText(group.path),
      file: site.module.file,
      row: rowOf(site),
      isTodo: name.startsWith("todo_"),
      fault: faultOf(group),
    }];
  });
}

function judged(value: unknown): Pick<TestResult, "outcome" | "detail"> {
  if (value === true) return { outcome: "pass" };
  if (value === undefined) {
    return { outcome: "fail", detail: "it is undefined: a part is not true" };
  }
  return { outcome: "fail", detail: `it is ${jsonText(value, false).slice(0, 200)}, not true` };
}

/** Runs one test; `printed` is where the engine prints to. */
export function runTest(
  engine: LocalOpaEngine,
  test: PolicyTest,
  printed: string[],
  timeMs: number,
): TestResult {
  const { name, file, row, isTodo, fault } = test;
  const result = (told: Pick<TestResult, "outcome" | "detail">): TestResult => {
    return { name, file, row, ...told, printed: [...printed] };
  };
  printed.length = 0;
  if (isTodo) return result({ outcome: "skipped" });
  if (fault !== undefined) return result({ outcome: "error", detail: fault });
  try {
    return result(judged(engine.evaluate({ rule: name, timeMs }).value));
  } catch (error) {
    if (!(error instanceof KestError)) throw error;
    return result({ outcome: "error", detail: error.message });
  }
}
