/**
 * Runs a folder of OPA conformance cases through the local engine.
 *
 *     deno task conformance [DIR] [--category NAME]
 *
 * A case: `note`, `modules`, `query`, `data`, `input` or `input_term`, and
 * `want_result` or `want_error_code`. Ends with "N passed, N failed, N refused";
 * exits 1 on a failure. Refused: needs a builtin that the engine refuses by name.
 * Excepted: fails for the reason that conformance_exceptions.json gives.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { LocalOpaEngine, PolicyCompileError, RegoError } from "../../lib/rego/mod.ts";

/** One case of the suite. */
export interface Case {
  readonly note: string;
  readonly query: string;
  readonly modules?: readonly string[];
  readonly data?: unknown;
  readonly input?: unknown;
  readonly input_term?: string;
  readonly want_result?: readonly Record<string, unknown>[];
  readonly want_error_code?: string;
  readonly want_error?: string;
  readonly strict_error?: boolean;
  readonly sort_bindings?: boolean;
}

/** What became of a case. */
export interface Verdict {
  readonly category: string;
  readonly note: string;
  readonly outcome: "passed" | "failed" | "refused" | "excepted";
  readonly detail: string;
}

const DEFAULT_DIR = fileURLToPath(new URL("../../../shared/opa-conformance", import.meta.url));
/** Where the caller stands: tasks start in the folder of deno.json. */
const START = Deno.env.get("INIT_CWD") ?? ".";
const EXCEPTIONS: Record<string, string> = JSON.parse(
  readFileSync(new URL("conformance_exceptions.json", import.meta.url), "utf8"),
);

/** A number by its digits, so that none is rounded on the way. */
class Digits {
  readonly text: string;

  constructor(source: string) {
    const value = Number(source);
    const isWhole = /^-?\d+$/.test(source) || Number.isInteger(value);
    this.text = `#${isWhole ? BigInt(/^-?\d+$/.test(source) ? source : value) : value}`;
  }
}

function exact(text: string): unknown {
  type Reviver = (key: string, value: unknown, context: { source: string }) => unknown;
  const revive: Reviver = (_, value, { source }) =>
    typeof value === "number" ? new Digits(source) : value;
  return JSON.parse(text, revive as Parameters<typeof JSON.parse>[1]);
}

/** Text that is equal for equal results. */
function comparable(value: unknown): string {
  if (typeof value === "bigint" || typeof value === "number") {
    return new Digits(String(value)).text;
  }
  if (value instanceof Digits) return value.text;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(comparable)}]`;
  const members = Object.entries(value).sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${comparable(member)}`)}}`;
}

/** Answers are a set; `sort`: so are the arrays that they bind. */
function bindings(results: readonly Record<string, unknown>[], sort: boolean): string {
  const text = (value: unknown) =>
    sort && Array.isArray(value) ? `[${value.map(comparable).sort()}]` : comparable(value);
  return results.map((result) =>
    Object.keys(result).sort().map((name) => `${name} = ${text(result[name])}`).join(" ")
  ).sort().join("\n");
}

function evaluate(test: Case): Record<string, unknown>[] {
  const engine = new LocalOpaEngine({
    strictBuiltinErrors: test.strict_error ?? false,
    budget: { timeMs: 20_000 },
  });
  engine.setData(test.data ?? {});
  engine.addPolicies((test.modules ?? []).map((source, i) => [`test-${i}.rego`, source]));
  const inputText = test.input === undefined ? undefined : JSON.stringify(test.input);
  const given = test.input_term === undefined ? "" : ` with input as ${test.input_term}`;
  return engine.query(test.query + given, {
    timeMs: 1_700_000_000_000,
    ...(inputText === undefined ? {} : { inputText }),
  });
}

/** OPA's code of an error; "" for what is none. */
function codeOf(error: unknown): string {
  if (error instanceof RegoError) return error.reason;
  return error instanceof PolicyCompileError ? error.issues[0]!.code : "";
}

/** Runs one case; never throws. `text` is the case's own JSON text, for exact numbers. */
export function runCase(test: Case): readonly [Verdict["outcome"], string] {
  let results: Record<string, unknown>[];
  try {
    results = evaluate(test);
  } catch (error) {
    if (error instanceof PolicyCompileError && /not available in this engine/.test(error.message)) {
      return ["refused", error.message];
    }
    const code = codeOf(error);
    if (test.want_error_code !== undefined || test.want_error !== undefined) {
      const wanted = test.want_error_code ?? code;
      if (code !== "" && code === wanted) return ["passed", ""];
      return ["failed", `wanted ${wanted}, got ${error}`];
    }
    return ["failed", error instanceof Error ? error.stack ?? error.message : String(error)];
  }
  if (test.want_result === undefined) {
    return ["failed", `wanted ${test.want_error_code}, got ${bindings(results, false)}`];
  }
  const sort = test.sort_bindings ?? false;
  const got = bindings(results, sort);
  const want = bindings(test.want_result, sort);
  return got === want ? ["passed", ""] : ["failed", `wanted ${want}\n      got    ${got}`];
}

/** Every case of a folder. */
export function* runFolder(directory: string, only?: string): Generator<Verdict> {
  const cases = readdirSync(directory).includes("cases") ? join(directory, "cases") : directory;
  for (const file of readdirSync(cases).filter((name) => name.endsWith(".json")).sort()) {
    const category = file.replace(/\.json$/, "");
    if (only !== undefined && category !== only) continue;
    const read = JSON.parse(readFileSync(join(cases, file), "utf8"));
    const list: Case[] = Array.isArray(read) ? read : read.cases;
    const wanted = exact(readFileSync(join(cases, file), "utf8")) as { cases: Case[] } | Case[];
    const exactCases = Array.isArray(wanted) ? wanted : wanted.cases;
    for (const [i, test] of list.entries()) {
      const want = exactCases[i]!.want_result;
      const [outcome, detail] = runCase(want ? { ...test, want_result: want } : test);
      const excepted = outcome === "failed" && Object.hasOwn(EXCEPTIONS, test.note);
      yield { category, note: test.note, outcome: excepted ? "excepted" : outcome, detail };
    }
  }
}

function main(args: string[]): number {
  const at = args.indexOf("--category");
  const only = at < 0 ? undefined : args.splice(at, 2)[1];
  const directory = args[0] === undefined ? DEFAULT_DIR : resolve(START, args[0]);
  if (!existsSync(directory)) {
    console.error(`There is no folder ${directory}; name one with cases as *.json`);
    return 2;
  }
  const counts = new Map<string, Record<Verdict["outcome"], number>>();
  const total = { passed: 0, failed: 0, refused: 0, excepted: 0 };
  for (const { category, note, outcome, detail } of runFolder(directory, only)) {
    const row = counts.get(category) ?? { passed: 0, failed: 0, refused: 0, excepted: 0 };
    counts.set(category, row);
    row[outcome]++;
    total[outcome]++;
    if (outcome === "failed") console.log(`FAILED ${category}: ${note}\n      ${detail}`);
    if (outcome === "excepted") console.log(`EXCEPTED ${category}: ${note}: ${EXCEPTIONS[note]}`);
  }
  for (const [category, { passed, failed, refused, excepted }] of counts) {
    const other = excepted > 0 ? `, ${excepted} excepted` : "";
    console.log(`${category}: ${passed} passed, ${failed} failed, ${refused} refused${other}`);
  }
  if (total.excepted > 0) console.log(`${total.excepted} excepted, for the reasons above`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.refused} refused`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

if (import.meta.main) Deno.exit(main([...Deno.args]));
