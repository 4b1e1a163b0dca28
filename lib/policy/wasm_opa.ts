/**
 * Policies that `opa build -t wasm` compiled, run in process by
 * `@open-policy-agent/opa-wasm`.
 *
 * @module
 */

import { loadPolicy } from "@open-policy-agent/opa-wasm";
import { KestError } from "../base/errors.ts";
import { canonicalize } from "../bytes/canonical.ts";
import { fromUtf8, printable, utf8, writeHex } from "../bytes/encoding.ts";
import { sha256 } from "../bytes/sha256.ts";
import type { PolicyEngine, PolicyOutcome, PolicyRequest } from "./engine.ts";

/** What a compiled policy is loaded from: the bytes of a `policy.wasm`, or a response with them. */
export type WasmSource = Uint8Array | ArrayBuffer | Response | Promise<Response>;

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

/** Bytes of a compiled module that are accepted: 32 MiB. */
export const WASM_MODULE_BYTES: number = 32 * 1024 * 1024;

/** UTF-16 units of canonical `data` that are accepted: 64 Mi. */
export const WASM_DATA_LENGTH: number = 64 * 1024 * 1024;

const TOO_LARGE = `the module is larger than ${WASM_MODULE_BYTES} bytes`;
const PAGE = 65_536;
const DEFAULT_MAXIMUM = 4096;
// Memory of an instance never shrinks, so one that grew by more than this is not kept.
const KEPT_GROWTH = 16 * 1024 * 1024;
const DIGEST_PREFIX = utf8("kest/v1/policy-wasm\0");
const SDK_BUILTINS = "json.is_valid regex.split sprintf yaml.is_valid yaml.marshal yaml.unmarshal"
  .split(" ");

type LoadedPolicy = Awaited<ReturnType<typeof loadPolicy>>;
type Facts = Pick<PolicyRequest, "timeMs" | "seed">;
type HostBuiltin = (facts: Facts, ...args: unknown[]) => unknown;

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

function loadError(message: string, cause?: unknown): KestError {
  return new KestError("POLICY_LOAD", `Compiled policy refused: ${message}`, { cause });
}

function evaluationError(rule: string, message: string, cause?: unknown): KestError {
  const where = printable(rule).slice(0, 256);
  return new KestError("POLICY_EVALUATION", `Rule ${where}: ${message}`, { cause });
}

/** The SDK throws strings, plain objects with a message, and errors. */
function textOf(thrown: unknown): string {
  const message = (thrown as { message?: unknown } | null | undefined)?.message;
  return printable(typeof message === "string" ? message : String(thrown)).slice(0, 500);
}

/** Advice where the cause is a full memory; empty otherwise. */
function memoryAdvice(text: string, maximum: number): string {
  if (!/opa_malloc|out of memory|memory size|Memory\.grow/i.test(text)) return "";
  return `; memory ended at ${maximum} pages of 64 KiB: raise memoryPages.maximum`;
}

function randomHex(seed: string, name: string, key: string): string {
  return sha256(`kest/v1/policy-random\0${seed}\0${name}\0${key}`);
}

function randomInteger(seed: string, key: unknown, limit: unknown): number | undefined {
  if (typeof key !== "string" || !Number.isSafeInteger(limit)) return undefined;
  if (limit === 0) return 0;
  const size = Math.abs(limit as number);
  return Number(BigInt("0x" + randomHex(seed, "rand.intn", `${size}\0${key}`)) % BigInt(size));
}

function randomUuid(seed: string, key: unknown): string | undefined {
  if (typeof key !== "string") return undefined;
  const hex = randomHex(seed, "uuid.rfc4122", key);
  const variant = "89ab"[parseInt(hex[16]!, 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-` +
    `${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The builtins that this module adds to the SDK's. `undefined` is Rego's undefined. */
const HOST_BUILTINS: Readonly<Record<string, HostBuiltin>> = {
  // As JSON text: whole milliseconds keep every digit of their nanoseconds.
  "time.now_ns": ({ timeMs }) => exactBuffer(`${BigInt(timeMs) * 1_000_000n}`),
  "rand.intn": ({ seed }, key, limit) => randomInteger(seed, key, limit),
  "uuid.rfc4122": ({ seed }, key) => randomUuid(seed, key),
};

/**
 * UTF-8 in a buffer of its own. The SDK takes only an `ArrayBuffer` for JSON
 * text and writes anything else as `{}`, also one from another realm, such as a
 * test runner's `TextEncoder` returns: so the buffer is made here.
 */
function exactBuffer(text: string): ArrayBuffer {
  const bytes = utf8(text);
  const buffer = new ArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
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

/** A copy: the caller may change its bytes while the module compiles. */
function copyBytes(source: Uint8Array | ArrayBuffer): Uint8Array<ArrayBuffer> {
  if (source.byteLength > WASM_MODULE_BYTES) throw loadError(TOO_LARGE);
  return new Uint8Array(source instanceof Uint8Array ? source : source.slice(0));
}

async function readBody(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  if (!response.ok) throw loadError(`the server answered with status ${response.status}`);
  const reader = response.body?.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (;;) {
    const part = await reader?.read();
    if (!part?.value) return new Uint8Array(await new Blob(parts).arrayBuffer());
    parts.push(part.value);
    length += part.value.length;
    if (length <= WASM_MODULE_BYTES) continue;
    await reader?.cancel();
    throw loadError(TOO_LARGE);
  }
}

async function readResponse(source: unknown): Promise<Uint8Array<ArrayBuffer>> {
  if (!(source instanceof Response) && !(source instanceof Promise)) {
    throw new TypeError("Compiled policy must be a Uint8Array, an ArrayBuffer or a Response");
  }
  try {
    return await readBody(await source);
  } catch (thrown) {
    throw thrown instanceof KestError ? thrown : loadError(textOf(thrown), thrown);
  }
}

async function compile(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw loadError("this is a gzip archive; pass the policy.wasm inside the bundle");
  }
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(bytes);
  } catch (thrown) {
    throw loadError(`not a WebAssembly module: ${textOf(thrown)}`, thrown);
  }
  const names = WebAssembly.Module.exports(module).map((entry) => entry.name);
  if (["opa_wasm_abi_version", "builtins", "entrypoints"].every((name) => names.includes(name))) {
    return module;
  }
  throw loadError("not a policy; compile it with opa build -t wasm, version 0.27 or later");
}

function builtinsFor(facts: Instance["facts"]): Record<string, (...args: unknown[]) => unknown> {
  const bound = Object.entries(HOST_BUILTINS).map(([name, builtin]) =>
    [name, (...args: unknown[]) => builtin(facts.current, ...args)] as const
  );
  return Object.fromEntries(bound);
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

/** The builtins that the module leaves to its host. */
function requiredBuiltins(policy: LoadedPolicy): string[] {
  const { exports } = policy.wasmInstance as WebAssembly.Instance;
  const { builtins, opa_json_dump } = exports as Record<string, (address?: number) => number>;
  const start = opa_json_dump!(builtins!());
  const bytes = new Uint8Array(policy.mem.buffer);
  return Object.keys(JSON.parse(fromUtf8(bytes.slice(start, bytes.indexOf(0, start)))));
}

function checkBuiltins(policy: LoadedPolicy): void {
  const missing = requiredBuiltins(policy).filter((name) =>
    !SDK_BUILTINS.includes(name) && !Object.hasOwn(HOST_BUILTINS, name)
  );
  if (missing.length === 0) return;
  throw loadError(
    `it calls ${missing.sort().map(printable).join(", ")}, which this engine does not have; ` +
      "rewrite the rule, or use a local or remote OPA engine",
  );
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
 * ```ts ignore
 * const engine = await WasmOpaEngine.load(await Deno.readFile("policies/quickstart.wasm"));
 * engine.entrypoints; // ["data.kest.policy.allow", …]
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
