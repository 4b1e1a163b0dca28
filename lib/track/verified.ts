/**
 * `verified`: wraps a function so that every call leaves an entry (SPEC 7).
 *
 * @module
 */

import type { InputProfile } from "../lineage/entry.ts";
import { checkNodeId, checkRecord, checkTaints, checkTrustScore } from "../lineage/names.ts";
import type { PolicyEngine } from "../policy/engine.ts";
import type { EnvironmentCollector } from "./collectors.ts";
import type { Exporter } from "./exporters.ts";
import { isTracked, type KestData } from "./kest_data.ts";
import type { TrustScoreUpdater } from "./maker.ts";
import { refuseUnknown } from "../base/options.ts";
import type { KestConfig } from "./settings.ts";
import { runStep, type StepSpec } from "./step.ts";
import { runStream } from "./stream.ts";
import type { Trackable, VerifiedFunction, VerifiedStreamFunction } from "./types.ts";

/** Options of {@linkcode verified}. */
export interface VerifiedOptions {
  /** Rule paths that must all be `true` before the function runs. */
  readonly enforceRules?: readonly string[];
  /** Taints that the function adds to what it returns. */
  readonly addedTaint?: readonly string[];
  /** Labels of the step. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The name of the step; default the function's name. */
  readonly nodeId?: string;
  /** Trust in the step itself, 0 to 1; default 1. */
  readonly nodeTrustScore?: number;
  /** Computes the trust score in place of the default rule, the least of all. */
  readonly trustScoreUpdater?: TrustScoreUpdater;
  /** Indexes of arguments that cannot be hashed: callbacks, signals, handles. */
  readonly opaqueArgs?: readonly number[];
  /** Report the environment into these entries, beside the instance's. */
  readonly envCollectors?: readonly EnvironmentCollector[];
  /** Are told of these entries, beside the instance's. */
  readonly exporters?: readonly Exporter[];
  /** Evaluates these rules in place of the instance's engine. */
  readonly engine?: PolicyEngine;
  /** How much these decisions see; default the instance's. */
  readonly inputProfile?: InputProfile;
  /** Hand the result on as it is yielded, instead of collecting it first. */
  readonly stream?: boolean;
}

const OPTIONS = new Set([
  ...["addedTaint", "enforceRules", "engine", "envCollectors", "exporters", "inputProfile"],
  ...["labels", "nodeId", "nodeTrustScore", "opaqueArgs", "stream", "trustScoreUpdater"],
]);

/** A method that {@linkcode verified} may decorate: it declares what callers get. */
// deno-lint-ignore no-explicit-any
export type VerifiedMethod<This, A extends any[], R> = (
  this: This,
  ...args: A
) => Promise<KestData<R>>;

/** A decorator for methods that declare `Promise<KestData<…>>`. */
export type VerifiedDecorator = <This, A extends unknown[], R>(
  method: VerifiedMethod<This, A, R>,
  context: ClassMethodDecoratorContext<This, VerifiedMethod<This, A, R>>,
) => VerifiedMethod<This, A, R>;

/** The overloads of {@linkcode verified}. */
export interface Verify {
  /** Wraps a function. */
  <This, A extends unknown[], R>(
    fn: (this: This, ...args: A) => R,
  ): VerifiedFunction<This, A, R>;
  /** Wraps a function whose result is handed on as it is yielded. */
  <This, A extends unknown[], R>(
    options: VerifiedOptions & { readonly stream: true },
    fn: (this: This, ...args: A) => R,
  ): VerifiedStreamFunction<This, A, R>;
  /** Wraps a function. */
  <This, A extends unknown[], R>(
    options: VerifiedOptions & { readonly stream?: false },
    fn: (this: This, ...args: A) => R,
  ): VerifiedFunction<This, A, R>;
  /** Decorates a method. */
  <This, A extends unknown[], R>(
    method: VerifiedMethod<This, A, R>,
    context: ClassMethodDecoratorContext<This, VerifiedMethod<This, A, R>>,
  ): VerifiedMethod<This, A, R>;
  /** Makes a decorator for methods. */
  (options: VerifiedOptions & { readonly stream?: false }): VerifiedDecorator;
}

type AnyFunction = (this: unknown, ...args: never[]) => unknown;

function nameOf(fn: AnyFunction, options: VerifiedOptions): string {
  const name = options.nodeId ?? fn.name.replace(/^bound /, "");
  if (name === "") {
    throw new TypeError("verified needs a name: name the function, or pass nodeId");
  }
  return checkNodeId(name);
}

function opaqueIndexes(indexes: readonly number[]): ReadonlySet<number> {
  for (const index of indexes) {
    if (!Number.isSafeInteger(index) || index < 0) {
      throw new RangeError(`opaqueArgs must be indexes of arguments from 0: got ${index}`);
    }
  }
  return new Set(indexes);
}

function ruleList(rules: readonly string[]): readonly string[] {
  for (const rule of rules) {
    if (typeof rule === "string" && rule.startsWith("data.")) continue;
    throw new TypeError(`enforceRules must be rule paths that start with "data.": got ${rule}`);
  }
  return Object.freeze([...new Set(rules)]);
}

function specOf(config: KestConfig, options: VerifiedOptions, fn: AnyFunction): StepSpec {
  refuseUnknown(options, OPTIONS, "verified");
  return Object.freeze({
    nodeId: nameOf(fn, options),
    fn,
    rules: ruleList(options.enforceRules ?? []),
    addedTaint: checkTaints(options.addedTaint ?? []),
    labels: checkRecord("LABEL", options.labels ?? {}),
    nodeTrustScore: checkTrustScore(options.nodeTrustScore ?? 1),
    updater: options.trustScoreUpdater,
    opaque: opaqueIndexes(options.opaqueArgs ?? []),
    engine: options.engine,
    envCollectors: options.envCollectors,
    exporters: options.exporters,
    profile: options.inputProfile,
    config,
  });
}

function wrap(config: KestConfig, options: VerifiedOptions, fn: AnyFunction): AnyFunction {
  if (typeof fn !== "function") throw new TypeError("verified needs a function");
  const spec = specOf(config, options, fn);
  const run = options.stream ? runStream : runStep;
  function wrapper(this: unknown, ...args: unknown[]): Promise<unknown> {
    return run(spec, this, args);
  }
  return Object.defineProperties(wrapper, {
    name: { value: fn.name, configurable: true },
    length: { value: fn.length, configurable: true },
  });
}

interface MethodContext {
  readonly kind: string;
  readonly name: string | symbol;
}

function decorate(
  config: KestConfig,
  options: VerifiedOptions,
  method: AnyFunction,
  context: MethodContext,
): AnyFunction {
  if (context.kind !== "method") {
    throw new TypeError(`verified decorates methods only: ${String(context.name)}`);
  }
  if (options.stream) throw new TypeError("A decorated method cannot stream; wrap a function");
  return wrap(config, options, method);
}

/** The `verified` of an instance. */
export function verifiedFor(config: KestConfig): Verify {
  function verified(
    first: AnyFunction | VerifiedOptions,
    second?: AnyFunction | MethodContext,
  ): unknown {
    if (typeof first === "function") {
      return typeof second === "object"
        ? decorate(config, {}, first, second)
        : wrap(config, {}, first);
    }
    if (typeof first !== "object" || first === null) {
      throw new TypeError("verified takes a function, or options and a function");
    }
    if (second !== undefined) return wrap(config, first, second as AnyFunction);
    return (method: AnyFunction, context: MethodContext) =>
      decorate(config, first, method, context);
  }
  return verified as Verify;
}

/**
 * Inside a decorated method: an argument as the body sees it, which is plain
 * although the signature says what callers may pass.
 *
 * @throws {TypeError} if the argument is tracked after all: the method is not decorated.
 */
export function plain<T>(argument: Trackable<T>): T {
  if (isTracked(argument)) {
    throw new TypeError("plain() found a tracked value: is the method decorated with verified?");
  }
  return argument as T;
}

/**
 * Inside a decorated method: returns a plain result under the type that callers
 * see. Works in methods that are `async` and in those that are not.
 *
 * @example
 * ```ts
 * import { type KestData, plain, returns, type Trackable, verified } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * class Cleaner {
 *   @verified({ addedTaint: ["cleaned"] })
 *   trim(text: Trackable<string>): Promise<KestData<string>> {
 *     return returns(plain(text).trim());
 *   }
 * }
 * const trimmed = await new Cleaner().trim(" a ");
 * assert.equal(trimmed.data, "a");
 * assert.deepEqual(trimmed.passport.taints, ["cleaned"]);
 * ```
 */
export function returns<R>(result: R): KestData<R> & Promise<KestData<R>> {
  return result as unknown as KestData<R> & Promise<KestData<R>>;
}
