/**
 * Evaluates the rules of one group: complete values, sets, objects, functions.
 *
 * @module
 */

import type { Context, Expr, Runner, RunnerGroup, Slots } from "./context.ts";
import { RegoError } from "./errors.ts";
import type { Group } from "./tree.ts";
import { equal, type Key, keyOf, RegoObject, RegoSet, type Value } from "./value.ts";

/** In `known`: the group has no value. */
const NOTHING = Symbol("nothing");

function conflict(text: string): RegoError {
  return new RegoError("eval_conflict_error", text);
}

/** The value of a complete rule or of a partial set. */
export function groupValue(c: Context, id: number): Value | undefined {
  const known = c.known[id];
  if (known !== undefined) return known === NOTHING ? undefined : known as Value;
  c.run.enter();
  const compiled = c.run.program.groups[id]!;
  const value = compiled.group.kind === "set"
    ? setValue(c, compiled)
    : completeValue(c, compiled, null);
  c.run.leave();
  c.known[id] = value === undefined ? NOTHING : value;
  return value;
}

/** The value of a function for its arguments. */
export function callGroup(
  c: Context,
  group: Group,
  args: readonly Value[],
): Value | undefined {
  c.run.enter();
  const value = completeValue(c, c.run.program.groups[group.id]!, args);
  c.run.leave();
  return value;
}

function completeValue(
  c: Context,
  compiled: RunnerGroup,
  args: readonly Value[] | null,
): Value | undefined {
  let result: Value | undefined;
  for (const runner of compiled.runners) {
    const value = chainValue(c, runner, args);
    if (value === undefined) continue;
    if (result !== undefined && !equal(result, value)) throw completeConflict(compiled.group);
    result = value;
    if (compiled.constant !== undefined) return result;
  }
  if (result !== undefined || !compiled.fallback) return result;
  return chainValue(c, compiled.fallback, args);
}

function completeConflict(group: Group): RegoError {
  return conflict(
    group.kind === "function"
      ? `${group.name}: functions must not produce multiple outputs for same inputs`
      : `${group.name}: complete rules must not produce multiple outputs`,
  );
}

/** The value of the first rule of an `else` chain that has one. */
function chainValue(
  c: Context,
  first: Runner,
  args: readonly Value[] | null,
): Value | undefined {
  for (let runner: Runner | null = first; runner; runner = runner.orElse) {
    c.run.tick();
    const value = runnerValue(c, runner, args);
    if (value !== undefined) return value;
  }
  return undefined;
}

function runnerValue(
  c: Context,
  runner: Runner,
  args: readonly Value[] | null,
): Value | undefined {
  const slots: Slots = new Array(runner.size);
  if (args && runner.bind && !runner.bind(c, slots, args)) return undefined;
  let result: Value | undefined;
  const { constant } = runner;
  if (constant !== undefined) {
    runner.run(c, slots, () => {
      result = constant;
      return true;
    });
    return result;
  }
  const value = runner.value!;
  runner.run(c, slots, (c, s) => {
    const next = value(c, s);
    if (next === undefined) return false;
    if (result !== undefined && !equal(result, next)) {
      throw conflict("complete rules must not produce multiple outputs");
    }
    result = next;
    return false;
  });
  return result;
}

function setValue(c: Context, compiled: RunnerGroup): RegoSet {
  const set = new PartialSet();
  for (const { size, run, member } of compiled.runners) {
    c.run.tick();
    run(c, new Array(size), (c, s) => {
      const value = member!(c, s);
      if (value !== undefined) {
        c.run.spend(1);
        set.add(value);
      }
      return false;
    });
  }
  return set;
}

/** A set that rules make member by member: others may join it. */
export class PartialSet extends RegoSet {}

/** An object that rules make key by key: others may join it. */
export class PartialObject extends RegoObject {}

/** One such set while it is made. */
class Members {
  readonly set = new PartialSet();
}

/** An object that rules with keys of their own make, level by level. */
class Branch {
  readonly entries = new Map<Key, [key: Value, value: Branch | Members | Value]>();
  /** First-level keys under which two rules disagree. */
  readonly conflicts = new Set<Key>();
}

/** The object of a group whose rules name their keys: evaluated once, per key checked. */
export interface Keyed {
  readonly value: RegoObject;
  /** Keys under which rules disagree: an error for whoever asks for them. */
  readonly conflicts: ReadonlySet<Key>;
}

/** What the rules of an object group make. */
export function keyedValue(c: Context, id: number): Keyed {
  const known = c.known[id] as Keyed | undefined;
  if (known) return known;
  c.run.enter();
  const compiled = c.run.program.groups[id]!;
  const root = new Branch();
  for (const first of compiled.runners) {
    for (let runner: Runner | null = first; runner; runner = runner.orElse) {
      c.run.tick();
      if (growBranches(c, runner, root)) break;
    }
  }
  c.run.leave();
  const keyed: Keyed = { value: frozenBranch(root), conflicts: root.conflicts };
  c.known[id] = keyed;
  return keyed;
}

/** Whether the body had an answer. */
function growBranches(c: Context, runner: Runner, root: Branch): boolean {
  const { suffix, size, run } = runner;
  let answered = false;
  run(c, new Array(size), (c, s) => {
    const keys = suffix.map((key) => key(c, s));
    const leaf = (runner.member ?? runner.value as Expr)(c, s);
    if (leaf === undefined || keys.includes(undefined)) return false;
    answered = true;
    c.run.spend(1);
    insert(root, keys as Value[], leaf, runner.member !== null);
    return false;
  });
  return answered;
}

function insert(root: Branch, keys: readonly Value[], leaf: Value, isMember: boolean): void {
  let branch = root;
  for (const key of keys.slice(0, -1)) {
    const found = branch.entries.get(keyOf(key));
    if (!found) branch.entries.set(keyOf(key), [key, branch = new Branch()]);
    else if (found[1] instanceof Branch) branch = found[1];
    else return void root.conflicts.add(keyOf(keys[0]!));
  }
  const last = keys.at(-1)!;
  const found = branch.entries.get(keyOf(last))?.[1];
  if (found === undefined) {
    branch.entries.set(keyOf(last), [last, isMember ? new Members() : leaf]);
    if (isMember) insert(root, keys, leaf, isMember);
  } else if (isMember && found instanceof Members) found.set.add(leaf);
  else if (isMember || isPart(found) || !equal(found, leaf)) root.conflicts.add(keyOf(keys[0]!));
}

function isPart(value: Branch | Members | Value): value is Branch | Members {
  return value instanceof Branch || value instanceof Members;
}

function frozenBranch(branch: Branch): RegoObject {
  const object = new PartialObject();
  for (const [key, value] of branch.entries.values()) {
    if (value instanceof Branch) object.set(key, frozenBranch(value));
    else object.set(key, value instanceof Members ? value.set : value);
  }
  return object;
}

/** The error of asking for what two rules disagree about. */
export function keyConflict(group: Group): RegoError {
  return conflict(`${group.name}: object keys must be unique`);
}
