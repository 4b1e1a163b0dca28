/**
 * One evaluation: its documents, its budget, what it has worked out so far.
 *
 * @module
 */

import type { BuiltinContext, BuiltinFunction } from "./builtin.ts";
import { RegoError } from "./errors.ts";
import type { Group, TreeNode } from "./tree.ts";
import type { Type } from "./types.ts";
import type { ObjectValue, Value } from "./value.ts";

/** The variables of one rule that runs. */
export type Slots = (Value | undefined)[];

/** The value of a term whose variables are bound; `undefined` is Rego's undefined. */
export type Expr = (c: Context, s: Slots) => Value | undefined;

/** What comes after a literal. `true` ends the search: nobody needs another answer. */
export type Next = (c: Context, s: Slots) => boolean;

/** A rule that can run. */
export interface Runner {
  readonly size: number;
  /** Binds the parameters; `false` if they do not match. */
  readonly bind: ((c: Context, s: Slots, args: readonly Value[]) => boolean) | null;
  /** Runs the body; `found` is called with the slots of each answer. */
  readonly run: (c: Context, s: Slots, found: Next) => void;
  readonly value: Expr | null;
  /** The value, if it is the same for every answer. */
  readonly constant: Value | undefined;
  readonly member: Expr | null;
  readonly suffix: readonly Expr[];
  readonly orElse: Runner | null;
}

/** A group of rules that can run. */
export interface RunnerGroup {
  readonly group: Group;
  readonly runners: readonly Runner[];
  readonly fallback: Runner | null;
  /** The one value that every rule has, so that the first answer settles it. */
  readonly constant: Value | undefined;
}

/** A set of policies that can run. */
export interface Program {
  readonly root: TreeNode;
  /** By the id of the group. */
  readonly groups: readonly RunnerGroup[];
  /** What is known of the values of groups. */
  readonly types: ReadonlyMap<Group, Type>;
}

/** Limits on one evaluation. */
export interface Budget {
  /** Steps: iterations, calls, elements that builtins look at. */
  readonly steps: number;
  /** Elements and 16-character pieces of text made. */
  readonly memory: number;
  /** Milliseconds by `clock`. */
  readonly timeMs: number;
}

/** Facts of one evaluation. */
export interface RunOptions {
  readonly budget: Budget;
  readonly strict: boolean;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  readonly random: (builtin: string, key: string) => string;
  readonly cache: Map<string, unknown>;
  readonly print: (text: string) => void;
  readonly clock: () => number;
}

/** Steps between two looks at the clock. */
const STEPS_PER_LOOK = 2048;

/**
 * Rules that may build on each other. Every runtime's call stack holds them, so
 * that a decision does not depend on where it is made.
 */
const MAX_RULE_DEPTH = 256;

/** What all contexts of one evaluation share. */
export class Run implements BuiltinContext {
  readonly program: Program;
  readonly strict: boolean;
  readonly random: (builtin: string, key: string) => string;
  readonly cache: Map<string, unknown>;
  readonly print: (text: string) => void;
  readonly #options: RunOptions;
  readonly #deadline: number;
  // Steps until the next look at the clock, how many were granted at the last
  // one, and how many the budget holds besides.
  #slice = 0;
  #granted = 0;
  #steps: number;
  #memory: number;
  #depth = 0;

  constructor(program: Program, options: RunOptions) {
    this.program = program;
    this.strict = options.strict;
    this.random = options.random;
    this.cache = options.cache;
    this.print = options.print;
    this.#options = options;
    this.#steps = options.budget.steps;
    this.#memory = options.budget.memory;
    this.#deadline = options.clock() + options.budget.timeMs;
    this.#slice = this.#granted = Math.min(STEPS_PER_LOOK, this.#steps);
  }

  get timeNs(): bigint {
    return BigInt(this.#options.timeMs) * 1_000_000n;
  }

  /** One step. */
  tick(): void {
    if (--this.#slice <= 0) this.#look(1);
  }

  /** Begins a rule that another asked for; {@linkcode Run.leave} ends it. */
  enter(): void {
    this.tick();
    if (++this.#depth > MAX_RULE_DEPTH) {
      throw overBudget(`${MAX_RULE_DEPTH} rules that build on each other`);
    }
  }

  /** Ends a rule. After an error nobody asks for another. */
  leave(): void {
    this.#depth--;
  }

  /** Several steps, before they are taken. */
  ticks(steps: number): void {
    this.#slice -= steps;
    if (this.#slice <= 0) this.#look(steps);
  }

  #look(paid: number): void {
    const { budget, clock } = this.#options;
    this.#steps -= this.#granted - this.#slice;
    if (!(this.#steps > 0)) throw overBudget(`${budget.steps} steps`);
    if (clock() > this.#deadline) throw overBudget(`${budget.timeMs} ms`);
    // What is paid for at once takes its time after this: the next step looks again.
    const next = paid < STEPS_PER_LOOK ? STEPS_PER_LOOK : 1;
    this.#slice = this.#granted = Math.min(next, this.#steps);
  }

  /** Pays for `units` elements before they are made. */
  spend(units: number): void {
    this.make(units);
    this.ticks(units);
  }

  /** Pays for memory alone. */
  make(units: number): void {
    this.#memory -= units;
    if (!(this.#memory >= 0)) {
      throw overBudget(`${this.#options.budget.memory} elements`);
    }
  }
}

function overBudget(what: string): RegoError {
  return new RegoError("eval_budget_error", `the evaluation needs more than ${what}`);
}

/** What replaces a function under `with`. */
export type Mock =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "builtin"; readonly name: string; readonly run: BuiltinFunction }
  | { readonly kind: "group"; readonly group: Group };

/** The documents as some part of the evaluation sees them. */
export class Context {
  readonly run: Run;
  readonly input: Value | undefined;
  readonly data: ObjectValue;
  /** Paths at which rules are replaced by what `data` holds. */
  readonly hidden: readonly (readonly string[])[] | null;
  readonly mocks: ReadonlyMap<string, Mock> | null;
  /** The context outside of the `with` that made this one. */
  readonly outer: Context | null;
  #unmocked: Context | undefined;
  /** What groups without parameters evaluated to, by id. */
  readonly known: unknown[] = [];

  constructor(
    run: Run,
    input: Value | undefined,
    data: ObjectValue,
    hidden: readonly (readonly string[])[] | null = null,
    mocks: ReadonlyMap<string, Mock> | null = null,
    outer: Context | null = null,
  ) {
    this.run = run;
    this.input = input;
    this.data = data;
    this.hidden = hidden;
    this.mocks = mocks;
    this.outer = outer;
  }

  /** What the body of a replacement sees: functions as they are. */
  withoutMocks(): Context {
    return this.#unmocked ??= new Context(
      this.run,
      this.input,
      this.data,
      this.hidden,
      null,
      this,
    );
  }
}
