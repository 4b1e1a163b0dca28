/**
 * Calls, and what `with` puts in their place.
 *
 * @module
 */

import type { BuiltinFunction } from "./builtin.ts";
import { Context, type Expr, type Mock, type Slots } from "./context.ts";
import { withPath } from "./document.ts";
import { BuiltinError, RegoError } from "./errors.ts";
import { callGroup } from "./groups.ts";
import type { Target } from "./ir.ts";
import type { Group } from "./tree.ts";
import type { Value } from "./value.ts";

/** Calls a builtin; what it refuses is undefined, or an error where errors are strict. */
function callBuiltin(
  c: Context,
  name: string,
  run: BuiltinFunction,
  args: readonly Value[],
): Value | undefined {
  c.run.tick();
  try {
    return run(args, c.run);
  } catch (error) {
    if (!(error instanceof BuiltinError)) throw error;
    if (!c.run.strict) return undefined;
    throw new RegoError(error.reason, `${name}: ${error.message}`, { cause: error });
  }
}

/** Calls what `with` put in the place of a function. */
function callMock(c: Context, mock: Mock, args: readonly Value[]): Value | undefined {
  switch (mock.kind) {
    case "value":
      return mock.value;
    case "builtin":
      return callBuiltin(c, mock.name, mock.run, args);
    case "group":
      return callGroup(c.withoutMocks(), mock.group, args);
  }
}

/** The call of a builtin or of a function. */
export function callExpr(
  name: string,
  target: Group | BuiltinFunction,
  args: readonly Expr[],
): Expr {
  const call = typeof target === "function"
    ? (c: Context, values: readonly Value[]) => callBuiltin(c, name, target, values)
    : (c: Context, values: readonly Value[]) => callGroup(c, target, values);
  return (c, s) => {
    const values: Value[] = new Array(args.length);
    for (let i = 0; i < args.length; i++) {
      const value = args[i]!(c, s);
      if (value === undefined) return undefined;
      values[i] = value;
    }
    const mock = c.mocks === null ? undefined : c.mocks.get(name);
    return mock === undefined ? call(c, values) : callMock(c, mock, values);
  };
}

/** One `with`, ready to run. */
export interface Replacement {
  readonly target: Target;
  readonly value: Expr;
  /** What replaces a function, if it is a function. */
  readonly mock: Mock | null;
}

/** The context inside of `with` modifiers; `undefined` if a value is. */
export function replaced(
  c: Context,
  s: Slots,
  replacements: readonly Replacement[],
): Context | undefined {
  let { input, data } = c;
  const hidden = [...(c.hidden ?? [])];
  const mocks = new Map(c.mocks);
  c.run.ticks(replacements.length + hidden.length + mocks.size);
  for (const { target, value: expr, mock } of replacements) {
    const value = expr(c, s);
    if (value === undefined) return undefined;
    if (target.kind === "function") {
      mocks.set(target.name, mock ?? { kind: "value", value });
    } else if (target.kind === "input") {
      input = withPath(c, input, target.path, value);
    } else {
      data = withPath(c, data, target.path, value) as typeof data;
      hidden.push(target.path);
    }
  }
  return new Context(
    c.run,
    input,
    data,
    hidden.length > 0 ? hidden : null,
    mocks.size > 0 ? mocks : null,
    c,
  );
}
