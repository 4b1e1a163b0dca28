/**
 * Graphs, and documents as trees.
 *
 * @module
 */

import { type BuiltinContext, type Builtins, itemsAt, objectAt, operandError } from "../builtin.ts";
import {
  isArray,
  isObject,
  isSet,
  type Key,
  keyOf,
  objectEntries,
  objectGet,
  type ObjectValue,
  RegoSet,
  type Value,
} from "../value.ts";

/** The neighbours of a node; none if it is not in the graph. */
function neighbours(graph: ObjectValue, node: Value): readonly Value[] {
  const next = objectGet(graph, node);
  if (isArray(next)) return next;
  return isSet(next) ? next.sorted() : [];
}

function startsAt(args: readonly Value[]): readonly Value[] {
  const starts = args[1]!;
  if (!isArray(starts) && !isSet(starts)) throw operandError(2, "one of {array, set}", starts);
  return itemsAt(args, 1);
}

function reachable(args: readonly Value[], context: BuiltinContext): Value {
  const graph = objectAt(args, 0);
  const reached = new RegoSet();
  const waiting = [...startsAt(args)];
  context.spend(waiting.length);
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (reached.has(node) || objectGet(graph, node) === undefined) continue;
    reached.add(node);
    const next = neighbours(graph, node);
    context.spend(1 + next.length);
    for (const one of next) waiting.push(one);
  }
  return reached;
}

/**
 * Paths as OPA finds them: each ends where an edge leads out of the graph, nowhere,
 * or to a node that was met before, be it on another path. OPA's suite wants it so;
 * newer versions count only what was met on the same path.
 */
class Paths {
  readonly found = new RegoSet();
  readonly #graph: ObjectValue;
  readonly #context: BuiltinContext;

  constructor(graph: ObjectValue, context: BuiltinContext) {
    this.#graph = graph;
    this.#context = context;
  }

  from(start: Value): void {
    if (objectGet(this.#graph, start) === undefined) return;
    const next = neighbours(this.#graph, start);
    if (next.length === 0) this.#add([start]);
    for (const node of next) this.#visit(node, [start], new Set([keyOf(start)]));
  }

  #visit(node: Value, before: readonly Value[], reached: Set<Key>): void {
    this.#context.spend(1 + before.length);
    if (objectGet(this.#graph, node) === undefined) return this.#add(before);
    const path = [...before, node];
    const next = neighbours(this.#graph, node);
    if (next.length === 0) return this.#add(path);
    reached.add(keyOf(node));
    for (const one of next) {
      if (reached.has(keyOf(one))) this.#add(path);
      else this.#visit(one, path, reached);
    }
  }

  #add(path: readonly Value[]): void {
    this.#context.spend(path.length);
    this.found.add(path);
  }
}

function reachablePaths(args: readonly Value[], context: BuiltinContext): Value {
  const paths = new Paths(objectAt(args, 0), context);
  for (const start of startsAt(args)) {
    context.spend(1);
    paths.from(start);
  }
  return paths.found;
}

function children(value: Value): readonly (readonly [Value, Value])[] {
  if (isArray(value)) return value.map((item, i) => [i, item]);
  if (isSet(value)) return value.sorted().map((member) => [member, member]);
  return isObject(value) ? objectEntries(value) : [];
}

/** Every value in a document with its path, the document first. */
function walk([value]: readonly Value[], context: BuiltinContext): Value {
  const found: Value[] = [];
  const visit = (value: Value, path: readonly Value[]) => {
    context.spend(2 + path.length);
    found.push([path, value]);
    for (const [key, below] of children(value)) visit(below, [...path, key]);
  };
  visit(value!, []);
  return found;
}

export const GRAPH: Builtins = {
  "graph.reachable/2": reachable,
  "graph.reachable_paths/2": reachablePaths,
  "walk/1": walk,
};
