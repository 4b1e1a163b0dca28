import assert from "node:assert/strict";
import { test } from "node:test";
import { createKest, type Exporter, ndjsonExporter, parsePassport } from "../../mod.ts";
import { coded, errorOf, headOf, sleep } from "./helpers.ts";

test("every entry is exported: inner before outer, failed ones too", async () => {
  const seen: string[] = [];
  const kest = createKest({
    exporters: [{ export: ({ entry }) => void seen.push(`${entry.node_id} ${entry.kind}`) }],
  });
  const inner = kest.verified({ nodeId: "inner" }, () => {
    throw new Error("boom");
  });
  const outer = kest.verified({ nodeId: "outer" }, async (_: number) => {
    await errorOf(inner());
  });
  await outer(kest.originate(1));
  assert.deepEqual(seen, ["originate originate", "inner failed", "outer step"]);
});

test("the instance's exporters come before the step's own", async () => {
  const order: string[] = [];
  const named = (name: string): Exporter => ({ export: () => void order.push(name) });
  const kest = createKest({ exporters: [named("one"), named("two")] });
  await kest.verified({ nodeId: "x", exporters: [named("three")] }, () => 1)();
  assert.deepEqual(order, ["one", "two", "three"]);
});

test("an asynchronous exporter is awaited before the call returns", async () => {
  let done = false;
  const slow: Exporter = {
    async export() {
      await sleep(5);
      done = true;
    },
  };
  const kest = createKest({ exporters: [slow] });
  await kest.verified({ nodeId: "x" }, () => 1)();
  assert.equal(done, true);
  done = false;
  await kest.originate(1);
  assert.equal(done, true);
});

const FAILURES: [string, () => void | Promise<void>][] = [
  ["throws", () => {
    throw new Error("disk full");
  }],
  ["rejects", () => Promise.reject(new Error("disk full"))],
];

for (const [name, fail] of FAILURES) {
  test(`an exporter that ${name} gives an EXPORT error; the other exporters are told`, async () => {
    let told = 0;
    const others: Exporter = { export: () => void told++ };
    const kest = createKest({ exporters: [others, { export: fail }, others] });
    const error = await errorOf(kest.verified({ nodeId: "x" }, () => 1)());
    coded("EXPORT", /disk full/)(error);
    assert.equal(((error as Error).cause as Error).message, "disk full");
    assert.equal(told, 2);
  });
}

test("one exporter that rejects and one that throws are one EXPORT error", async () => {
  const kest = createKest({
    exporters: FAILURES.toReversed().map(([, fail]) => ({ export: fail })),
  });
  await assert.rejects(kest.verified({ nodeId: "x" }, () => 1)(), coded("EXPORT"));
});

test("an exporter that fails does not hide the function's own error", async () => {
  const boom = new Error("boom");
  for (const [, fail] of FAILURES) {
    const kest = createKest({ exporters: [{ export: fail }] });
    const step = kest.verified({ nodeId: "x" }, () => Promise.reject(boom));
    assert.equal(await errorOf(step()), boom);
  }
});

test("ndjsonExporter writes one passport per line", async () => {
  const lines: string[] = [];
  const kest = createKest({ exporters: [ndjsonExporter((line) => void lines.push(line))] });
  const step = kest.verified({ nodeId: "x" }, (text: string) => text + "\n");
  const result = await step(kest.originate("a\nb"));
  assert.equal(lines.length, 2);
  for (const line of lines) assert.match(line, /^[^\n]+\n$/);
  assert.equal(headOf(parsePassport(lines[1]!)).entry_hash, headOf(result).entry_hash);
});
