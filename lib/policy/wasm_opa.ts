/**
 * Policies that `opa build -t wasm` compiled, run in process by
 * `@open-policy-agent/opa-wasm`.
 *
 * @module
 */

import { loadPolicy } from "@open-policy-agent/opa-wasm";
import { canonicalize } from "../bytes/canonical.ts";
import { utf8, writeHex } from "../bytes/encoding.ts";
import { sha256 } from "../bytes/sha256.ts";
import type { PolicyEngine, PolicyOutcome, PolicyRequest } from "./engine.ts";
import { builtinsFor, checkBuiltins, type Facts, type LoadedPolicy } from "./wasm_builtins.ts";
import { evaluationError, exactBuffer, loadError, textOf } from "./wasm_errors.ts";
import { compile, copyBytes, readResponse, type WasmSource } from "./wasm_source.ts";

/** Linear memory of one instance, in WebAssembly pages of 64 KiB. */
export interface MemoryPages {
  /** Pages at the start. Default: what the module's size calls for, at least 6. */
  readonly initial?: number;
  /** Pages an evaluation may grow to; past them it fails, i.e. denies. Default 4,096 (256 MiB). */
  readonly maximum?: number;
}

/** Options of {@linkcode WasmOpaEngine.load}. */
export interface WasmOpaOptions {
  /** The base document under `data`: an object of JSON values. Part of the policy's digest. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Linear memory. */
  readonly memoryPages?: MemoryPages;
}

/** UTF-16 units of canonical `data` that are accepted: 64 Mi. */
export const WASM_DATA_LENGTH: number = 64 * 1024 * 1024;

const PAGE = 65_536;
const DEFAULT_MAXIMUM = 4096;
// Memory of an instance never shrinks, so one that grew by more than this is not kept.
const KEPT_GROWTH = 16 * 1024 * 1024;
const DIGEST_PREFIX = utf8("kest/v1/policy-wasm\0");

/** One loaded policy, with the facts that its host builtins answer from. */
interface Instance {
  readonly policy: LoadedPolicy;
  readonly facts: { current: Facts };
}

/** Everything that an instance is made from. */
interface Recipe {
  readonly module: WebAssembly.Module;
  readonly dataText: string;
  readonly memory: { readonly initial: number; readonly maximum: number };
}

/** Advice where the cause is a full memory; empty otherwise. */
function memoryAdvice(text: string, maximum: number): string {
  if (!/opa_malloc|out of memory|memory size|Memory\.grow/i.test(text)) return "";
  return `; memory ended at ${maximum} pages of 64 KiB: raise memoryPages.maximum`;
}

function resolveMemory(pages: MemoryPages, bytes: number): Recipe["memory"] {
  const maximum = pages.maximum ?? DEFAULT_MAXIMUM;
  const initial = pages.initial ?? Math.min(maximum, 5 + Math.ceil(bytes / PAGE));
  for (const [name, value] of Object.entries({ initial, maximum })) {
    if (Number.isInteger(value) && value >= 1 && value <= 65_536) continue;
    throw new RangeError(`memoryPages.${name} must be an integer from 1 to 65536: got ${value}`);
  }
  if (initial > maximum) {
    throw new RangeError(
      `memoryPages.initial must not exceed memoryPages.maximum: ${initial} > ${maximum}`,
    );
  }
  return { initial, maximum };
}

function dataTextOf(data: unknown): string {
  let text: string;
  try {
    text = canonicalize(data);
  } catch (thrown) {
    throw loadError(`data has no JSON form: ${textOf(thrown)}`, thrown);
  }
  if (!text.startsWith("{")) throw loadError("data must be an object of JSON values");
  if (text.length <= WASM_DATA_LENGTH) return text;
  throw loadError(`data is longer than ${WASM_DATA_LENGTH} characters`);
}

async function instantiate({ module, dataText, memory }: Recipe): Promise<Instance> {
  const facts = { current: { timeMs: 0, seed: "" } };
  try {
    const policy = await loadPolicy(module, { ...memory }, builtinsFor(facts));
    if (dataText !== "{}") policy.setData(exactBuffer(dataText));
    return { policy, facts };
  } catch (thrown) {
    const text = textOf(thrown);
    const advice = thrown instanceof WebAssembly.LinkError
      ? `; it was given ${memory.initial} pages of 64 KiB (memoryPages.initial)`
      : memoryAdvice(text, memory.maximum);
    throw loadError(text + advice, thrown);
  }
}

/** `a/b` as `data.a.b`; parts that are not names as `["…"]`. */
function rulePath(entrypoint: string): string {
  const parts = entrypoint.split("/").map((part) =>
    /^[A-Za-z_]\w*$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`
  );
  return "data" + parts.join("");
}

function entrypointsOf(policy: LoadedPolicy): ReadonlyMap<string, number> {
  const ids = Object.entries(policy.entrypoints as Record<string, number>);
  return new Map(ids.map(([name, id]) => [rulePath(name), id] as const).sort());
}

/**
 * OPA takes broken JSON for no input at all, under which `not …` rules hold, so
 * the text is checked here. What was found stays out of the message: it is data.
 */
function inputOf({ rule, inputText }: PolicyRequest): ArrayBuffer {
  try {
    JSON.parse(inputText);
  } catch {
    throw evaluationError(rule, "the input document is not JSON");
  }
  return exactBuffer(inputText);
}

function valueOf(rule: string, results: unknown): unknown {
  if (Array.isArray(results)) {
    if (results.length === 0) return undefined;
    const only: unknown = results[0];
    if (results.length === 1 && only instanceof Object && Object.hasOwn(only, "result")) {
      return (only as { result: unknown }).result;
    }
  }
  throw evaluationError(rule, "the compiled policy answered with a malformed result set");
}

function digestOf(bytes: Uint8Array, dataText: string): string {
  const data = utf8(dataText);
  const preimage = new Uint8Array(DIGEST_PREFIX.length + 32 + data.length);
  preimage.set(DIGEST_PREFIX);
  writeHex(sha256(bytes), preimage, DIGEST_PREFIX.length);
  preimage.set(data, DIGEST_PREFIX.length + 32);
  return `wasm:sha256:${sha256(preimage)}`;
}

/**
 * Evaluates rules of one policy that `opa build -t wasm` compiled.
 *
 * Needs no permission. Only the rules named as entrypoints (`-e`) can be asked.
 * Sets come back as sorted arrays; numbers beyond 2^53 lose digits when they
 * are returned, not while they are compared. `time.now_ns` is the request's
 * time; `rand.intn(k, n)` and `uuid.rfc4122(k)` derive from its seed:
 * SHA-256 of `"kest/v1/policy-random\0" seed "\0" name "\0" key`, where the key
 * is `n "\0" k` modulo n, or k with the bits of a version 4 UUID. A builtin
 * that fails aborts the evaluation. One evaluation cannot be interrupted: the
 * signal is looked at before it starts.
 *
 * @example
 * ```ts allow-read
 * import { WasmOpaEngine } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const engine = await WasmOpaEngine.load(await Deno.readFile("policies/quickstart.wasm"));
 * assert(engine.entrypoints.includes("data.kest.policy.allow_merge"));
 * ```
 */
export class WasmOpaEngine implements PolicyEngine {
  /** Always `opa-wasm`. */
  readonly kind = "opa-wasm";
  /**
   * The policy's digest, data included: `wasm:sha256:` and the hex SHA-256 of
   * `"kest/v1/policy-wasm\0"`, the raw SHA-256 of the module and the RFC 8785
   * text of the data (`{}` if there is none).
   */
  readonly digest: string;
  readonly #recipe: Recipe;
  readonly #entrypoints: ReadonlyMap<string, number>;
  readonly #restingBytes: number;
  // Taken while an evaluation runs and put back only if it succeeds: what an
  // aborted one left in memory is never used again.
  #idle: Instance | undefined;

  private constructor(digest: string, recipe: Recipe, first: Instance) {
    this.digest = digest;
    this.#recipe = recipe;
    this.#entrypoints = entrypointsOf(first.policy);
    this.#restingBytes = first.policy.mem.buffer.byteLength;
    this.#idle = first;
  }

  /**
   * Compiles and checks a policy. Bytes and data are copied before this returns.
   *
   * @throws {KestError} `POLICY_LOAD` if the module is too large, is no policy,
   * calls a builtin that nobody here provides, or if the data is refused.
   * @throws {RangeError} if `memoryPages` cannot be had.
   * @throws {TypeError} if the source is neither bytes nor a response.
   */
  static async load(source: WasmSource, options: WasmOpaOptions = {}): Promise<WasmOpaEngine> {
    const pages = { ...options.memoryPages };
    const dataText = dataTextOf(options.data ?? {});
    const bytes = source instanceof Uint8Array || source instanceof ArrayBuffer
      ? copyBytes(source)
      : await readResponse(source);
    const memory = resolveMemory(pages, bytes.length);
    const recipe = { module: await compile(bytes), dataText, memory };
    const first = await instantiate(recipe);
    checkBuiltins(first.policy);
    return new WasmOpaEngine(digestOf(bytes, dataText), recipe, first);
  }

  /** The rules that can be asked, as sorted `data.…` paths. */
  get entrypoints(): readonly string[] {
    return [...this.#entrypoints.keys()];
  }

  /** Whether a rule is an entrypoint of the module. */
  hasRule(rule: string): boolean {
    return this.#entrypoints.has(rule);
  }

  /**
   * Evaluates one rule.
   *
   * @throws {KestError} `POLICY_EVALUATION` if the rule is not an entrypoint,
   * the input is not JSON, the signal is aborted or the evaluation fails;
   * `POLICY_LOAD` if a failed instance cannot be replaced.
   */
  async evaluate(request: PolicyRequest): Promise<PolicyOutcome> {
    const entrypoint = this.#entrypoint(request.rule);
    const input = inputOf(request);
    const idle = this.#idle;
    this.#idle = undefined;
    const instance = idle ?? await instantiate(this.#recipe);
    const results = this.#run(instance, request, input, entrypoint);
    if (instance.policy.mem.buffer.byteLength <= this.#restingBytes + KEPT_GROWTH) {
      this.#idle = instance;
    }
    return { value: valueOf(request.rule, results), policyDigest: this.digest };
  }

  #entrypoint(rule: string): number {
    const id = this.#entrypoints.get(rule);
    if (id !== undefined) return id;
    const known = this.entrypoints.slice(0, 20).join(", ") || "none";
    throw evaluationError(rule, `not an entrypoint of this policy; known are ${known}`);
  }

  #run(instance: Instance, request: PolicyRequest, input: ArrayBuffer, id: number): unknown {
    const { rule, signal, timeMs, seed } = request;
    if (signal.aborted) throw evaluationError(rule, "the deadline passed before it started");
    instance.facts.current = { timeMs, seed };
    try {
      return instance.policy.evaluate(input, id);
    } catch (thrown) {
      const text = textOf(thrown);
      const advice = memoryAdvice(text, this.#recipe.memory.maximum);
      throw evaluationError(rule, `evaluation failed: ${text}${advice}`, thrown);
    }
  }
}
