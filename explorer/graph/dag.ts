/**
 * The shape of a passport as numbers: nodes from 0, edges from 0, in compressed
 * rows. Everything that draws or searches the graph walks these arrays.
 *
 * @module
 */

/**
 * A directed acyclic graph. The arrays are shared and must not be written.
 *
 * The parents of `v` are `parents[parentStart[v]]` up to, not including,
 * `parents[parentStart[v + 1]]`; that index is also the number of the edge.
 */
export interface Dag {
  /** Number of nodes. */
  readonly size: number;
  /** Number of edges. */
  readonly edges: number;
  /** Where each node's parents start; one longer than the nodes. */
  readonly parentStart: Int32Array;
  /** The parent of each edge, edges in the order of their children. */
  readonly parents: Int32Array;
  /** The child of each edge. */
  readonly edgeChild: Int32Array;
  /** Where each node's children start; one longer than the nodes. */
  readonly childStart: Int32Array;
  /** The children of all nodes, ascending within each. */
  readonly children: Int32Array;
  /** The edge of each slot of {@linkcode children}. */
  readonly childEdges: Int32Array;
  /** All nodes, parents before children. */
  readonly order: Int32Array;
  /** Nodes without parents, ascending. */
  readonly sources: Int32Array;
  /** Nodes without children, ascending. */
  readonly sinks: Int32Array;
  /**
   * Edges that were left out because they close a cycle, as pairs of parent and
   * child. Only a broken passport has any.
   */
  readonly closing: Int32Array;
}

interface Rows {
  readonly start: Int32Array;
  readonly parents: Int32Array;
}

/** Parent lists in rows, each parent once. */
function rowsOf(lists: readonly (readonly number[])[]): Rows {
  const size = lists.length;
  const start = new Int32Array(size + 1);
  let most = 0;
  for (const list of lists) most += list.length;
  const parents = new Int32Array(most);
  const seenBy = new Int32Array(size).fill(-1);
  let edges = 0;
  for (let child = 0; child < size; child++) {
    for (const parent of lists[child]!) {
      if (!Number.isInteger(parent) || parent < 0 || parent >= size) {
        throw new RangeError(`Node ${child} has parent ${parent}; nodes are 0 to ${size - 1}`);
      }
      if (seenBy[parent] === child) continue;
      seenBy[parent] = child;
      parents[edges++] = parent;
    }
    start[child + 1] = edges;
  }
  return { start, parents: parents.subarray(0, edges) };
}

/** Whether every parent has a smaller number than its child. */
function isSorted({ start, parents }: Rows): boolean {
  for (let child = 0; child + 1 < start.length; child++) {
    for (let edge = start[child]!; edge < start[child + 1]!; edge++) {
      if (parents[edge]! >= child) return false;
    }
  }
  return true;
}

/** Parents before children, by a walk that also marks the edges that close cycles. */
function sortDepthFirst({ start, parents }: Rows): { order: Int32Array; closing: Uint8Array } {
  const size = start.length - 1;
  const order = new Int32Array(size);
  const closing = new Uint8Array(parents.length);
  const state = new Uint8Array(size); // 1: on the stack, 2: done
  const next = start.slice(0, size);
  const stack = new Int32Array(size);
  let sorted = 0;
  for (let root = 0; root < size; root++) {
    if (state[root] !== 0) continue;
    let top = 0;
    stack[0] = root;
    state[root] = 1;
    while (top >= 0) {
      const node = stack[top]!;
      if (next[node] === start[node + 1]) {
        state[node] = 2;
        order[sorted++] = node;
        top--;
        continue;
      }
      const edge = next[node]!++;
      const parent = parents[edge]!;
      if (state[parent] === 1) closing[edge] = 1;
      else if (state[parent] === 0) {
        state[parent] = 1;
        stack[++top] = parent;
      }
    }
  }
  return { order, closing };
}

/** The rows without some edges, and those edges as pairs of parent and child. */
function without({ start, parents }: Rows, closing: Uint8Array): [Rows, Int32Array] {
  const kept = new Int32Array(parents.length);
  const keptStart = new Int32Array(start.length);
  const pairs: number[] = [];
  let edges = 0;
  for (let child = 0; child + 1 < start.length; child++) {
    for (let edge = start[child]!; edge < start[child + 1]!; edge++) {
      if (closing[edge]) pairs.push(parents[edge]!, child);
      else kept[edges++] = parents[edge]!;
    }
    keptStart[child + 1] = edges;
  }
  return [{ start: keptStart, parents: kept.subarray(0, edges) }, Int32Array.from(pairs)];
}

/** Nodes with an empty row. */
function emptyRows(start: Int32Array): Int32Array {
  const nodes: number[] = [];
  for (let node = 0; node + 1 < start.length; node++) {
    if (start[node] === start[node + 1]) nodes.push(node);
  }
  return Int32Array.from(nodes);
}

function withChildren(rows: Rows, order: Int32Array, closing: Int32Array): Dag {
  const { start, parents } = rows;
  const size = start.length - 1;
  const edges = parents.length;
  const edgeChild = new Int32Array(edges);
  const childStart = new Int32Array(size + 1);
  for (let edge = 0; edge < edges; edge++) childStart[parents[edge]! + 1]!++;
  for (let node = 0; node < size; node++) childStart[node + 1]! += childStart[node]!;
  const next = childStart.slice(0, size);
  const children = new Int32Array(edges);
  const childEdges = new Int32Array(edges);
  for (let child = 0; child < size; child++) {
    for (let edge = start[child]!; edge < start[child + 1]!; edge++) {
      const slot = next[parents[edge]!]!++;
      edgeChild[edge] = child;
      children[slot] = child;
      childEdges[slot] = edge;
    }
  }
  return Object.freeze({
    size,
    edges,
    parentStart: start,
    parents,
    edgeChild,
    childStart,
    children,
    childEdges,
    order,
    sources: emptyRows(start),
    sinks: emptyRows(childStart),
    closing,
  });
}

/**
 * A graph from the parents of each node, in any order, cycles and repeated
 * parents included: a repeated parent counts once, an edge that closes a cycle is
 * set aside in {@linkcode Dag.closing}.
 *
 * @throws {RangeError} if a parent is not the number of a node.
 */
export function dagOf(parents: readonly (readonly number[])[]): Dag {
  const rows = rowsOf(parents);
  if (isSorted(rows)) {
    const order = Int32Array.from({ length: parents.length }, (_, node) => node);
    return withChildren(rows, order, new Int32Array(0));
  }
  const { order, closing } = sortDepthFirst(rows);
  const [kept, pairs] = without(rows, closing);
  return withChildren(kept, order, pairs);
}

/** The parents of a node. */
export function parentsOf(dag: Dag, node: number): Int32Array {
  return dag.parents.subarray(dag.parentStart[node]!, dag.parentStart[node + 1]!);
}

/** The children of a node. */
export function childrenOf(dag: Dag, node: number): Int32Array {
  return dag.children.subarray(dag.childStart[node]!, dag.childStart[node + 1]!);
}
