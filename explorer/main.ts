/**
 * The first script of a page. In the page it shows the explorer; in workers made
 * of its own text it reads and rechecks the passport.
 *
 * @module
 */

import { modelHandlers } from "./work/model_worker.ts";
import { serve, type WorkerScope } from "./work/rpc.ts";
import { verifyHandlers } from "./work/verify_worker.ts";
import { mount } from "./view/mount.tsx";

if (typeof document === "undefined") {
  const scope = globalThis as unknown as WorkerScope & { readonly name: string };
  serve(scope, scope.name === "kest-verify" ? verifyHandlers : modelHandlers);
} else {
  mount(document.currentScript?.textContent ?? "");
}
