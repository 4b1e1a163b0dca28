/**
 * Which member of a changed entry was changed. Where putting one other value
 * back gives the entry's hash again, that value is what was hashed: nobody can
 * find another one. So guesses are tried, and only certainty is told.
 *
 * @module
 */

import { entryHash, inputStateHash } from "../lineage/binding.ts";
import { CONTENT_KINDS, EMPTY_HASH } from "../bytes/content.ts";
import {
  accumulatedTaint,
  defaultTrust,
  ingressOnly,
  MAX_UNION,
  originKey,
  unionSorted,
} from "../lineage/derive.ts";
import { type Decision, type Entry, ENTRY_KINDS, type Input, ROLES } from "../lineage/entry.ts";
import type { EntryNode } from "../lineage/node.ts";
import type { Place, VerifyContext } from "./context.ts";
import { rawArguments } from "./check_inputs.ts";

/** A member as it is and as it was. */
export type ChangedMember = Required<Pick<Place, "computed" | "field" | "stored">>;

/** A member's path and a value that it may have had. */
type Guess = readonly [field: string, value: unknown];

/** Characters that are hashed to find members, in all: a second's work at most. */
const WORK = 16 * 1024 * 1024;

/** Guesses are made from this many values of each kind, and for this many parts of a list. */
const MANY = 24;

/** Tries guesses for changed entries until its work is spent. */
export class MemberFinder {
  readonly #idsByHash = new Map<string, string>();
  readonly #known = {
    node_id: new Set<unknown>(),
    node_trust_score: new Set<unknown>(),
    origin: new Map<string, unknown>(),
    public_key_id: new Set<unknown>([null]),
    reference: new Set<unknown>([null, "inline_rules"]),
  };
  #left = WORK;

  /** Learns the values that occur in the passport. */
  constructor(context: VerifyContext) {
    const known = this.#known;
    for (const seal of context.seals.slice(0, MANY)) known.public_key_id.add(seal.public_key_id);
    for (const { body, hash } of context.entries) {
      this.#idsByHash.set(hash, body.entry_id);
      for (const name of ["node_id", "node_trust_score", "public_key_id"] as const) {
        if (known[name].size < MANY) known[name].add(body[name]);
      }
      if (body.origin === null || known.origin.size >= MANY) continue;
      known.origin.set(originKey(body.origin), body.origin);
      for (const name of body.origin.policies.curated_refs.slice(0, MANY)) {
        if (known.reference.size < MANY) known.reference.add(name);
      }
    }
  }

  /** The changed member of an entry whose content does not match its hash, if it can be known. */
  find(node: EntryNode): ChangedMember | undefined {
    if (this.#left <= 0) return undefined;
    const cost = JSON.stringify(node.body).length;
    this.#left -= cost;
    for (const [field, value] of this.#guesses(node)) {
      if (this.#left <= 0) return undefined;
      this.#left -= cost;
      const path = field.split("/");
      if (entryHash(withMember(node.body, path, value)) !== node.hash) continue;
      return { field, stored: memberAt(node.body, path), computed: value };
    }
    return undefined;
  }

  *#guesses(node: EntryNode): Generator<Guess> {
    yield* this.#derived(node);
    yield* this.#choices(node.body);
    yield* taintGuesses(node);
    yield* roleGuesses(node.body);
    if (inputStateHash(node.body.inputs) !== node.body.input_state_hash) {
      yield* inputGuesses(node.body);
    }
    yield* this.#decisionGuesses(node);
    yield* recordGuesses(node.body);
  }

  /** Values that follow from others. */
  *#derived({ body, parents }: EntryNode): Generator<Guess> {
    const taints = parents.map((parent) => parent.body.accumulated_taint);
    const scores = parents.map((parent) => parent.body.trust_score);
    yield ["accumulated_taint", accumulatedTaint(taints, body.added_taint, body.removed_taint)];
    yield ["trust_score", defaultTrust(body.node_trust_score, scores)];
    yield ["input_state_hash", inputStateHash(body.inputs)];
    yield ["raw_arguments", rawArguments(body.inputs)];
    yield ["parent_hashes", parents.map((parent) => parent.hash)];
    const ids = body.parent_hashes.map((hash) => this.#idsByHash.get(hash));
    if (!ids.includes(undefined)) yield ["parent_entry_ids", ids];
    for (const parent of parents.slice(0, MANY)) yield ["content_hash", parent.body.content_hash];
    yield ["content_hash", EMPTY_HASH];
    yield ["node_trust_score", body.trust_score];
  }

  /** Values of which there are few, or few in this passport. */
  *#choices(body: Entry): Generator<Guess> {
    for (const kind of ENTRY_KINDS) yield ["kind", kind];
    for (const kind of CONTENT_KINDS) yield ["content_kind", kind];
    for (const rule of ["min", "custom"]) yield ["trust_rule", rule];
    for (const end of [null, "cancelled", "complete"]) yield ["stream", end];
    yield ["async_context", !body.async_context];
    yield ["reason", null];
    yield ["origin", null];
    for (const origin of this.#known.origin.values()) yield ["origin", origin];
    for (const name of ["node_id", "node_trust_score", "public_key_id"] as const) {
      for (const value of this.#known[name]) yield [name, value];
    }
  }

  *#decisionGuesses({ body, parents }: EntryNode): Generator<Guess> {
    const ingress = ingressOnly(parents, body.parent_roles);
    const trust = defaultTrust(1, ingress.map((parent) => parent.body.trust_score));
    for (const [index, decision] of body.decisions.slice(0, MANY).entries()) {
      yield* decisionGuesses(decision, `decisions/${index}`);
      yield [`decisions/${index}/trust_score`, trust];
      for (const name of this.#known.reference) yield [`decisions/${index}/reference`, name];
      yield ["decisions", body.decisions.toSpliced(index, 1)];
    }
  }
}

const CAUSES = [null, "undefined", "not-boolean", "error", "timeout", "no-engine", "unresolved"];

function* decisionGuesses({ result, source }: Decision, at: string): Generator<Guess> {
  yield [`${at}/result`, result === "allow" ? "deny" : "allow"];
  yield [`${at}/source`, source === "origin" ? "enforced" : "origin"];
  for (const cause of CAUSES) yield [`${at}/cause`, cause];
  for (const profile of ["basic", "history", "arguments"]) yield [`${at}/profile`, profile];
  for (const name of ["decision_id", "engine", "input_digest", "policy_digest"]) {
    yield [`${at}/${name}`, null];
  }
}

/** Lists that lack one of their items, hold more, or both. */
function* listGuesses(
  field: string,
  list: readonly string[],
  more: readonly string[],
): Generator<Guess> {
  yield [field, unionSorted([list, more])];
  for (const item of list.slice(0, MANY)) {
    const rest = list.filter((other) => other !== item);
    yield [field, rest];
    yield [field, unionSorted([rest, more])];
  }
}

/** Taints that were added or removed, as the accumulated ones tell. */
function* taintGuesses({ body, parents }: EntryNode): Generator<Guess> {
  const { accumulated_taint: all, added_taint: added, removed_taint: removed } = body;
  const above = unionSorted(parents.map((parent) => parent.body.accumulated_taint), MAX_UNION);
  const [known, kept] = [new Set(above), new Set(all)];
  yield* listGuesses("added_taint", added, all.filter((taint) => !known.has(taint)));
  yield* listGuesses(
    "removed_taint",
    removed,
    above.filter((taint) => !kept.has(taint)),
  );
}

function* roleGuesses({ parent_roles: all }: Entry): Generator<Guess> {
  for (const [index, roles] of all.slice(0, MANY).entries()) {
    for (const role of ROLES) {
      const rest = roles.filter((other) => other !== role);
      yield [`parent_roles/${index}`, rest.length < roles.length ? rest : [...roles, role].sort()];
      yield [`parent_roles/${index}`, [role]];
      for (const gone of rest) {
        const other = rest.filter((kept) => kept !== gone);
        yield [`parent_roles/${index}`, [...other, role].sort()];
      }
    }
  }
}

function* inputGuesses({ inputs, parent_hashes: hashes }: Entry): Generator<Guess> {
  for (const [index, input] of inputs.slice(0, MANY).entries()) {
    const at = `inputs/${index}`;
    yield ["inputs", inputs.toSpliced(index, 1)];
    for (let arg = 0; arg < MANY; arg++) yield [`${at}/arg`, arg];
    yield* inputMemberGuesses(input, at, hashes);
  }
  yield ["inputs", [...inputs].reverse()];
}

function* inputMemberGuesses(
  input: Input,
  at: string,
  hashes: readonly string[],
): Generator<Guess> {
  if ("entry_hash" in input) {
    for (const hash of hashes.slice(0, MANY)) yield [`${at}/entry_hash`, hash];
    yield [`${at}/path`, ""];
  } else if ("hash" in input) {
    for (const kind of CONTENT_KINDS) yield [`${at}/kind`, kind];
  }
}

/** Names that were added. */
function* recordGuesses(body: Entry): Generator<Guess> {
  for (const record of ["environment", "labels"] as const) {
    for (const name of Object.keys(body[record]).slice(0, MANY)) {
      const { [name]: _, ...rest } = body[record];
      yield [record, rest];
    }
  }
  if (body.extensions !== undefined) yield ["extensions", undefined];
}

type Container = Readonly<Record<string, unknown>>;

/** A copy with another value at a path that is there; other members keep their order. */
function withMember<T>(whole: T, [name, ...rest]: readonly string[], value: unknown): T {
  const next = rest.length === 0
    ? value
    : withMember((whole as Container)[name!] as T, rest, value);
  if (!Array.isArray(whole)) return { ...whole, [name!]: next };
  return whole.with(Number(name), next) as T;
}

function memberAt(whole: unknown, path: readonly string[]): unknown {
  return path.reduce((at, name) => (at as Container)[name], whole);
}
