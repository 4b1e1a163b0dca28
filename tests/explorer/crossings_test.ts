/** The picture against Graphviz: not a matter of time, so it is a test. */

import assert from "node:assert/strict";
import test from "node:test";
import { parentsFor } from "../../examples/generate.ts";
import { dagOf } from "../../explorer/graph/dag.ts";
import { layoutOf } from "../../explorer/graph/layout.ts";
import { graphviz, straightCrossings } from "./graphviz.ts";

for (const shape of ["layered", "temporal"] as const) {
  test(`a ${shape} graph of 1,000 crosses at most 1.25 times as often as Graphviz's`, async () => {
    for (const seed of [1, 7]) {
      const dag = dagOf(parentsFor(shape, 1_000, seed));
      const ours = straightCrossings(dag, layoutOf(dag));
      const theirs = straightCrossings(dag, await graphviz(dag));
      assert(ours <= 1.25 * theirs, `seed ${seed}: ${ours} crossings, Graphviz ${theirs}`);
    }
  });
}
