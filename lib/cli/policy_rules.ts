/**
 * The rules of policies by name: to find the one that is meant.
 *
 * @module
 */

import type { Module } from "../rego/ast.ts";
import { type RuleGroup, RuleIndex } from "../rego/lint_rules.ts";
import { parseRulePath } from "../rego/rule_path.ts";
import { pathText } from "../rego/tree.ts";
import { CliError } from "./errors.ts";
import { nearest } from "./nearest.ts";
import type { Compiled } from "./policy_engine.ts";

/** Rules that are listed. */
const LISTED = 5;
/** Rules with which a mistyped one is compared. */
const MOST_COMPARED = 5_000;

/** All rules, with those of one name together. */
export function rulesOf(modules: readonly Module[]): readonly RuleGroup[] {
  return [...new RuleIndex(modules).groups];
}

function isFunction({ sites }: RuleGroup): boolean {
  return sites.some(({ rule }) => rule.head.args !== null);
}

/** What to add to a complaint about a rule that is not known. */
function hint(rule: string, groups: readonly RuleGroup[]): string {
  const known = groups.filter((group) => !isFunction(group)).map(({ path }) => pathText(path));
  if (known.length === 0) return "the policies define no rules";
  const last = (name: string) => name.split(/[./]/).at(-1);
  const near = nearest(rule.replaceAll("/", "."), known.slice(0, MOST_COMPARED), 5) ??
    known.find((name) => last(name) === last(rule));
  if (near !== undefined) return `did you mean ${near}?`;
  const more = known.length - LISTED;
  return `known are ${known.slice(0, LISTED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function isInData(data: unknown, path: readonly string[]): boolean {
  let value = data;
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return false;
    value = (value as Record<string, unknown>)[name];
  }
  return true;
}

/**
 * The rule's name as `data.a.b`, if it can be evaluated.
 *
 * @throws {CliError} with exit code 2 if there is no such rule, or it is a function.
 */
export function checkRule(rule: string, { engine, modules }: Compiled, data: unknown): string {
  const groups = rulesOf(modules);
  const path = parseRulePath(rule);
  if (!path) {
    throw new CliError(`${rule} is no rule: write data.package.rule; ${hint(rule, groups)}`, {
      code: "NO_RULE",
    });
  }
  const name = pathText(path);
  const group = groups.find((each) => pathText(each.path) === name);
  if (group && isFunction(group)) {
    throw new CliError(`${name} is a function; evaluate a rule that calls it`, { code: "NO_RULE" });
  }
  if (engine.hasRule(name) || isInData(data, path)) return name;
  throw new CliError(`there is no rule ${name}; ${hint(name, groups)}`, { code: "NO_RULE" });
}
