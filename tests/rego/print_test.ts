/** `print` prints as OPA does: one line per call, undefined operands too. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalOpaEngine } from "../../lib/rego/mod.ts";

function printed(body: string): { lines: string[]; value: unknown } {
  const lines: string[] = [];
  const engine = new LocalOpaEngine({ print: (text) => lines.push(text) });
  engine.addPolicy("p.rego", `package p\n\nallow if {\n${body}\n}\n`);
  const { value } = engine.evaluate({ rule: "data.p.allow", input: { n: 7, list: ["a", "b"] } });
  return { lines, value };
}

// What `opa eval` 1.22 prints for the same calls.
test("print writes its operands with spaces between them", () => {
  const cases: [string, string[]][] = [
    [`print("n is", input.n)`, ["n is 7"]],
    [`print({2, "q"}, [1, "a"], {"x": null}, true, 1.50)`, [
      `{2, "q"} [1, "a"] {"x": null} true 1.50`,
    ]],
    [`print("none:", input.none)`, ["none: <undefined>"]],
    [`print()`, [""]],
    [`every item in input.list { print(item) }`, ["a", "b"]],
  ];
  for (const [body, lines] of cases) assert.deepEqual(printed(body), { lines, value: true });
});

test("print neither decides nor fails", () => {
  assert.deepEqual(printed(`print(input.none)\ninput.n == 8`).value, undefined);
  assert.equal(printed(`print(1 / 0)`).value, true);
});
