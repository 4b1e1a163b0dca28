/**
 * Taking tracked data over from somebody else: verified before anything runs
 * (SPEC 5.5).
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { contentAs } from "../bytes/content.ts";
import { type EntryNode, makeNode, reach, topological } from "../lineage/node.ts";
import { parsePassport } from "../lineage/parse.ts";
import { partsOf, Passport } from "../lineage/passport.ts";
import { assertVerified, type VerifyOptions } from "../verify/verify.ts";
import { type KestData, track } from "./kest_data.ts";
import type { KestConfig } from "./settings.ts";

/** Options of {@linkcode importKestData}: as for verification, less the data. */
export type ImportOptions = Omit<VerifyOptions, "data">;

/** The same entries, now known to be verified: they may be built upon and sealed over. */
function adopt(heads: readonly EntryNode[]): Map<string, EntryNode> {
  const adopted = new Map<string, EntryNode>();
  for (const node of topological(reach(heads))) {
    const parents = Object.freeze(node.parents.map((parent) => adopted.get(parent.hash)!));
    const { provenance, signer } = node;
    adopted.set(
      node.hash,
      makeNode(
        node.body,
        parents,
        provenance === "parsed" ? "imported" : provenance,
        signer,
      ),
    );
  }
  return adopted;
}

async function headOf(heads: readonly EntryNode[], data: unknown): Promise<EntryNode> {
  for (const head of heads) {
    const { content_kind: kind, content_hash: hash } = head.body;
    const content = await contentAs(kind, data);
    if (content.kind === kind && content.hash === hash) return head;
  }
  throw new KestError("VERIFICATION", "The data matches no head of the passport");
}

/** Imports data with its passport under an instance's settings. */
export async function importWith<T>(
  config: KestConfig,
  data: T,
  passport: unknown,
  options: ImportOptions = {},
): Promise<KestData<T>> {
  const read = passport instanceof Passport
    ? passport
    : parsePassport(passport, { ...(options.limits && { limits: options.limits }) });
  const trust = options.trust ?? config.trust;
  const audience = options.audience ?? config.audience;
  await assertVerified(read, {
    ...options,
    ...(trust && { trust }),
    ...(audience !== undefined && { audience }),
    data,
  });
  const { heads, seals } = partsOf(read);
  const head = await headOf(heads, data);
  const adopted = adopt([head]);
  // A seal of nothing but other heads would attest nothing here.
  const own = seals.filter((seal) => seal.heads.some((sealed) => adopted.has(sealed.entry_hash)));
  return track(data, { node: adopted.get(head.hash)!, seals: Object.freeze(own) });
}
