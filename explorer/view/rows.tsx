/**
 * All entries as rows. (In progress.)
 *
 * @module
 */

import type { Session } from "./session.ts";

/** All entries as rows. */
export function RowsView(_: { readonly session: Session }) {
  return <div class="rows" />;
}
