/**
 * Compares the builtins with OPA's on random calls.
 *
 *     deno run -A tests/rego/builtins_differential.ts [CASES] [SEED] [PREFIX]
 *
 * Prints each builtin's first differences; PREFIX picks builtins by name.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import fc from "fast-check";
import { LocalOpaEngine, RegoError } from "../../lib/rego/mod.ts";
import { DEPRECATED } from "../../lib/rego/signatures.ts";
import { type Call, generatedCall } from "./builtins_calls.ts";

/** What came of a call: its value as JSON and as text, or that it has none, or why. */
export type Outcome =
  | { readonly json: string; readonly term: string }
  | { readonly failed: string };

const UNDEFINED: Outcome = { failed: "undefined" };
const BATCH = 100;
/** Their values are compared by their form only. */
const SHAPES: ReadonlyMap<string, RegExp> = new Map([
  ["rand.intn", /^\d+$/],
  ["uuid.rfc4122", /^"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"$/],
  ["time.now_ns", /^\d+$/],
]);

function callText({ name, args }: Call, wrap: (arg: string, i: number) => string): string {
  return `${name}(${args.map(wrap).join(", ")})`;
}

/**
 * The operands go through a function, so that OPA's type checker does not know
 * them; with numbers of their own, for OPA keeps what calls of equal operands gave.
 */
function policyOf(calls: readonly Call[]): string {
  const rules = calls.map((call, i) => {
    const text = callText(call, (arg, k) => `f(${i}.${k}1, ${arg})`);
    return `c${i} := ${text}\nj${i} := json.marshal(c${i})\ns${i} := sprintf("%v", [c${i}])`;
  });
  return `package p\nf(_, x) := x\n${rules.join("\n")}\n`;
}

/** The rule of a row of {@linkcode policyOf}'s text, and which call it belongs to. */
function ruleAt(row: number): { readonly kind: string; readonly at: number } {
  return { kind: "cjs"[(row - 3) % 3]!, at: Math.floor((row - 3) / 3) };
}

interface OpaOutput {
  readonly errors?: readonly { code: string; message: string; location?: { row: number } }[];
  readonly result?: readonly { expressions: readonly { value: Record<string, unknown> }[] }[];
}

/** What OPA says; a call that ends the evaluation is looked at alone. */
export function askOpa(directory: string, calls: readonly Call[]): readonly Outcome[] {
  const file = join(directory, "p.rego");
  writeFileSync(file, policyOf(calls));
  const version = calls.some(({ name }) => DEPRECATED.has(name)) ? ["--v0-compatible"] : [];
  const options = ["eval", ...version, "-f", "json", "--show-builtin-errors", "-d", file, "data.p"];
  const { stdout } = spawnSync("opa", options, {
    encoding: "utf8",
    timeout: 8_000,
    maxBuffer: 2 ** 28,
  });
  const { result, errors = [] } = parsed(stdout);
  const document = result?.[0]?.expressions[0]?.value;
  if (!document) {
    if (calls.length === 1) return [{ failed: errors[0]?.code ?? "crash" }];
    const half = calls.length >> 1;
    return [...askOpa(directory, calls.slice(0, half)), ...askOpa(directory, calls.slice(half))];
  }
  const failures = new Map(
    errors.map(({ code, message, location }) => {
      const { kind, at } = ruleAt(location?.row ?? 0);
      return [`${kind}${at}`, `${code}: ${message}`];
    }),
  );
  return calls.map((_, i) => {
    if (document[`c${i}`] === undefined) return { failed: failures.get(`c${i}`) ?? "undefined" };
    const [json, term] = [document[`j${i}`], document[`s${i}`]];
    if (typeof json !== "string" || typeof term !== "string") return { failed: "unprintable" };
    return { json, term };
  });
}

function parsed(text: string): OpaOutput {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function evaluated(engine: LocalOpaEngine, rule: string): unknown {
  try {
    return engine.evaluate({ rule: `data.p.${rule}`, timeMs: 1_700_000_000_000 }).value;
  } catch (error) {
    if (error instanceof RegoError) return error;
    throw error;
  }
}

/** What the engine says. */
export function askEngine(calls: readonly Call[]): readonly Outcome[] {
  const regoVersion = calls.some(({ name }) => DEPRECATED.has(name)) ? "v0" : "v1";
  const engines = [false, true].map((strictBuiltinErrors) => {
    const engine = new LocalOpaEngine({
      regoVersion,
      strictBuiltinErrors,
      budget: { timeMs: 20_000 },
    });
    engine.addPolicy("p.rego", policyOf(calls));
    return engine;
  });
  return calls.map((_, i) => {
    const [json, term] = [evaluated(engines[0]!, `j${i}`), evaluated(engines[0]!, `s${i}`)];
    if (typeof json === "string" && typeof term === "string") return { json, term };
    const strict = evaluated(engines[1]!, `c${i}`);
    if (strict instanceof RegoError) {
      return { failed: strict.message.replace("POLICY_EVALUATION: ", "") };
    }
    return strict === undefined ? UNDEFINED : { failed: "unprintable" };
  });
}

/** Whether two outcomes agree: the same value, or both none and for like reasons. */
export function agree(call: Call, opa: Outcome, own: Outcome): boolean {
  if ("failed" in opa || "failed" in own) {
    // Numbers whose exponents would cost too much are refused here.
    if (call.args.some((arg) => /e[+-]?\d{5}/i.test(arg))) return true;
    // OPA itself comes to grief: numbers that are no JSON, ranges without end.
    if ("failed" in opa && (opa.failed === "crash" || opa.failed === "eval_internal_error")) {
      return true;
    }
    if (!("failed" in opa && "failed" in own)) return false;
    return (opa.failed === "undefined") === (own.failed === "undefined");
  }
  // Names of zones in the past are not known here.
  if (call.name === "time.format" && /, "[^"]*\w*\/.*MST/.test(call.args[0]!)) return true;
  const shape = SHAPES.get(call.name);
  if (shape) return shape.test(opa.json) && shape.test(own.json);
  return opa.json === own.json && opa.term === own.term;
}

/** A call that comes out otherwise. */
export interface Difference {
  readonly call: Call;
  readonly opa: Outcome;
  readonly own: Outcome;
}

/** Compares `count` random calls. */
export function compare(count: number, seed: number, prefix = ""): readonly Difference[] {
  const directory = mkdtempSync(join(tmpdir(), "kest-builtins-"));
  const differences: Difference[] = [];
  try {
    const calls = fc.sample(generatedCall(prefix), { numRuns: count, seed });
    const batches = [
      calls.filter(({ name }) => DEPRECATED.has(name)),
      calls.filter(({ name }) => !DEPRECATED.has(name)),
    ];
    for (const list of batches) {
      for (let at = 0; at < list.length; at += BATCH) {
        const batch = list.slice(at, at + BATCH);
        const opa = askOpa(directory, batch);
        const own = askEngine(batch);
        batch.forEach((call, i) => {
          if (!agree(call, opa[i]!, own[i]!)) {
            differences.push({ call, opa: opa[i]!, own: own[i]! });
          }
        });
      }
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  return differences;
}

function textOf(outcome: Outcome): string {
  return "failed" in outcome ? outcome.failed : `${outcome.json}  ${outcome.term}`;
}

/** A difference as text. */
export function differenceText({ call, opa, own }: Difference): string {
  return `${callText(call, (arg) => arg)}\n    OPA:    ${textOf(opa)}\n    engine: ${textOf(own)}`;
}

if (import.meta.main) {
  const [count = "2000", seed = String(Date.now() % 1e9), prefix = "", shown = "3"] = process.argv
    .slice(2);
  const differences = compare(Number(count), Number(seed), prefix);
  const byName = Map.groupBy(differences, ({ call }) => call.name);
  for (const [name, list] of [...byName].sort()) {
    console.log(`${name}: ${list.length}`);
    for (const one of list.slice(0, Number(shown))) console.log(`  ${differenceText(one)}`);
  }
  console.log(`seed ${seed}: ${count} calls, ${differences.length} differences`);
}
