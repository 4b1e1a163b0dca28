/**
 * The policy engine against `opa-wasm`: the quick start's merge rule.
 *
 * @module
 */

import { loadPolicy } from "@open-policy-agent/opa-wasm";
import { createKest, LocalOpaEngine } from "../mod.ts";
import { canonicalize } from "../lib/bytes/canonical.ts";
import { vouchFor } from "../lib/rego/vouch.ts";
import { compare, type Row } from "./bench_tools.ts";

const RULE = "data.kest.policy.allow_merge";
const ROUNDS = 5_000;

const source = await Deno.readTextFile(new URL("../policies/kest_policy.rego", import.meta.url));
const wasm = await Deno.readFile(new URL("../policies/quickstart.wasm", import.meta.url));

function engineWithPolicy(): LocalOpaEngine {
  const engine = new LocalOpaEngine();
  engine.addPolicy("kest_policy.rego", source);
  return engine;
}

/** An input document like those that steps make (SPEC 8.1), and some member more. */
function inputWith(taints: readonly string[], more: Record<string, unknown> = {}) {
  return {
    environment: {},
    labels: {},
    node_id: "merge_data",
    policy_refs: [],
    raw_arguments: 0,
    taints,
    time_ms: 1_795_382_102_741,
    trust_score: 1,
    version: 1,
    ...more,
  };
}

const SMALL = inputWith(["internet_data", "pii_data", "pii_stripped"]);
const LABELS = Object.fromEntries(
  Array.from({ length: 150 }, (_, i) => [`label_${i}`, `value ${i} `.padEnd(46, "x")]),
);
const INPUTS = {
  rego_over_wasm_small: [SMALL, "<= 0.5"],
  rego_over_wasm_9kb: [{ ...SMALL, labels: LABELS }, "<= 0.1"],
  rego_over_wasm_100_taints: [
    inputWith([...Array.from({ length: 97 }, (_, i) => `taint_${i}`), ...SMALL.taints]),
    "",
  ],
} as const;

function must(allowed: unknown): void {
  if (allowed !== true) throw new Error("The rule should have allowed this");
}

/**
 * Decisions as a step asks for them: text for the record, and the same document
 * as a value. The rival gets whichever of the object and its text it is faster
 * with.
 */
async function decisions(name: string, input: object, target: string): Promise<Row> {
  const engine = engineWithPolicy();
  const policy = await loadPolicy(wasm.slice());
  const entrypoint = policy.entrypoints["kest/policy/allow_merge"]!;
  const inputText = canonicalize(input);
  const bytes = new TextEncoder().encode(inputText).buffer;
  const request = { rule: RULE, inputText, input: vouchFor(JSON.parse(inputText)) };
  const many = (decide: () => unknown) => () => {
    for (let i = 0; i < ROUNDS; i++) must(decide());
  };
  const ours = many(() => engine.evaluate(request).value);
  const fromText = many(() => engine.evaluate({ rule: RULE, inputText }).value);
  const theirs = many(() => policy.evaluate(input, entrypoint)[0].result);
  const theirsFromText = many(() => policy.evaluate(bytes, entrypoint)[0].result);
  const [own, byObject] = await compare(ours, theirs);
  const [ownText, byText] = await compare(fromText, theirsFromText);
  const rival = Math.min(byObject, byText);
  const micro = (ms: number) => (ms * 1000 / ROUNDS).toFixed(1);
  return {
    name,
    value: own / rival,
    target,
    detail: `${micro(own)} µs, opa-wasm ${micro(rival)} µs; from text alone ${micro(ownText)} µs`,
  };
}

async function load(): Promise<Row> {
  const times = 20;
  const [ours, theirs] = await compare(() => {
    for (let i = 0; i < times; i++) must(engineWithPolicy().hasRule(RULE));
  }, async () => {
    for (let i = 0; i < times; i++) {
      const policy = await loadPolicy(wasm.slice());
      must("kest/policy/allow_merge" in policy.entrypoints);
    }
  });
  return {
    name: "rego_load_ms_over_wasm_load",
    value: ours / theirs,
    target: "<= 1",
    detail: `${(ours / times).toFixed(2)} ms from source, ${(theirs / times).toFixed(2)} ms`,
  };
}

async function enforcedStep(): Promise<Row> {
  const kest = createKest({ policyEngine: engineWithPolicy() });
  const record = { id: 7, name: "Alice Example", note: "x".repeat(200) };
  const argument = kest.originate(record, { taint: ["pii_data"] });
  const body = (_: unknown) => record;
  const plain = kest.verified({ nodeId: "step" }, body);
  const enforced = kest.verified({ nodeId: "step", enforceRules: [RULE] }, body);
  const many = (step: typeof plain) => async () => {
    for (let i = 0; i < 3000; i++) await step(argument);
  };
  const [ours, floor] = await compare(many(enforced), many(plain));
  return {
    name: "enforced_step_over_step",
    value: ours / floor,
    target: "<= 1.6",
    detail: `${(ours / 3).toFixed(1)} µs with one enforced rule, ${
      (floor / 3).toFixed(1)
    } µs without`,
  };
}

/** All figures of the policy engine. */
export async function regoRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, [input, target]] of Object.entries(INPUTS)) {
    rows.push(await decisions(name, input, target));
  }
  return [...rows, await load(), await enforcedStep()];
}

if (import.meta.main) {
  const { rowText } = await import("./bench_tools.ts");
  for (const row of await regoRows()) console.log(rowText(row));
}
