/**
 * The second script of a page: the policy engine, in pages with policies. In the
 * page it only keeps its own text; in a worker made of that text it evaluates
 * recorded decisions again.
 *
 * @module
 */

import { replayHandlers } from "./work/replay_worker.ts";
import { serve, type WorkerScope } from "./work/rpc.ts";
import { keepEngine } from "./work/spawn.ts";

if (typeof document === "undefined") serve(globalThis as unknown as WorkerScope, replayHandlers);
else keepEngine(document.currentScript?.textContent ?? "");
