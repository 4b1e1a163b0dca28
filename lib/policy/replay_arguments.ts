/**
 * Arguments that a reader brings to a replay: they must be those that the entry
 * describes (SPEC 4.3, 8.5).
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { contentAs, contentOf } from "../bytes/content.ts";
import type { Input, RawInput, TrackedInput } from "../lineage/entry.ts";
import type { EntryNode } from "../lineage/node.ts";

/** The parts of a JSON Pointer. */
function partsOfPointer(pointer: string): string[] {
  return pointer.split("/").slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function ownMember(value: unknown, part: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
  return (value as Record<string, unknown>)[part];
}

/** A copy with `null` at a place. */
function masked(value: unknown, [part, ...rest]: readonly string[]): unknown {
  if (part === undefined) return null;
  const member = masked(ownMember(value, part), rest);
  if (Array.isArray(value)) return value.map((item, i) => String(i) === part ? member : item);
  return { ...(value as object), [part]: member };
}

async function isTracked(
  value: unknown,
  { path, entry_hash: hash }: TrackedInput,
  parents: readonly EntryNode[],
): Promise<boolean> {
  const parent = parents.find((each) => each.hash === hash);
  if (!parent) return false;
  const part = partsOfPointer(path).reduce(ownMember, value);
  const { content_kind: kind, content_hash: expected } = parent.body;
  const content = await contentAs(kind, part);
  return content.kind === kind && content.hash === expected;
}

async function isRaw(value: unknown, { hash, kind }: RawInput): Promise<boolean> {
  const content = await contentOf(value);
  return content.kind === kind && content.hash === hash;
}

/** Whether an argument is what its descriptors say; opaque ones say nothing of what they are. */
async function isDescribed(
  value: unknown,
  inputs: readonly Input[],
  parents: readonly EntryNode[],
): Promise<boolean> {
  if (inputs.length === 0) return false;
  if (inputs.some((input) => "type" in input)) return true;
  const tracked = inputs.filter((input) => "entry_hash" in input);
  for (const input of tracked) if (!await isTracked(value, input, parents)) return false;
  const raw = inputs.find((input) => "alg" in input);
  if (!raw) return true;
  const paths = tracked.map(({ path }) => partsOfPointer(path));
  return await isRaw(paths.reduce<unknown>(masked, value), raw);
}

/** Why arguments are not those that an entry describes; `undefined` if they are. */
export async function argumentProblem(
  { body, parents }: EntryNode,
  args: readonly unknown[],
): Promise<string | undefined> {
  if (!Array.isArray(args)) return "they are no array";
  const beyond = body.inputs.find(({ arg }) => arg >= args.length);
  if (beyond) return `argument ${beyond.arg} is missing`;
  for (const [index, value] of args.entries()) {
    try {
      const inputs = body.inputs.filter(({ arg }) => arg === index);
      if (!await isDescribed(value, inputs, parents)) return `argument ${index} is another`;
    } catch (error) {
      return `argument ${index} has no canonical form: ${messageOf(error)}`;
    }
  }
  return undefined;
}
