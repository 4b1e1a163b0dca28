/**
 * Compares the engine with OPA on random policies.
 *
 *     deno run -A tests/rego/differential.ts [CASES] [SEED]
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import fc from "fast-check";
import { LocalOpaEngine, PolicyCompileError, RegoError } from "../../lib/rego/mod.ts";
import { type GeneratedCase, generatedCase } from "./generate_policy.ts";

/** What an engine said: the document, or an error's code. */
export type Answer =
  | { readonly value: string }
  | { readonly compileError: string }
  | { readonly error: string };

type Reviver = (key: string, value: unknown, context: { source: string }) => unknown;

/** Integers keep all their digits. */
const exact: Reviver = (_, value, { source }) =>
  typeof value === "number" && /^-?\d{16,}$/.test(source) ? BigInt(source) : value;

/** Text that is equal for equal results. */
function comparable(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(comparable)}]`;
  const members = Object.entries(value).sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${comparable(member)}`)}}`;
}

const NAMES = ["p.rego", "q.rego"];

/** What OPA says. */
export function askOpa(directory: string, { policies, data, input }: GeneratedCase): Answer {
  for (const [i, name] of NAMES.entries()) {
    writeFileSync(join(directory, name), policies[i] ?? "package unused");
  }
  writeFileSync(join(directory, "data.json"), JSON.stringify(data));
  const files = [...NAMES, "data.json"].flatMap((name) => ["-d", name]);
  const { stdout } = spawnSync(
    "opa",
    ["eval", "-f", "json", "--stdin-input", ...files, "data.p"],
    { cwd: directory, input: JSON.stringify(input), encoding: "utf8", timeout: 20_000 },
  );
  const output = JSON.parse(stdout, exact as Parameters<typeof JSON.parse>[1]);
  const [{ code, message } = {} as { code?: string; message?: string }] = output.errors ?? [];
  if (/ is undeclared$/.test(message ?? "")) return { compileError: "undeclared" };
  if (code?.startsWith("rego_")) return { compileError: code };
  if (code) return { error: code };
  return { value: comparable(output.result?.[0]?.expressions[0].value) };
}

/** What the engine says. */
export function askEngine({ policies, data, input }: GeneratedCase): Answer {
  const engine = new LocalOpaEngine({ data, budget: { timeMs: 20_000 } });
  try {
    engine.addPolicies(policies.map((policy, i) => [NAMES[i]!, policy]), { regoVersion: "v1" });
    const { value } = engine.evaluate({ rule: "data.p", inputText: JSON.stringify(input) });
    return { value: comparable(value) };
  } catch (error) {
    if (error instanceof PolicyCompileError) return { compileError: error.issues[0]!.code };
    if (error instanceof RegoError) return { error: error.reason };
    throw error;
  }
}

/**
 * Whether two answers agree. OPA's static type checks go further than the
 * engine's, and an internal error is OPA's own fault; where a policy has several
 * faults the first may be another.
 */
export function agree(opa: Answer, own: Answer): boolean | "not comparable" {
  // OPA looks for a template's variables before it has put the body in order.
  const unlike = ["rego_type_error", "undeclared"];
  if ("compileError" in opa && unlike.includes(opa.compileError)) return "not comparable";
  if ("error" in opa && opa.error === "eval_internal_error") return "not comparable";
  if ("compileError" in opa && "compileError" in own) return true;
  return JSON.stringify(opa) === JSON.stringify(own);
}

/** Compares `count` random cases; the first difference is thrown. */
export function compare(count: number, seed: number): { compared: number; skipped: number } {
  const directory = mkdtempSync(join(tmpdir(), "kest-differential-"));
  let compared = 0;
  let skipped = 0;
  try {
    fc.assert(
      fc.property(generatedCase, (generated) => {
        const opa = askOpa(directory, generated);
        const own = askEngine(generated);
        const verdict = agree(opa, own);
        if (verdict === "not comparable") skipped++;
        else compared++;
        if (verdict === false) {
          throw new Error(
            `OPA:    ${JSON.stringify(opa)}\nengine: ${JSON.stringify(own)}\n` +
              `data: ${JSON.stringify(generated.data)}\ninput: ${
                JSON.stringify(generated.input)
              }\n` +
              generated.policies.join("\n"),
          );
        }
      }),
      { numRuns: count, seed, endOnFailure: true },
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
  return { compared, skipped };
}

if (import.meta.main) {
  const [count = "1000", seed = String(Date.now() % 1e9)] = process.argv.slice(2);
  console.log(`seed ${seed}`);
  const { compared, skipped } = compare(Number(count), Number(seed));
  console.log(`${compared} compared, ${skipped} refused by OPA's type checker`);
}
