/**
 * Entries and seals dropped, copied, swapped and hung elsewhere.
 *
 * @module
 */

import { type ForgedEntry, type ForgedPassport, hashOf, sortParents } from "./forge.ts";
import { type Depth, tampered, type Tampering } from "./tampering.ts";

const DEPTHS: readonly Depth[] = ["alone", "rehashed", "all-rehashed"];

function childrenOf(honest: ForgedPassport, id: string): ForgedEntry[] {
  return Object.values(honest.history).filter((entry) => entry.parent_entry_ids.includes(id));
}

function without(honest: ForgedPassport, id: string): ForgedPassport {
  const { [id]: _, ...history } = honest.history;
  return { ...honest, history };
}

/** Takes a parent away from an entry. */
function cut(entry: ForgedEntry, id: string): ForgedEntry {
  const at = entry.parent_entry_ids.indexOf(id);
  const copy = structuredClone(entry);
  copy.parent_entry_ids.splice(at, 1);
  copy.parent_hashes.splice(at, 1);
  copy.parent_roles.splice(at, 1);
  return copy;
}

function labelOf(entry: ForgedEntry): string {
  return `${entry.entry_id} (${entry.node_id})`;
}

/** The entry left out: as it is, and with its children cut loose from it. */
function* drops(honest: ForgedPassport, entry: ForgedEntry): Generator<() => Tampering> {
  const id = entry.entry_id;
  const children = childrenOf(honest, id);
  const about = { touched: [id], path: ["parent_entry_ids"] };
  const named = children.length > 0 ? "dangling" : "handed-on";
  yield () => ({
    ...{ ...about, name: `dropped ${labelOf(entry)}`, depth: "alone", named },
    passport: without(honest, id),
  });
  for (const depth of children.length > 0 ? DEPTHS : []) {
    yield () => ({
      ...{ name: `dropped and cut off ${labelOf(entry)}, ${depth}`, depth, named: "entries" },
      path: ["parent_entry_ids"],
      touched: children.map((child) => child.entry_id),
      passport: tampered(without(honest, id), children.map((child) => cut(child, id)), depth),
    });
  }
}

/** The entry under another id, with its hash and perhaps all below it recomputed. */
function* renamings(honest: ForgedPassport, entry: ForgedEntry): Generator<() => Tampering> {
  const id = entry.entry_id.replace(/.$/, "f");
  const children = childrenOf(honest, entry.entry_id);
  const rest = without(honest, entry.entry_id);
  const isLeft = children.length > 0;
  yield () => ({
    ...{ name: `another id of ${labelOf(entry)}, rehashed`, depth: "rehashed" },
    ...{ path: ["entry_id"], touched: [isLeft ? entry.entry_id : id] },
    ...{ named: isLeft ? "dangling" : "entries" },
    passport: tampered(rest, [{ ...entry, entry_id: id }], "rehashed"),
  });
  if (!isLeft) return;
  yield () => {
    const history = { ...rest.history };
    for (const child of children) {
      const ids = child.parent_entry_ids.map((old) => old === entry.entry_id ? id : old);
      history[child.entry_id] = { ...child, parent_entry_ids: ids };
    }
    return {
      ...{ name: `another id of ${labelOf(entry)}, all-rehashed`, depth: "all-rehashed" },
      ...{ path: ["entry_id"], touched: [id], named: "entries" },
      passport: tampered({ ...rest, history }, [{ ...entry, entry_id: id }], "all-rehashed"),
    };
  };
}

/** The entry a second time: under another name, as another entry, and as new work. */
function* copies(honest: ForgedPassport, entry: ForgedEntry): Generator<() => Tampering> {
  const id = entry.entry_id.replace(/.$/, "f");
  const put = (copy: ForgedEntry) => ({ ...honest, history: { ...honest.history, [id]: copy } });
  const about = { touched: [id], depth: "alone" } as const;
  yield () => ({
    ...{ ...about, name: `again under another name ${labelOf(entry)}`, passport: put(entry) },
    ...{ path: ["entry_id"], named: "entries" },
  });
  yield () => ({
    ...{ ...about, name: `again with another id ${labelOf(entry)}` },
    ...{ passport: put({ ...entry, entry_id: id }), path: ["entry_hash"], named: "entries" },
  });
  const copy = { ...entry, entry_id: id };
  yield () => ({
    ...{ ...about, name: `again as new work ${labelOf(entry)}`, path: [], named: "copies" },
    passport: tampered(honest, [{ ...copy, entry_hash: hashOf(copy) }], "alone"),
  });
}

/** The entry and another exchanged, whole or in part. */
function* swaps(
  honest: ForgedPassport,
  entry: ForgedEntry,
  other: ForgedEntry,
): Generator<() => Tampering> {
  const touched = [entry.entry_id, other.entry_id];
  const label = `${labelOf(entry)} and ${labelOf(other)}`;
  yield () => ({
    ...{ name: `swapped ${label}`, touched, depth: "alone", path: ["entry_id"], named: "entries" },
    passport: {
      ...honest,
      history: {
        ...honest.history,
        [entry.entry_id]: other,
        [other.entry_id]: entry,
      },
    },
  });
  for (const member of ["entry_hash", "content_hash", "labels", "timestamp_ms"] as const) {
    const pair = [{ ...entry, [member]: other[member] }, { ...other, [member]: entry[member] }];
    yield () => ({
      ...{ name: `swapped ${member} of ${label}`, touched, depth: "alone", path: [member] },
      ...{ passport: tampered(honest, pair, "alone"), named: "entries" },
    });
  }
}

/** One parent of the entry replaced by another entry. */
function* turned(
  honest: ForgedPassport,
  entry: ForgedEntry,
  other: ForgedEntry,
): Generator<() => Tampering> {
  for (let at = 0; at < entry.parent_entry_ids.length; at++) {
    if (entry.parent_entry_ids.includes(other.entry_id)) continue;
    for (const depth of DEPTHS) {
      for (const isHash of depth === "all-rehashed" ? [true] : [false, true]) {
        const copy = structuredClone(entry);
        copy.parent_entry_ids[at] = other.entry_id;
        if (isHash) copy.parent_hashes[at] = other.entry_hash;
        if (isHash) sortParents(copy);
        yield () => ({
          name: `parent ${at} of ${labelOf(entry)} is ${labelOf(other)}${
            isHash ? " with its hash" : ""
          }, ${depth}`,
          ...{ touched: [entry.entry_id], depth, path: ["parent_entry_ids"], named: "entries" },
          passport: tampered(honest, [structuredClone(copy)], depth),
        });
      }
    }
  }
}

/** All that can be done to one entry as a whole; `other` was made before it. */
export function* entryTamperings(
  honest: ForgedPassport,
  entry: ForgedEntry,
  other: ForgedEntry,
): Generator<() => Tampering> {
  yield* drops(honest, entry);
  yield* renamings(honest, entry);
  yield* copies(honest, entry);
  yield* swaps(honest, entry, other);
  yield* turned(honest, entry, other);
}

/** Seals left out, listed twice, and exchanged in part. */
export function* sealListTamperings(honest: ForgedPassport): Generator<() => Tampering> {
  const about = { touched: [], depth: "alone" } as const;
  for (const [index, seal] of honest.seals.entries()) {
    yield () => ({
      ...{ ...about, name: `dropped seal ${index}`, path: [], seal: index, named: "uncovered" },
      passport: { ...honest, seals: honest.seals.toSpliced(index, 1) },
    });
    const last = honest.seals.length;
    yield () => ({
      ...{ ...about, name: `seal ${index} twice`, path: [], seal: last, named: "seal" },
      passport: { ...honest, seals: [...honest.seals, structuredClone(seal)] },
    });
  }
}
