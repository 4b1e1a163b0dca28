/**
 * The engine: Rego source in, decisions out, in this process.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { refuseUnknown } from "../base/options.ts";
import { canonicalize } from "../bytes/canonical.ts";
import { sha256 } from "../bytes/sha256.ts";
import { type Budget, Context, type Expr, Run } from "./context.ts";
import {
  type AddedPolicy,
  type AddOptions,
  checkBudget,
  checkVersion,
  type EngineBudget,
  type EvaluationFacts,
  type LocalOpaOptions,
  type LocalOutcome,
  OPTIONS,
} from "./engine_options.ts";
import { RegoError } from "./errors.ts";
import { INLINE_BUDGET, InlineCache } from "./inline_rules.ts";
import { parseQuery } from "./parser.ts";
import { documentOf, documentValue, toPlain } from "./plain.ts";
import {
  compileSet,
  digestOf,
  type Policy,
  type PolicySet,
  readPolicy,
  type RegoVersionChoice,
} from "./policy_set.ts";
import { compilePath, compileQuery } from "./program.ts";
import { parseRulePath } from "./rule_path.ts";
import { pathText, type TreeNode } from "./tree.ts";
import { keyOf, type ObjectValue, payingWith, type Value } from "./value.ts";
import { isVouched } from "./vouch.ts";

export type {
  AddedPolicy,
  AddOptions,
  EngineBudget,
  EvaluationFacts,
  LocalOpaOptions,
  LocalOutcome,
  RegoVersionChoice,
};

/**
 * Evaluates Rego in this process: no binary, no server, no permission.
 *
 * Policies are checked when they are added; nothing that OPA's compiler refuses
 * gets in, nor do builtins that would leave the process (`http.send` and others;
 * README names them). An evaluation sees the request's time and seed, no other
 * clock or randomness, and ends when its budget is spent.
 *
 * @example
 * ```ts
 * import { LocalOpaEngine } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const engine = new LocalOpaEngine();
 * engine.addPolicy("merge", `package kest.policy
 *
 * allow_merge if not "pii_data" in input.taints
 * `);
 * const { value } = engine.evaluate({
 *   rule: "data.kest.policy.allow_merge",
 *   input: { taints: ["internet_data"] },
 * });
 * assert.equal(value, true);
 * ```
 */
export class LocalOpaEngine {
  /** Always `opa-local`. */
  readonly kind = "opa-local";
  readonly #options: LocalOpaOptions;
  readonly #budget: Budget;
  readonly #inline = new InlineCache();
  #data: ObjectValue = {};
  #dataText = "{}";
  #digest: string | undefined;
  #set: PolicySet = compileSet(new Map());

  /**
   * An engine without policies.
   *
   * @throws {TypeError} if an option is unknown, or `data` is no object.
   * @throws {RangeError} if a limit is not a positive integer.
   */
  constructor(options: LocalOpaOptions = {}) {
    refuseUnknown(options, OPTIONS, "LocalOpaEngine");
    this.#options = { ...options };
    this.#budget = checkBudget(options.budget ?? {});
    if (options.data !== undefined) this.setData(options.data);
  }

  /**
   * Adds a policy, or replaces the one of that name. All policies are checked
   * together; if that fails the engine stays as it was.
   *
   * @throws {PolicyCompileError} with file, row, column and OPA's code.
   */
  addPolicy(name: string, source: string, options: AddOptions = {}): AddedPolicy {
    return this.addPolicies([[name, source]], options)[0]!;
  }

  /**
   * Adds several policies at once, which may need each other, by name. If any of
   * them fails the engine stays as it was.
   *
   * @throws {PolicyCompileError} with file, row, column and OPA's code.
   */
  addPolicies(
    sources: Iterable<readonly [name: string, source: string]>,
    options: AddOptions = {},
  ): readonly AddedPolicy[] {
    refuseUnknown(options, new Set(["regoVersion"]), "addPolicies");
    const version = options.regoVersion ?? this.#options.regoVersion ?? "auto";
    checkVersion(version);
    const policies = new Map(this.#set.policies);
    const added = [...sources].map(([name, source]): AddedPolicy => {
      const policy = readPolicy(name, source, version);
      policies.set(name, policy);
      const { module } = policy;
      return { name, regoVersion: module.version, package: pathText(module.path) };
    });
    this.#replace(policies);
    return added;
  }

  /**
   * Removes a policy; says whether there was one.
   *
   * @throws {PolicyCompileError} if another policy needs it: nothing is removed then.
   */
  removePolicy(name: string): boolean {
    const policies = new Map(this.#set.policies);
    if (!policies.delete(name)) return false;
    this.#replace(policies);
    return true;
  }

  #replace(policies: ReadonlyMap<string, Policy>): void {
    this.#set = compileSet(policies);
    this.#digest = undefined;
  }

  /** The names of all policies, sorted. */
  get policies(): readonly string[] {
    return [...this.#set.policies.keys()].sort();
  }

  /**
   * Replaces the base document `data`. It is copied.
   *
   * @throws {TypeError} if it is no object.
   * @throws {KestError} `CONTENT_…` if it is not JSON.
   */
  setData(data: unknown): void {
    const text = canonicalize(data);
    if (!text.startsWith("{")) throw new TypeError("data must be a JSON object");
    this.#data = JSON.parse(text);
    this.#dataText = text;
    this.#digest = undefined;
  }

  /**
   * The digest of all policies and the data: `rego:sha256:` and the hex SHA-256
   * of `"kest/v1/policy-rego\0"` and the RFC 8785 text of
   * `{"data", "modules": [[regoVersion, SHA-256 of the source], …], "strict"}`,
   * the modules sorted. Names and order do not count (SPEC 8.3).
   */
  get digest(): string {
    return this.#digest ??= digestOf(this.#set, this.#dataText, this.#isStrict);
  }

  get #isStrict(): boolean {
    return this.#options.strictBuiltinErrors === true;
  }

  /** Whether a policy defines something at this path. */
  hasRule(rule: string): boolean {
    const path = parseRulePath(rule);
    if (!path) return false;
    let node: TreeNode | undefined = this.#set.program.root;
    for (const name of path) {
      // What lies below is made by the rule.
      if (node?.group) return true;
      node = node?.children.get(keyOf(name));
    }
    return node !== undefined;
  }

  /**
   * Evaluates one rule, or the whole document at a path.
   *
   * @throws {RegoError} `POLICY_EVALUATION` if the evaluation fails or its
   * budget is spent, if the input is not JSON or the signal is aborted.
   * @throws {KestError} `POLICY_EVALUATION` if `rule` is no rule path.
   */
  evaluate(request: EvaluationFacts & { readonly rule: string }): LocalOutcome {
    const { rule } = request;
    // A print hook may replace both while this runs.
    const set = this.#set;
    const policyDigest = this.digest;
    const expr = this.#path(set, rule);
    const value = this.#run(set, request, this.#data, this.#budget, plainValue(expr));
    return { value, policyDigest };
  }

  #path({ paths, program }: PolicySet, rule: string): Expr {
    const known = paths.get(rule);
    if (known) return known;
    const path = parseRulePath(rule);
    if (!path) {
      throw new KestError(
        "POLICY_EVALUATION",
        `${JSON.stringify(rule)} is no rule path; write data.package.rule`,
      );
    }
    const expr = compilePath(program, path);
    if (paths.size >= 1000) paths.clear();
    paths.set(rule, expr);
    return expr;
  }

  /**
   * Evaluates `allow` of one module, without this engine's policies and data,
   * under a budget of 200,000 steps and 100 ms (SPEC 8.4).
   *
   * @throws {PolicyCompileError} if the module cannot be used.
   * @throws {RegoError} if the evaluation fails.
   */
  evaluateInline(source: string, request: EvaluationFacts): LocalOutcome {
    const { set, rule, digest } = this.#inline.get(source, this.#isStrict);
    const expr = this.#path(set, rule);
    const value = this.#run(set, request, {}, INLINE_BUDGET, plainValue(expr));
    return { value, policyDigest: digest };
  }

  /**
   * Evaluates a query, e.g. `data.a.b = x`: one object of its variables' values
   * for every answer.
   *
   * @throws {PolicyCompileError} if the query cannot be used.
   * @throws {RegoError} as {@linkcode LocalOpaEngine.evaluate}.
   */
  query(source: string, facts: EvaluationFacts = {}): Record<string, unknown>[] {
    const set = this.#set;
    const query = compileQuery(set.program, source, parseQuery(source));
    const answers: Record<string, unknown>[] = [];
    this.#run(set, facts, this.#data, this.#budget, (c) => {
      query.run(c, (c, s) => {
        c.run.spend(1);
        const names = [...query.names].map(([name, { slot }]) => [
          name,
          toPlain(s[slot], (units) => c.run.spend(units)),
        ]);
        answers.push(Object.fromEntries(names));
        return false;
      });
      return undefined;
    });
    return answers;
  }

  #run(
    set: PolicySet,
    facts: EvaluationFacts,
    data: ObjectValue,
    budget: Budget,
    evaluate: (c: Context) => unknown,
  ): unknown {
    if (facts.signal?.aborted) {
      throw new RegoError("eval_cancel_error", "the deadline passed before it started");
    }
    const { seed = "", timeMs = 0 } = facts;
    if (!Number.isSafeInteger(timeMs)) throw new RangeError("timeMs must be a whole number");
    const run = new Run(set.program, {
      budget,
      strict: this.#isStrict,
      timeMs,
      random: (name, key) => sha256(`kest/v1/policy-random\0${seed}\0${name}\0${key}`),
      cache: set.cache,
      print: this.#options.print ?? (() => {}),
      clock: this.#options.clock ?? (() => performance.now()),
    });
    try {
      const context = new Context(run, inputOf(facts), data);
      return payingWith((units) => run.spend(units), () => evaluate(context));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // The call stack: rules that build on each other too deeply.
      throw new RegoError("eval_budget_error", "the evaluation nests too deeply", {
        cause: error,
      });
    }
  }
}

function plainValue(expr: Expr): (c: Context) => unknown {
  return (c) => toPlain(expr(c, []), (units) => c.run.spend(units));
}

function inputOf(facts: EvaluationFacts): Value | undefined {
  if (facts.inputText !== undefined && !isVouched(facts.input)) return documentOf(facts.inputText);
  return facts.input === undefined ? undefined : documentValue(facts.input);
}
