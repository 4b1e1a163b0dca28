/**
 * The builtins that compiled policies leave to their host. Clock and randomness
 * come from the request alone, so that a decision can be evaluated again.
 *
 * @module
 */

import type { loadPolicy } from "@open-policy-agent/opa-wasm";
import { fromUtf8, printable } from "../bytes/encoding.ts";
import { sha256 } from "../bytes/sha256.ts";
import { integerFrom, uuidFrom } from "../rego/random.ts";
import type { PolicyRequest } from "./engine.ts";
import { exactBuffer, loadError } from "./wasm_errors.ts";

/** A policy as the SDK holds it. */
export type LoadedPolicy = Awaited<ReturnType<typeof loadPolicy>>;

/** What host builtins answer from. */
export type Facts = Pick<PolicyRequest, "timeMs" | "seed">;

type HostBuiltin = (facts: Facts, ...args: unknown[]) => unknown;

const SDK_BUILTINS = "json.is_valid regex.split sprintf yaml.is_valid yaml.marshal yaml.unmarshal"
  .split(" ");

function randomHex(seed: string, name: string, key: string): string {
  return sha256(`kest/v1/policy-random\0${seed}\0${name}\0${key}`);
}

function randomInteger(seed: string, key: unknown, limit: unknown): number | undefined {
  if (typeof key !== "string" || !Number.isSafeInteger(limit)) return undefined;
  if (limit === 0) return 0;
  const size = Math.abs(limit as number);
  return Number(integerFrom(randomHex(seed, "rand.intn", `${size}\0${key}`), BigInt(size)));
}

function randomUuid(seed: string, key: unknown): string {
  const text = typeof key === "string" ? key : JSON.stringify(key);
  return uuidFrom(randomHex(seed, "uuid.rfc4122", text));
}

/** The builtins that this module adds to the SDK's. `undefined` is Rego's undefined. */
const HOST_BUILTINS: Readonly<Record<string, HostBuiltin>> = {
  // As JSON text: whole milliseconds keep every digit of their nanoseconds.
  "time.now_ns": ({ timeMs }) => exactBuffer(`${BigInt(timeMs) * 1_000_000n}`),
  "rand.intn": ({ seed }, key, limit) => randomInteger(seed, key, limit),
  "uuid.rfc4122": ({ seed }, key) => randomUuid(seed, key),
};

/** The host builtins, bound to the facts of the current request. */
export function builtinsFor(
  facts: { readonly current: Facts },
): Record<string, (...args: unknown[]) => unknown> {
  const bound = Object.entries(HOST_BUILTINS).map(([name, builtin]) =>
    [name, (...args: unknown[]) => builtin(facts.current, ...args)] as const
  );
  return Object.fromEntries(bound);
}

/** The builtins that the module leaves to its host. */
function requiredBuiltins(policy: LoadedPolicy): string[] {
  const { exports } = policy.wasmInstance as WebAssembly.Instance;
  const { builtins, opa_json_dump } = exports as Record<string, (address?: number) => number>;
  const start = opa_json_dump!(builtins!());
  const bytes = new Uint8Array(policy.mem.buffer);
  return Object.keys(JSON.parse(fromUtf8(bytes.slice(start, bytes.indexOf(0, start)))));
}

/** Refuses a module that calls what nobody provides. */
export function checkBuiltins(policy: LoadedPolicy): void {
  const missing = requiredBuiltins(policy).filter((name) =>
    !SDK_BUILTINS.includes(name) && !Object.hasOwn(HOST_BUILTINS, name)
  );
  if (missing.length === 0) return;
  throw loadError(
    `it calls ${missing.sort().map(printable).join(", ")}, which this engine does not have; ` +
      "rewrite the rule, or use a local or remote OPA engine",
  );
}
