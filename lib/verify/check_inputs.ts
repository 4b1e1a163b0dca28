/**
 * Step 4 of verification, inputs: the descriptors match their hash, and tracked
 * ones their edges (SPEC 4.3).
 *
 * @module
 */

import { inputStateHash } from "../lineage/binding.ts";
import type { Entry, EntryBody, Input } from "../lineage/entry.ts";

/** Tells which member is wrong, by which rule, and what it should be. */
export type Wrong = (field: keyof EntryBody, rule: string, computed?: unknown) => void;

/** Reports what is wrong with the inputs of an entry. */
export function checkInputs(body: Entry, wrong: Wrong): void {
  const computed = inputStateHash(body.inputs);
  if (computed !== body.input_state_hash) {
    wrong("input_state_hash", "is not the hash of inputs", computed);
  }
  const raw = rawArguments(body.inputs);
  if (raw !== body.raw_arguments) {
    wrong("raw_arguments", "is not the number of untracked inputs", raw);
  }
  if (!namesItsArguments(body)) {
    wrong("inputs", "names other entries than the parents with role argument");
  }
}

/** How many different arguments have a raw descriptor. */
export function rawArguments(inputs: readonly Input[]): number {
  const raw = new Set<number>();
  for (const input of inputs) if ("hash" in input) raw.add(input.arg);
  return raw.size;
}

/** Whether the tracked inputs are exactly the parents with role `argument`. */
function namesItsArguments({ inputs, parent_hashes: hashes, parent_roles: roles }: Entry): boolean {
  const parents = new Set(hashes.filter((_, index) => roles[index]!.includes("argument")));
  const named = new Set<string>();
  for (const input of inputs) {
    if (!("entry_hash" in input)) continue;
    if (!parents.has(input.entry_hash)) return false;
    named.add(input.entry_hash);
  }
  return named.size === parents.size;
}
