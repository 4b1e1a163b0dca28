/**
 * Builds `policies/quickstart.wasm` from the Rego files beside it.
 *
 *     deno run --allow-read --allow-write --allow-run=opa policies/build.ts [--check]
 *
 * `--check` writes nothing: it compares the committed module with a fresh build
 * and with `opa eval` over the Rego files, by entrypoints and results. Bytes are
 * not compared, because every version of OPA emits others.
 *
 * Exit codes: 0 built, or no difference; 1 a difference, or OPA refused the
 * policies, or anything else went wrong; 2 there is no `opa` on PATH.
 *
 * @module
 */

import { canonicalize } from "../lib/bytes/canonical.ts";
import { WasmOpaEngine } from "../lib/policy/wasm_opa.ts";

const ROOT = new URL("../", import.meta.url);
const SOURCES = ["policies/kest_policy.rego", "policies/kest_trust.rego"];
const TARGET = "policies/quickstart.wasm";
const RULES = [
  "data.kest.policy.allow",
  "data.kest.policy.allow_merge",
  "data.kest.policy.allow_strip_pii",
  "data.kest.policy.allow_system_a_only",
  "data.kest.trust.allow",
];

/** A reason to stop, with its exit code. */
class Stop extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Results of all rules: rule, then index of the input; absent where undefined. */
type Results = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Every set of the taints that the rules name, scores around the threshold, and malformed input. */
function inputTable(): readonly unknown[] {
  const names = ["internet_data", "pii_data", "pii_stripped", "system_a"];
  const subsets = Array.from({ length: 2 ** names.length }, (_, bits) => ({
    taints: names.filter((_, index) => bits & (1 << index)),
  }));
  const scores = [0, 0.5, 0.6999999999999999, 0.7, 0.75, 1, null, true, "0.9", [0.9], {}];
  const taints = [null, "system_a", 7, {}, { a: "system_a", b: "pii_data" }, ["system_a", 7]];
  return [
    ...subsets,
    ...scores.map((trust_score) => ({ trust_score })),
    ...taints.map((value) => ({ taints: value })),
    {},
    [],
    null,
    "system_a",
    0.9,
    { trust_score: 0.9, taints: ["pii_data", "pii_stripped"], environment: {} },
  ];
}

async function opa(args: string[], input = ""): Promise<string> {
  const child = spawn(args);
  const writer = child.stdin.getWriter();
  // OPA may end before it has read everything; its exit code says why.
  await writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
  const { success, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new Stop(1, `opa ${args[0]} failed: ${decoder.decode(stderr).trim()}`);
}

function spawn(args: string[]): Deno.ChildProcess {
  try {
    const streams = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
    return new Deno.Command("opa", { args, cwd: ROOT, ...streams }).spawn();
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.NotCapable) {
      throw new Stop(2, "No opa on PATH: the policies were neither built nor checked");
    }
    throw thrown;
  }
}

/** One file of a tar archive (POSIX ustar, as `opa build` writes it). */
function untar(archive: Uint8Array, name: string): Uint8Array {
  const decoder = new TextDecoder();
  const field = (start: number, length: number) =>
    decoder.decode(archive.subarray(start, start + length)).replace(/\0.*$/s, "");
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0;) {
    const size = parseInt(field(at + 124, 12), 8);
    if (field(at, 100) === name) return archive.slice(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Stop(1, `No ${name} in the bundle that opa built`);
}

async function build(): Promise<Uint8Array> {
  const bundle = await Deno.makeTempFile({ suffix: ".tar.gz" });
  try {
    const entrypoints = RULES.flatMap((rule) => ["-e", rule.slice(5).replaceAll(".", "/")]);
    await opa(["build", "-t", "wasm", ...entrypoints, "-o", bundle, ...SOURCES]);
    const file = await Deno.open(bundle);
    const plain = file.readable.pipeThrough(new DecompressionStream("gzip"));
    return untar(new Uint8Array(await new Response(plain).arrayBuffer()), "/policy.wasm");
  } finally {
    await Deno.remove(bundle);
  }
}

/** All results from `opa eval`, in one call: it takes 50 ms to start. */
async function evaluateRego(inputs: readonly unknown[]): Promise<Results> {
  const fields = RULES.map((rule) =>
    `"${rule}": {i: v | some i, c in input; v := ${rule} with input as c}`
  );
  const data = SOURCES.flatMap((source) => ["--data", source]);
  const args = ["eval", "--format", "raw", "--stdin-input", ...data, `{${fields.join(", ")}}`];
  return JSON.parse(await opa(args, JSON.stringify(inputs)));
}

async function evaluateWasm(wasm: Uint8Array, inputs: readonly unknown[]): Promise<Results> {
  const engine = await WasmOpaEngine.load(wasm);
  const results: Record<string, Record<string, unknown>> = {};
  for (const rule of engine.entrypoints) {
    const byInput: Record<string, unknown> = results[rule] = {};
    for (const [index, input] of inputs.entries()) {
      const { value } = await engine.evaluate({
        rule,
        inputText: canonicalize(input),
        timeMs: 0,
        seed: "0".repeat(32),
        signal: new AbortController().signal,
      });
      if (value !== undefined) byInput[index] = value;
    }
  }
  return results;
}

/** Throws on the first difference between two sets of results. */
function compare(inputs: readonly unknown[], expected: Results, found: Results, who: string): void {
  const rules = [Object.keys(expected), Object.keys(found)].map((keys) => keys.sort().join(", "));
  if (rules[0] !== rules[1]) {
    throw new Stop(1, `Entrypoints differ: ${who} has ${rules[1]}; expected ${rules[0]}`);
  }
  for (const rule of Object.keys(expected)) {
    for (const [index, input] of inputs.entries()) {
      const [wanted, got] = [expected, found].map((results) => text(results[rule]![index]));
      if (wanted === got) continue;
      const where = `${rule} on ${JSON.stringify(input)}`;
      throw new Stop(1, `Results differ: ${where} is ${got} by ${who}; expected ${wanted}`);
    }
  }
}

function text(value: unknown): string {
  return value === undefined ? "undefined" : canonicalize(value);
}

async function check(): Promise<string> {
  const inputs = inputTable();
  const expected = await evaluateRego(inputs);
  compare(inputs, expected, await evaluateWasm(await build(), inputs), "a fresh build");
  const committed = await Deno.readFile(new URL(TARGET, ROOT));
  compare(inputs, expected, await evaluateWasm(committed, inputs), TARGET);
  return `${TARGET} agrees with its source: ${RULES.length} rules, ${inputs.length} inputs`;
}

async function write(): Promise<string> {
  const wasm = await build();
  await Deno.writeFile(new URL(TARGET, ROOT), wasm);
  return `${TARGET} written: ${wasm.length} bytes`;
}

async function main(args: readonly string[]): Promise<number> {
  try {
    if (args.length > 1 || (args.length === 1 && args[0] !== "--check")) {
      throw new Stop(1, `Unknown arguments: ${args.join(" ")}; known is --check`);
    }
    console.log(args.length === 1 ? await check() : await write());
    return 0;
  } catch (thrown) {
    console.error(thrown instanceof Error ? thrown.message : String(thrown));
    return thrown instanceof Stop ? thrown.exitCode : 1;
  }
}

Deno.exit(await main(Deno.args));
