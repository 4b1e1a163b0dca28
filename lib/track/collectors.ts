/**
 * Environment collectors: what an entry says about where it ran. Each is opt-in
 * and needs only what it names.
 *
 * @module
 */

import { KestError, messageOf } from "../base/errors.ts";
import { builtinModule, runtimeName } from "../base/runtime.ts";
import { checkRecord } from "../lineage/names.ts";

/** Reports facts about the environment, as strings by name. */
export interface EnvironmentCollector {
  /** Called for every entry; keep it cheap. */
  collect(): Readonly<Record<string, string>>;
}

/**
 * Reports `hostname`. In Deno it needs `--allow-sys=hostname`; without the right
 * it fails and never prompts. Asks once and remembers.
 *
 * @throws {KestError} `ENVIRONMENT` where the runtime does not tell.
 */
export function hostnameCollector(): EnvironmentCollector {
  let known: Readonly<Record<string, string>> | undefined;
  return { collect: () => known ??= Object.freeze({ hostname: hostname() }) };
}

interface DenoScope {
  readonly hostname?: () => string;
  readonly permissions?: {
    querySync(descriptor: { name: "sys"; kind: "hostname" }): { readonly state: string };
  };
}

function hostname(): string {
  const deno = (globalThis as { Deno?: DenoScope }).Deno;
  const state = deno?.permissions?.querySync({ name: "sys", kind: "hostname" }).state;
  if (state !== undefined && state !== "granted") {
    throw new KestError(
      "ENVIRONMENT",
      "Hostname may not be read: run with --allow-sys=hostname, or drop hostnameCollector",
    );
  }
  const name = deno?.hostname?.() ?? builtinModule("node:os")?.hostname();
  if (name === undefined) {
    throw new KestError("ENVIRONMENT", "Hostname is not known in this runtime");
  }
  return name;
}

/** Reports `runtime`, e.g. `deno/2.9.6`. Needs no right. */
export function runtimeCollector(): EnvironmentCollector {
  const known = Object.freeze({ runtime: runtimeName() });
  return { collect: () => known };
}

const NOTHING: Readonly<Record<string, string>> = Object.freeze({});

/**
 * What several collectors report; later ones win.
 *
 * @throws {KestError} `ENVIRONMENT` if a collector fails or reports what an entry
 * cannot hold.
 */
export function collectEnvironment(
  collectors: readonly EnvironmentCollector[],
): Readonly<Record<string, string>> {
  if (collectors.length === 0) return NOTHING;
  let collected: Readonly<Record<string, string>> = {};
  for (const collector of collectors) {
    try {
      collected = { ...collected, ...collector.collect() };
    } catch (error) {
      if (error instanceof KestError) throw error;
      throw new KestError("ENVIRONMENT", `Environment collector failed: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
  return checkRecord("ENVIRONMENT", collected);
}
