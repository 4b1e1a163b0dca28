/**
 * What may be wrong with policies that compile: rules that more lineage can turn
 * from denying to allowing.
 *
 * Taints only grow, and any step may add one. A rule that allows *because* a
 * taint is there, or because something is false that a taint makes false, lets
 * through whoever adds that taint himself. This looks for such conditions in
 * every rule that decides, and in the helpers that it builds on.
 *
 * @module
 */

import type { Module } from "./ast.ts";
import { HELPS, HURTS, type Polarity } from "./lint_terms.ts";
import { type Condition, TaintWalk } from "./lint_walk.ts";
import { type RuleGroup, RuleIndex } from "./lint_rules.ts";
import { issueAt } from "./source.ts";
import { pathText } from "./tree.ts";

/** One doubt about a policy that compiles. */
export interface LintIssue {
  /** `lint_limit`: a rule is too large or too deep to be followed. */
  readonly code: "taint_presence" | "lint_limit";
  /** One sentence: what is doubtful, and what to do. */
  readonly message: string;
  /** The name of the policy. */
  readonly file: string;
  /** The line, from 1. */
  readonly row: number;
  /** The column in code points, from 1. */
  readonly col: number;
  /** The line's text, cut to 200 characters. */
  readonly line: string;
  /** The rules that decide by it, e.g. `data.kest.policy.allow`. Sorted. */
  readonly rules: readonly string[];
}

/** Names of rules that refuse what they hold for, as conftest and others use them. */
const DENIES = /^(?:deny|violation)(?:_|$)/;

const INTENDED = /#\s*kest:\s*allow-presence\b/;
const COMMENT_ONLY = /^\s*#/;

function isTest(module: Module): boolean {
  return module.file.endsWith("_test.rego") || (module.path.at(-1) ?? "").endsWith("_test");
}

/** Rules that other rules use. */
function usedRules(index: RuleIndex): ReadonlySet<RuleGroup> {
  const used = new Set<RuleGroup>();
  for (const group of index.groups) {
    for (const { module, rule } of group.sites) {
      for (const found of index.mentionedBy(module, rule)) {
        if (found !== group) used.add(found);
      }
    }
  }
  return used;
}

/** What a group decides: 1 where its being true allows, 2 where it denies. */
function decides(group: RuleGroup, isUsed: boolean): Polarity | undefined {
  const name = group.path.at(-1)!;
  const heads = group.sites.map(({ rule }) => rule.head);
  if (name.startsWith("test_") || heads.some(({ args }) => args !== null)) return undefined;
  if (DENIES.test(name)) return isUsed ? undefined : HURTS;
  const isComplete = heads.every(({ member, path }) =>
    member === null && path.every(({ type }) => type === "scalar")
  );
  return isComplete && (!isUsed || name.startsWith("allow")) ? HELPS : undefined;
}

/** Whether the author says that a condition is meant: on its line, or in a comment right above. */
function isIntended(lines: readonly string[], row: number): boolean {
  const above = lines[row - 2] ?? "";
  return INTENDED.test(lines[row - 1]!) || (COMMENT_ONLY.test(above) && INTENDED.test(above));
}

const TOO_LARGE = "this rule is too large to be followed, so what it allows by was not looked at";

function messageOf(rules: readonly string[]): string {
  const [first, second] = rules;
  const others = rules.length > 2 ? `${rules.length - 1} more rules` : second;
  const names = second === undefined ? `${first} lets` : `${first} and ${others} let`;
  return `${names} through whoever adds the taint that this asks for`;
}

/** What was found at one place. */
interface Found {
  readonly module: Module;
  readonly at: number;
  readonly code: LintIssue["code"];
  readonly rules: Set<string>;
}

/** Places by module and offset, with the rules that they decide. */
class Findings {
  readonly #byModule = new Map<Module, Map<number, Found>>();

  add(rule: string, code: LintIssue["code"], { module, at }: Condition): void {
    const places = this.#byModule.get(module) ?? new Map<number, Found>();
    this.#byModule.set(module, places);
    const found = places.get(at) ?? { module, at, code, rules: new Set() };
    places.set(at, found);
    found.rules.add(rule);
  }

  issues(): LintIssue[] {
    return [...this.#byModule].flatMap(([module, places]) => {
      const lines = module.source.split("\n");
      const found = [...places.values()].sort((a, b) => a.at - b.at).map(issueOf);
      return found.filter(({ row }) => !isIntended(lines, row));
    });
  }
}

function issueOf({ module, at, code, rules: names }: Found): LintIssue {
  const rules = [...names].sort();
  const { file, row, col, line } = issueAt(module, at, "rego_compile_error", "");
  const message = code === "lint_limit" ? TOO_LARGE : messageOf(rules);
  return { code, message, file, row, col, line, rules };
}

/** Whether a rule could be followed to its end. */
function followed(
  walk: TaintWalk,
  group: RuleGroup,
  polarity: Polarity,
): boolean {
  try {
    walk.follow(group, polarity);
    return walk.isComplete;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return false;
  }
}

/**
 * Looks for conditions by which more lineage turns a decision from deny to
 * allow, in modules that compile together. A decision is a rule that no other
 * rule uses, one whose name begins with `allow`, and one called `deny` or
 * `violation`, which denies where it holds. Left out: tests, bodies that also
 * ask for `input.history`, `input.parents` or `input.origins`, and conditions
 * that the comment `# kest: allow-presence` calls intended.
 */
export function lintPolicies(modules: readonly Module[]): readonly LintIssue[] {
  const index = new RuleIndex(modules.filter((module) => !isTest(module)));
  const used = usedRules(index);
  const findings = new Findings();
  for (const group of index.groups) {
    const polarity = decides(group, used.has(group));
    if (polarity === undefined) continue;
    const name = pathText(group.path);
    const report = (condition: Condition) => findings.add(name, "taint_presence", condition);
    if (followed(new TaintWalk(index, report), group, polarity)) continue;
    const { module, rule } = group.sites[0]!;
    findings.add(name, "lint_limit", { module, at: rule.at });
  }
  return Object.freeze(findings.issues());
}
