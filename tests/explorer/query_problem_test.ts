/** What is odd about a query. */

import assert from "node:assert/strict";
import test from "node:test";
import { queryProblem } from "../../explorer/graph/query_problem.ts";

test("queries without anything odd get no hint", () => {
  for (const query of ["", "  ", "word", 'taint:pii -kind:step "a: b"', 'label:"a:b c"', "10:30"]) {
    assert.equal(queryProblem(query), null, query);
  }
});

test("a hint says what is odd and what can be typed instead", () => {
  assert.match(queryProblem('node:"a b')!, /quotation mark/);
  assert.equal(queryProblem("a -Taint:"), "Say what to look for after Taint:");
  assert.match(queryProblem("colour:red")!, /no field colour.*Fields: node, .*key/);
});
