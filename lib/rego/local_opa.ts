/**
 * The engine: Rego source in, decisions out, in this process.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { refuseUnknown } from "../base/options.ts";
import { canonicalize } from "../bytes/canonical.ts";
import { sha256 } from "../bytes/sha256.ts";
import type { Module, RegoVersion } from "./ast.ts";
import { type Budget, Context, type Expr, type Program, Run } from "./context.ts";
import { PolicyCompileError, RegoError } from "./errors.ts";
import { parseModule, parseModuleAuto, parseQuery } from "./parser.ts";
import { documentOf, documentValue, toPlain } from "./plain.ts";
import { compilePath, compileProgram, compileQuery } from "./program.ts";
import { parseRulePath } from "./rule_path.ts";
import { issueAt, type Source } from "./source.ts";
import { pathText, type TreeNode } from "./tree.ts";
import { keyOf, type ObjectValue, payingWith, type Value } from "./value.ts";
import { isVouched } from "./vouch.ts";

/** The language of a policy: `auto` tries v1, then v0. */
export type RegoVersionChoice = "auto" | RegoVersion;

/** Limits of one evaluation; all are positive integers. */
export interface EngineBudget {
  /** Iterations, calls and elements that builtins look at. Default 5,000,000. */
  readonly steps?: number;
  /** Elements, and pieces of 16 characters of text, that may be made. Default 2,000,000. */
  readonly memory?: number;
  /** Milliseconds. Default 2,000. */
  readonly timeMs?: number;
}

/** Options of {@linkcode LocalOpaEngine}. */
export interface LocalOpaOptions {
  /** The language of policies that do not say otherwise. Default `auto`. */
  readonly regoVersion?: RegoVersionChoice;
  /** The base document `data`: a JSON object. Default `{}`. */
  readonly data?: unknown;
  /** Limits of one evaluation. */
  readonly budget?: EngineBudget;
  /** Makes the failure of a builtin an error; by default its call is undefined. */
  readonly strictBuiltinErrors?: boolean;
  /** Where `print` and `trace` go. By default nowhere. */
  readonly print?: (text: string) => void;
  /** Milliseconds that only grow, for the time budget. Default `performance.now`. */
  readonly clock?: () => number;
}

/** Options of {@linkcode LocalOpaEngine.addPolicy}. */
export interface AddOptions {
  /** The language of these policies. Default: that of the engine. */
  readonly regoVersion?: RegoVersionChoice;
}

/** What {@linkcode LocalOpaEngine.addPolicy} says about a policy. */
export interface AddedPolicy {
  /** The name it was added under. */
  readonly name: string;
  /** The language it was read in. */
  readonly regoVersion: RegoVersion;
  /** Its package, e.g. `data.kest.policy`. */
  readonly package: string;
}

/** Facts of one evaluation. */
export interface EvaluationFacts {
  /**
   * The input document as JSON text. It counts, not `input`, unless Kest itself
   * made that.
   */
  readonly inputText?: string;
  /** The input document. Left out: `input` is undefined. */
  readonly input?: unknown;
  /** The engine's only clock, in milliseconds since 1970. Default 0. */
  readonly timeMs?: number;
  /** The engine's only source of randomness. Default empty. */
  readonly seed?: string;
  /** Looked at before an evaluation starts: none can be interrupted. */
  readonly signal?: AbortSignal;
}

/** The value of a rule. */
export interface LocalOutcome {
  /** Sets are sorted arrays, integers beyond 2^53 `bigint`; `undefined` if it has none. */
  readonly value: unknown;
  /** The digest of the policies and data that made it. */
  readonly policyDigest: string;
}

const OPTIONS = new Set([
  "regoVersion",
  "data",
  "budget",
  "strictBuiltinErrors",
  "print",
  "clock",
]);
const BUDGET: Budget = Object.freeze({ steps: 5_000_000, memory: 2_000_000, timeMs: 2_000 });
const INLINE_BUDGET: Budget = Object.freeze({ steps: 200_000, memory: 100_000, timeMs: 100 });
const INLINE_LENGTH = 64 * 1024;
const KEPT = 100;
const DIGEST_PREFIX = "kest/v1/policy-rego\0";

interface Policy {
  readonly module: Module;
  readonly hash: string;
}

/** One set of policies, compiled. Never changes: the engine puts another in its place. */
interface Compiled {
  readonly policies: ReadonlyMap<string, Policy>;
  readonly program: Program;
  readonly paths: Map<string, Expr>;
  readonly cache: Map<string, unknown>;
}

function checkBudget(budget: EngineBudget): Budget {
  refuseUnknown(budget, new Set(Object.keys(BUDGET)), "budget");
  const all = { ...BUDGET, ...budget };
  for (const [name, value] of Object.entries(all)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`budget.${name} must be a positive integer: got ${value}`);
    }
  }
  return Object.freeze(all);
}

function compiledOf(policies: ReadonlyMap<string, Policy>): Compiled {
  const names = [...policies.keys()].sort();
  const modules = names.map((name) => policies.get(name)!.module);
  const program = withinStack(modules.at(-1), () => compileProgram(modules));
  return { policies, program, paths: new Map(), cache: new Map() };
}

/** Syntax that is nested so deeply that the call stack ends is a fault of the policy. */
function withinStack<T>(source: Source | undefined, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError) || !source) throw error;
    throw new PolicyCompileError([issueAt(source, 0, "rego_parse_error", "nested too deeply")]);
  }
}

function checkVersion(version: RegoVersionChoice): void {
  if (["auto", "v0", "v1"].includes(version)) return;
  throw new TypeError(`regoVersion must be "auto", "v0" or "v1": got ${String(version)}`);
}

function readPolicy(name: string, source: string, version: RegoVersionChoice): Policy {
  if (typeof name !== "string" || name === "") throw new TypeError("A policy needs a name");
  if (typeof source !== "string") throw new TypeError("A policy must be Rego source text");
  const module = withinStack(
    { file: name, source },
    () => version === "auto" ? parseModuleAuto(name, source) : parseModule(name, source, version),
  );
  return { module, hash: sha256(source) };
}

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
  readonly #inline = new Map<string, { readonly compiled: Compiled; readonly digest: string }>();
  #data: ObjectValue = {};
  #dataText = "{}";
  #digest: string | undefined;
  #compiled: Compiled = compiledOf(new Map());

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
    const policies = new Map(this.#compiled.policies);
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
    const policies = new Map(this.#compiled.policies);
    if (!policies.delete(name)) return false;
    this.#replace(policies);
    return true;
  }

  #replace(policies: ReadonlyMap<string, Policy>): void {
    this.#compiled = compiledOf(policies);
    this.#digest = undefined;
  }

  /** The names of all policies, sorted. */
  get policies(): readonly string[] {
    return [...this.#compiled.policies.keys()].sort();
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
    return this.#digest ??= this.#digestOf(this.#compiled, this.#dataText);
  }

  #digestOf({ policies }: Compiled, dataText: string): string {
    const modules = [...policies.values()]
      .map(({ module, hash }) => `["${module.version}","${hash}"]`)
      .sort();
    const strict = this.#options.strictBuiltinErrors === true;
    return "rego:sha256:" +
      sha256(`${DIGEST_PREFIX}{"data":${dataText},"modules":[${modules}],"strict":${strict}}`);
  }

  /** Whether a policy defines something at this path. */
  hasRule(rule: string): boolean {
    const path = parseRulePath(rule);
    if (!path) return false;
    let node: TreeNode | undefined = this.#compiled.program.root;
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
    const compiled = this.#compiled;
    const expr = this.#path(compiled, rule);
    const value = this.#run(compiled, request, this.#data, this.#budget, plainValue(expr));
    return { value, policyDigest: this.digest };
  }

  #path({ paths, program }: Compiled, rule: string): Expr {
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
    const { compiled, digest } = this.#inlineProgram(source);
    const [{ module }] = compiled.policies.values() as unknown as [Policy];
    const expr = this.#path(compiled, pathText([...module.path, "allow"]));
    const value = this.#run(compiled, request, {}, INLINE_BUDGET, plainValue(expr));
    return { value, policyDigest: digest };
  }

  #inlineProgram(source: string): { readonly compiled: Compiled; readonly digest: string } {
    const known = this.#inline.get(source);
    if (known) return known;
    if (source.length > INLINE_LENGTH) {
      throw new KestError("LIMIT", `Inline rules are longer than ${INLINE_LENGTH} characters`);
    }
    const policy = readPolicy("inline_rules", source, "auto");
    const compiled = compiledOf(new Map([["inline_rules", policy]]));
    const entry = { compiled, digest: this.#digestOf(compiled, "{}") };
    if (this.#inline.size >= KEPT) this.#inline.clear();
    this.#inline.set(source, entry);
    return entry;
  }

  /**
   * Evaluates a query, e.g. `data.a.b = x`: one object of its variables' values
   * for every answer.
   *
   * @throws {PolicyCompileError} if the query cannot be used.
   * @throws {RegoError} as {@linkcode LocalOpaEngine.evaluate}.
   */
  query(source: string, facts: EvaluationFacts = {}): Record<string, unknown>[] {
    const compiled = this.#compiled;
    const query = compileQuery(compiled.program, source, parseQuery(source));
    const answers: Record<string, unknown>[] = [];
    this.#run(compiled, facts, this.#data, this.#budget, (c) => {
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
    compiled: Compiled,
    facts: EvaluationFacts,
    data: ObjectValue,
    budget: Budget,
    evaluate: (c: Context) => unknown,
  ): unknown {
    if (facts.signal?.aborted) {
      throw new RegoError("eval_cancel_error", "the deadline passed before it started");
    }
    const { seed = "", timeMs = 0 } = facts;
    const run = new Run(compiled.program, {
      budget,
      strict: this.#options.strictBuiltinErrors === true,
      timeNs: BigInt(timeMs) * 1_000_000n,
      random: (name, key) => sha256(`kest/v1/policy-random\0${seed}\0${name}\0${key}`),
      cache: compiled.cache,
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
