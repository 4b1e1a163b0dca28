/**
 * The entries of a passport, in the order of its `history`: taken once, and not
 * frozen as that would be.
 *
 * @module
 */

import type { Entry } from "../../lib/lineage/entry.ts";
import { reach, topological } from "../../lib/lineage/node.ts";
import { partsOf, type Passport } from "../../lib/lineage/passport.ts";

/** All entries, parents before children. */
export function entriesOf(passport: Passport): Entry[] {
  return topological(reach(partsOf(passport).heads)).map(({ body }) => body);
}
