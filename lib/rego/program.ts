/**
 * Makes one program of all policies: names, conflicts, recursion, safety, plans.
 *
 * @module
 */

import type { Body, Module } from "./ast.ts";
import { BUILTINS } from "./builtins/all.ts";
import type { Program, Runner, RunnerGroup } from "./context.ts";
import type { Frame, Node, RuleNode, Var } from "./ir.ts";
import { Issues } from "./issues.ts";
import { Planner } from "./plan.ts";
import type { PlanScope } from "./plan_terms.ts";
import { refuseRecursion, type ResolvedGroup } from "./recursion.ts";
import { Resolver } from "./resolve.ts";
import type { BuiltinFunction } from "./builtin.ts";
import type { Context, Expr, Next } from "./context.ts";
import { groupType, TypeChecker } from "./type_check.ts";
import type { Type } from "./types.ts";
import { type Group, plantTree, type TreeNode, type Written } from "./tree.ts";
import type { Value } from "./value.ts";

function builtin(name: string): BuiltinFunction {
  return BUILTINS.get(name)!;
}

interface ResolvedRules extends ResolvedGroup {
  readonly group: Group;
  readonly rules: readonly RuleNode[];
  readonly fallback: RuleNode | null;
}

/**
 * Compiles policies. Rules of one path are tried in the order of their modules'
 * `ranks`: the first that has a value may end an evaluation before another fails.
 *
 * @throws {PolicyCompileError} with what is wrong, by OPA's codes.
 */
export function compileProgram(
  modules: readonly Module[],
  ranks: ReadonlyMap<Module, number>,
): Program {
  const issues = new Issues();
  const { root, groups } = plantTree(modules, issues);
  issues.throwIfAny();
  const resolvers = new Map(
    modules.map((module) => [module, new Resolver(module, { root, issues })]),
  );
  const resolve = ({ module, rule }: Written) => resolvers.get(module)!.rule(rule);
  const byRank = (a: Written, b: Written) => ranks.get(a.module)! - ranks.get(b.module)!;
  const resolved = groups.map((group): ResolvedRules => ({
    group,
    rules: [...group.written].sort(byRank).map(resolve),
    fallback: group.fallback && resolve(group.fallback),
  }));
  issues.throwIfAny();
  const ordered = refuseRecursion(root, resolved, issues);
  issues.throwIfAny();
  const compiled = resolved.map((rules) => planGroup(rules, root, issues));
  issues.throwIfAny();
  const types = checkTypes(ordered, resolved, root, issues);
  issues.throwIfAny();
  return { root, groups: compiled, types };
}

/** What the rules of each group have as their values; `ordered`: what they ask comes first. */
function checkTypes(
  ordered: Iterable<Group>,
  resolved: readonly ResolvedRules[],
  root: TreeNode,
  issues: Issues,
): ReadonlyMap<Group, Type> {
  const types = new Map<Group, Type>();
  for (const { id } of ordered) {
    const { group, rules, fallback } = resolved[id]!;
    const all = fallback ? [...rules, fallback] : rules;
    const made = all.map((rule) =>
      new TypeChecker({ root, types }, rule.module, issues).rule(rule)
    );
    types.set(group, groupType(group, made));
  }
  return types;
}

function planGroup(resolved: ResolvedRules, root: TreeNode, issues: Issues): RunnerGroup {
  const plan = (rule: RuleNode): Runner =>
    new Planner({ module: rule.module, root, issues, builtin }, rule.frame).rule(rule);
  const runners = resolved.rules.map(plan);
  return {
    group: resolved.group,
    runners,
    fallback: resolved.fallback && plan(resolved.fallback),
    constant: constantOf(runners),
  };
}

/** The scalar that every rule of a group has as its value, if there is one. */
function constantOf(runners: readonly Runner[]): Value | undefined {
  const first = runners[0]?.constant;
  if (typeof first === "object") return undefined;
  return runners.every((r) => r.constant === first && !r.orElse) ? first : undefined;
}

/** A query, ready to run. */
export interface Query {
  readonly size: number;
  /** Its variables by name, wildcards left out. */
  readonly names: ReadonlyMap<string, Var>;
  readonly run: (c: Context, found: Next) => void;
}

const NO_MODULE: Module = {
  file: "query",
  source: "",
  version: "v1",
  path: [],
  imports: [],
  rules: [],
};

function scopeOf(program: Program, source: string): PlanScope {
  const module = { ...NO_MODULE, source };
  return { module, root: program.root, issues: new Issues(), builtin };
}

/**
 * Compiles a query against a program.
 *
 * @throws {PolicyCompileError} with what is wrong, by OPA's codes.
 */
export function compileQuery(program: Program, source: string, body: Body): Query {
  const scope = scopeOf(program, source);
  const resolver = new Resolver({ ...NO_MODULE, source }, {
    root: program.root,
    issues: scope.issues,
  });
  const { block, frame, names } = resolver.query(body);
  scope.issues.throwIfAny();
  new TypeChecker(program, scope.module, scope.issues).block(block);
  scope.issues.throwIfAny();
  const found = frame.variable("", 0).slot;
  const run = new Planner(scope, frame).query(
    block,
    (c, s) => (s[found] as unknown as Next)(c, s),
  );
  scope.issues.throwIfAny();
  return {
    size: frame.size,
    names,
    run: (c, next) => {
      const slots = new Array(frame.size);
      slots[found] = next;
      run(c, slots);
    },
  };
}

/** The document at a path below `data`. */
export function compilePath(program: Program, path: readonly string[]): Expr {
  const frame: Frame = { size: 0 } as Frame;
  const planner = new Planner(scopeOf(program, ""), frame);
  const parts = path.map((value): Node => ({ op: "const", value }));
  return planner.term(
    parts.length === 0 ? { op: "data" } : { op: "ref", root: { op: "data" }, path: parts, at: 0 },
  );
}
