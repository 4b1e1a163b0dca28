/**
 * The graph. (In progress: see rows.)
 *
 * @module
 */

import type { Session } from "./session.ts";

/** The graph of the passport. */
export function GraphView(_: { readonly session: Session }) {
  return <div class="graph" />;
}
