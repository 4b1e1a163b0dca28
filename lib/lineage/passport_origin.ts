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
  const changed = origin === null
    ? undefined
    : changedEntry(origin, claims.seals, nodes, parentless);
  if (changed) r.issue("FIELD", changed.message, "history", changed.id, changed.member);
  else r.issue("FIELD", `Differs from the origin of the first entry, ${first.entry_id}`, "origin");
}

/** The entry that differs, where hashes prove that the passport's origin does not. */
function changedEntry(
  origin: Origin,
  seals: readonly Seal[],
  nodes: NodeMap,
  parentless: readonly EntryNode[],
): { readonly id: string; readonly member: string; readonly message: string } | undefined {
  const names = namesOf(nodes);
  const sealed = new Set(seals.flatMap((seal) => seal.heads.map((head) => head.entry_hash)));
  for (const { body, hash } of parentless) {
    const id = body.entry_id;
    const others = names.get(id) ?? new Set<string>();
    const was = entryHash({ ...body, origin });
    const isOriginal = was === hash ? entryHash(body) !== hash : others.has(was) || sealed.has(was);
    if (isOriginal) return { id, member: "origin", message: "Was changed" };
  }
  return replacedFirst(origin, names, parentless);
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

/** An entry that came first by the hash that its children name, with the passport's origin. */
function replacedFirst(
  origin: Origin,
  names: ReadonlyMap<string, ReadonlySet<string>>,
  parentless: readonly EntryNode[],
): { readonly id: string; readonly member: string; readonly message: string } | undefined {
  for (const { body } of parentless) {
    const id = body.entry_id;
    if (!names.has(id) || body.origin === null) continue;
    if (originKey(body.origin) !== originKey(origin)) continue;
    const message = "Was changed: the passport's origin is that of another version of it";
    return { id, member: "entry_hash", message };
  }
  return undefined;
}
