/**
 * Passports made to do harm: those that can be read, and those that cannot.
 *
 * @module
 */

import {
  copyOf,
  forgeDecision,
  type ForgedEntry,
  type ForgedPassport,
  forgeEntry,
  type ForgeKey,
  forgeSealed,
} from "../portable/forge.ts";

/** Markup, and characters that turn text around, hide in it, or move a cursor. */
export const NASTY = "\u202e</script><img src=x onerror='globalThis.hacked=1'>" +
  "\u0007\u0000\u001b[2J\u2066\u200f\u061c\u0085\u009b\r__proto__";

/** Names that every object inherits, where the format lets somebody use them. */
const INHERITED = ["toString", "valueOf", "hasOwnProperty", "watch", "isPrototypeOf"];

const PARENTS = 1_000;
const LONGEST = 65_536;

function text(passport: ForgedPassport): string {
  return JSON.stringify(passport);
}

function parentsOf(key: ForgeKey, count: number): ForgedEntry[] {
  return Array.from({ length: count }, (_, number) =>
    forgeEntry(key, [], {
      content_hash: `${number.toString(16).padStart(64, "0")}`,
      added_taint: [`source_${number % 50}`],
    }));
}

function everywhere(key: ForgeKey): ForgedPassport {
  const record = { a: NASTY, b: `${"\u202e\u0000".repeat(500)}` };
  const origin = { policies: { curated_refs: [], inline_rules: null } };
  const source = forgeEntry(key, [], {
    added_taint: ["pii"],
    environment: record,
    labels: record,
    origin: { ...origin, session_id: NASTY, user_id: NASTY },
    inputs: [{ arg: 0, kind: "opaque", type: NASTY }],
    raw_arguments: 0,
  });
  const decision = forgeDecision({
    ...{ decision_id: NASTY, engine: NASTY, policy_digest: NASTY },
  });
  const step = forgeEntry(key, [[source, "argument"]], {
    decisions: [decision],
    extensions: { "x-note": { [NASTY]: NASTY } },
  });
  const last = forgeEntry(key, [[step, "argument"]], {
    ...{ kind: "declassify", reason: NASTY, removed_taint: ["pii"] },
    ...{ content_hash: step.content_hash, node_id: "declassify" },
  });
  return forgeSealed(key, [source, step, last], { audience: NASTY, nonce: NASTY });
}

function inherited(key: ForgeKey): ForgedPassport {
  const record = Object.fromEntries(INHERITED.map((name) => [name, name]));
  const source = forgeEntry(key, [], {
    added_taint: ["constructor", "prototype"],
    environment: record,
    labels: record,
    node_id: "toString",
    // Own members, as a parser makes them.
    extensions: JSON.parse('{"x-note":{"__proto__":{"constructor":1},"prototype":[]}}'),
  });
  return forgeSealed(key, [
    source,
    forgeEntry(key, [[source, "argument"]], { node_id: "valueOf" }),
    forgeEntry(key, [[source, "argument"]], { node_id: "$proto.hasOwnProperty" }),
  ]);
}

/** Passports that can be read. */
export function readable(key: ForgeKey): Readonly<Record<string, string>> {
  const many = parentsOf(key, PARENTS);
  const wide = forgeEntry(key, many.map((parent) => [parent, "argument"] as const));
  const long = Array.from({ length: 16 }, (_, i) => [`label_${i}`, NASTY[i % 2]!.repeat(LONGEST)]);
  const labels = Object.fromEntries(long);
  return {
    "a thousand parents": text(forgeSealed(key, [...many, wide])),
    "a megabyte of labels": text(forgeSealed(key, [forgeEntry(key, [], { labels })])),
    "names of the prototype": text(inherited(key)),
    "characters that cannot be seen": text(everywhere(key)),
  };
}

/** Passports that no reader takes. */
export function unreadable(key: ForgeKey): Readonly<Record<string, string>> {
  const source = forgeEntry(key);
  const middle = forgeEntry(key, [[source, "argument"]]);
  const last = forgeEntry(key, [[middle, "argument"]]);
  const good = forgeSealed(key, [source, middle, last]);
  const changed = (change: (passport: ForgedPassport) => void) => {
    const copy = copyOf(good);
    change(copy);
    return text(copy);
  };
  const named = (name: string) => text(good).replace(`"${middle.entry_id}":`, `${name}:`);
  return {
    "a cycle": changed(({ history }) => {
      const first = history[source.entry_id]!;
      first.parent_entry_ids = [last.entry_id];
      first.parent_hashes = [last.entry_hash];
      first.parent_roles = [["argument"]];
      first.origin = null;
    }),
    "a parent that is not there": changed(({ history }) => delete history[middle.entry_id]),
    "deep JSON": changed((passport) => {
      const deep = JSON.parse(`${"[".repeat(70)}${"]".repeat(70)}`);
      passport.history[last.entry_id]!.extensions = { "x-deep": deep };
    }),
    "deeper JSON": `{"version":${"[".repeat(50_000)}`,
    "an entry called __proto__": named('"__proto__"'),
    "an entry with a nasty name": named(JSON.stringify(NASTY)),
    "labels of the prototype": text(good).replace('"labels":{}', '"labels":{"__proto__":"x"}'),
    "a nasty member": text(good).replace('"labels":', `${JSON.stringify(NASTY)}:1,"labels":`),
    "characters outside of JSON": `{"version":"kest/v1"\u202e,\u0000}`,
  };
}
