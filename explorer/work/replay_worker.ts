/**
 * The worker that evaluates recorded decisions again, with the policies that
 * came in the page.
 *
 * @module
 */

import { parsePassport } from "../../lib/lineage/parse.ts";
import type { PagePolicy } from "../../lib/page/read.ts";
import { replayDecisions, type ReplayReport } from "../../lib/policy/replay.ts";
import { LocalOpaEngine } from "../../lib/rego/local_opa.ts";
import type { Notify } from "./rpc.ts";

/** What is replayed, with what. */
export interface ReplayRequest {
  readonly passport: Blob;
  readonly policies: readonly PagePolicy[];
}

/** What became of it. */
export interface Replayed {
  /** The digest of the policies in the page. */
  readonly digest: string;
  readonly report: ReplayReport;
}

/** The methods of the worker. */
export function replayHandlers(notify: Notify) {
  return {
    /** @throws {PolicyCompileError} if the policies cannot be used. */
    async replay({ passport, policies }: ReplayRequest): Promise<Replayed> {
      const engine = new LocalOpaEngine();
      engine.addPolicies(policies.map(({ name, source }) => [name, source] as const));
      const bytes = new Uint8Array(await passport.arrayBuffer());
      const report = await replayDecisions(parsePassport(bytes), engine, {
        onDecision: (replayed) => notify("decision", replayed),
      });
      return { digest: engine.digest, report };
    },
  };
}

export type ReplayHandlers = ReturnType<typeof replayHandlers>;
