/**
 * What the runtime offers, found without importing anything: Deno and Node hand
 * out their built-in modules through `process.getBuiltinModule`, browsers have
 * none. So one source serves all, and a browser bundle names no Node module.
 *
 * @module
 */

interface BuiltinModules {
  "node:crypto": {
    hash?: (algorithm: "sha256", data: string | Uint8Array, encoding: "hex") => string;
    createHash: (algorithm: "sha256") => NodeHash;
  };
  "node:async_hooks": { AsyncLocalStorage: new <T>() => AsyncStorage<T> };
  "node:os": { hostname: () => string };
}

/** The part of Node's `Hash` that is used here. */
export interface NodeHash {
  copy(): NodeHash;
  update(data: Uint8Array | string): NodeHash;
  digest(encoding: "hex"): string;
}

/** The part of `AsyncLocalStorage` that is used here. */
export interface AsyncStorage<T> {
  getStore(): T | undefined;
  run<R>(store: T, fn: () => R): R;
}

interface ProcessLike {
  getBuiltinModule?: (name: string) => unknown;
}

/** A built-in module of Deno or Node, or `undefined` in browsers. */
export function builtinModule<N extends keyof BuiltinModules>(
  name: N,
): BuiltinModules[N] | undefined {
  const process = (globalThis as { process?: ProcessLike }).process;
  return process?.getBuiltinModule?.(name) as BuiltinModules[N] | undefined;
}

/** Which runtime this is, with its version: `deno/2.9.6`, `node/20.20.2`, `browser`. */
export function runtimeName(): string {
  const scope = globalThis as {
    Deno?: { version?: { deno?: string } };
    process?: { versions?: { node?: string } };
  };
  if (scope.Deno?.version?.deno) return `deno/${scope.Deno.version.deno}`;
  if (scope.process?.versions?.node) return `node/${scope.process.versions.node}`;
  return "browser";
}
