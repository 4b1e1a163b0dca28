/**
 * Types: which kinds of value a term may have, and which members, as far as the
 * policy's text tells.
 *
 * @module
 */

import { payCompile } from "./compile_budget.ts";
import { isNumber, type Key, keyOf, type Value } from "./value.ts";

/** Each kind of value is one bit. */
export const KINDS = {
  null: 1,
  boolean: 2,
  number: 4,
  string: 8,
  array: 16,
  object: 32,
  set: 64,
} as const;

/** The name of a kind. */
export type Kind = keyof typeof KINDS;

const COLLECTIONS = KINDS.array | KINDS.object | KINDS.set;

/** Members that one type lists, those of its members counted; what has more is open. */
const MAX_SIZE = 1_000;

/** What is known of a term's values. */
export interface Type {
  readonly kinds: number;
  /** By key: what is not listed is no member. `null`: members are not known. */
  readonly members: ReadonlyMap<Key, Type> | null;
  /** Whether every value has all of these members. */
  readonly exact: boolean;
  /** How many types it consists of. */
  readonly size: number;
}

const NO_MEMBERS: ReadonlyMap<Key, Type> = new Map();

/** Values of some kinds, of whose members nothing is known. */
export function openType(kinds: number): Type {
  const members = (kinds & COLLECTIONS) === 0 ? NO_MEMBERS : null;
  return { kinds, members, exact: false, size: 1 };
}

/** Anything. */
export const ANY: Type = openType(Object.values(KINDS).reduce((all, kind) => all | kind, 0));

function listing(kinds: number, members: ReadonlyMap<Key, Type>, exact: boolean): Type {
  let size = 1;
  for (const member of members.values()) size += member.size;
  payCompile(members.size);
  return size > MAX_SIZE ? openType(kinds) : { kinds, members, exact, size };
}

/** Arrays or objects of exactly these members. */
export function closedType(kind: "array" | "object", members: ReadonlyMap<Key, Type>): Type {
  return listing(KINDS[kind], members, true);
}

/** What is of one type or of the other. */
export function unionOf(a: Type, b: Type): Type {
  if (a === b) return a;
  payCompile(1);
  const kinds = a.kinds | b.kinds;
  if (!a.members || !b.members) return openType(kinds);
  const members = new Map(a.members);
  for (const [key, type] of b.members) {
    const other = members.get(key);
    members.set(key, other ? unionOf(other, type) : type);
  }
  return listing(kinds, members, false);
}

/** The type of what lies under a key, which may not be known; `undefined`: nothing does. */
export function memberType(type: Type, key: Value | undefined): Type | undefined {
  const collections = type.kinds & COLLECTIONS;
  if (collections === 0) return undefined;
  if (key === undefined) return ANY;
  if (collections === KINDS.array && !isNumber(key)) return undefined;
  if (!type.members || (collections & KINDS.set) !== 0) return ANY;
  return type.members.get(keyOf(key));
}

/** The type of the items that a collection has. */
export function itemType(type: Type): Type {
  if (!type.members || type.members.size === 0) return ANY;
  return [...type.members.values()].reduce(unionOf);
}

/** Whether no value is of both types. */
export function areDisjoint(a: Type, b: Type): boolean {
  if ((a.kinds & b.kinds) === 0) return true;
  if (!a.exact || !b.exact) return false;
  const [members, others] = [a.members!, b.members!];
  if (members.size !== others.size) return true;
  for (const [key, type] of members) {
    payCompile(1);
    const other = others.get(key);
    if (!other || areDisjoint(type, other)) return true;
  }
  return false;
}

/** `number or string`. */
export function typeText({ kinds }: Type): string {
  const names = Object.entries(KINDS).filter(([, kind]) => (kinds & kind) !== 0);
  return names.map(([name]) => name).join(" or ");
}
