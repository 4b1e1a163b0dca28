/**
 * The origin of a passport: that of its first entry, the parentless one with the
 * least hash (SPEC 2.5).
 *
 * @module
 */

import { entryHash } from "./binding.ts";
import { originKey } from "./derive.ts";
import type { Origin } from "./entry.ts";
import { byHash, type EntryNode, type NodeMap } from "./node.ts";
import type { Reader } from "./reader.ts";
import type { Seal } from "./seal.ts";

/** What a passport says besides its entries. */
export interface Claims {
  readonly origin: Origin | null;
  readonly seals: readonly Seal[];
}

/** Notes where the passport's origin and that of its first entry differ. */
export function compareOrigin(r: Reader, claims: Claims, nodes: NodeMap): void {
  const parentless = [...nodes.values()].filter((node) => node.parents.length === 0).sort(byHash);
  for (const { body } of parentless) {
    if (body.origin !== null) continue;
    const member = body.kind === "originate" ? "origin" : "parent_entry_ids";
    r.issue("DAG_SHAPE", "Has neither parents nor an origin", "history", body.entry_id, member);
  }
  const first = parentless[0]?.body;
  if (first === undefined || first.origin === null) return;
  const { origin } = claims;
  if (origin !== null && originKey(first.origin) === originKey(origin)) return;
  const wrong = changedEntries(claims, nodes, parentless);
  for (const { id, member } of wrong) {
    const message = "Was changed, so that the passport's origin is not that of its first entry";
    r.issue("FIELD", message, "history", id, member);
  }
  if (wrong.length > 0) return;
  r.issue("FIELD", `Differs from the origin of the first entry, ${first.entry_id}`, "origin");
}

interface Member {
  readonly id: string;
  readonly member: "entry_hash" | "origin";
}

/** Entries that were changed, as hashes tell: then the passport's own origin is not to blame. */
function changedEntries(
  { origin, seals }: Claims,
  nodes: NodeMap,
  parentless: readonly EntryNode[],
): Member[] {
  const names = namesOf(nodes);
  const sealed = new Set(seals.flatMap((seal) => seal.heads.map((head) => head.entry_hash)));
  const hadOrigin = ({ body, hash }: EntryNode) => {
    if (body.origin !== null && originKey(body.origin) === originKey(origin!)) return false;
    const was = entryHash({ ...body, origin });
    if (was === hash) return entryHash(body) !== hash;
    return names.get(body.entry_id)?.has(was) || sealed.has(was);
  };
  // The first entry, if nothing names it and the passport's origin fits without it.
  const newcomer = () => {
    const [first, second] = parentless;
    const isNamed = sealed.has(first!.hash) ||
      [...nodes.values()].some((node) => node.parents.includes(first!));
    const isFit = origin !== null && second?.body.origin &&
      originKey(second.body.origin) === originKey(origin);
    return isFit && !isNamed ? [first!] : [];
  };
  const turned = origin === null ? [] : parentless.filter(hadOrigin);
  if (turned.length > 0) return turned.map(({ body }) => ({ id: body.entry_id, member: "origin" }));
  const changed = [...nodes.values()].filter((node) => entryHash(node.body) !== node.hash);
  const replaced = parentless.filter((node) => names.has(node.body.entry_id));
  const wrong = [changed, replaced, newcomer()].find((list) => list.length > 0) ?? [];
  return wrong.map(({ body }) => ({ id: body.entry_id, member: "entry_hash" }));
}

/** The hashes by which children name each entry, by ids, where they are not its own. */
function namesOf(nodes: NodeMap): ReadonlyMap<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const { body, parents } of nodes.values()) {
    for (const [index, parent] of parents.entries()) {
      const name = body.parent_hashes[index]!;
      const id = parent.body.entry_id;
      if (name === parent.hash) continue;
      if (!names.get(id)?.add(name)) names.set(id, new Set([name]));
    }
  }
  return names;
}
