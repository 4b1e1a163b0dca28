/**
 * Looks into arrays and plain objects: settles promises in them and takes
 * tracked values out (SPEC 7.2, 7.4).
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { CONTENT_DEPTH } from "../base/limits.ts";
import { isThenable } from "../bytes/content.ts";
import { jsonPointer } from "../bytes/encoding.ts";
import { MAX_INPUTS } from "../lineage/names.ts";
import { isTracked, type KestData, untrackedData } from "./kest_data.ts";

/** Arrays and plain objects: the containers that are searched. */
function isContainer(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Own enumerable data properties: accessors are left for the canonical form to refuse. */
function members(container: object): [string, unknown][] {
  const found: [string, unknown][] = [];
  for (const key of Object.keys(container)) {
    const descriptor = Object.getOwnPropertyDescriptor(container, key);
    if (descriptor && "value" in descriptor) found.push([key, descriptor.value]);
  }
  return found;
}

/** A shallow copy of a container with some members replaced; accessors are not called. */
function withMembers(
  container: object,
  replaced: readonly (readonly [string, unknown])[],
): object {
  const copied: PropertyDescriptorMap = Object.getOwnPropertyDescriptors<object>(container);
  for (const [key, value] of replaced) {
    copied[key] = { value, configurable: true, enumerable: true, writable: true };
  }
  return Array.isArray(container)
    ? Object.defineProperties([], copied)
    : Object.create(Object.getPrototypeOf(container), copied);
}

/**
 * The value with promises in it replaced by what they resolve to; the value
 * itself, at once, where it holds none.
 */
export function settle(value: unknown, seen?: Map<object, unknown>, depth = 0): unknown {
  if (isTracked(value)) return value;
  if (isThenable(value)) return Promise.resolve(value).then((settled) => settle(settled));
  if (!isContainer(value) || depth > CONTENT_DEPTH) return value;
  if (seen?.has(value)) return seen.get(value);
  const pending: (readonly [string, Promise<unknown>])[] = [];
  for (const [key, member] of members(value)) {
    if (isLeaf(member)) continue;
    seen ??= new Map();
    seen.set(value, value);
    const settled = settle(member, seen, depth + 1);
    if (settled !== member) pending.push([key, Promise.resolve(settled)]);
  }
  if (pending.length === 0) return value;
  const settled = Promise.all(pending.map(async ([key, promise]) => [key, await promise] as const))
    .then((replaced) => withMembers(value, replaced));
  seen?.set(value, settled);
  return settled;
}

/** One tracked value that was found inside an argument. */
export interface Found {
  readonly path: readonly string[];
  readonly value: KestData<unknown>;
}

/** An argument taken apart. */
export interface Extracted {
  /** As the function sees it. */
  readonly plain: unknown;
  /** With tracked values replaced by `null`: what is hashed as raw. */
  readonly masked: unknown;
  /** Whether anything beside tracked values is in it. */
  readonly hasRaw: boolean;
}

/**
 * Takes tracked values out of containers; containers without any stay what they
 * are.
 *
 * @param bare Containers that were searched and hold none: a value can share
 * parts so often that searching each occurrence would never end.
 * @throws {KestError} `CONTENT_CYCLE`: a walk through a cycle could take for ever;
 * `LIMIT` for more tracked values than an entry can describe.
 */
export function extract(
  value: unknown,
  path: readonly string[],
  found: Found[],
  ancestors: readonly object[] = [],
  bare: Set<object> = new Set(),
): Extracted {
  if (isTracked(value)) {
    if (found.length >= MAX_INPUTS) {
      throw new KestError("LIMIT", `More than ${MAX_INPUTS} tracked values in one argument`);
    }
    found.push({ path, value });
    return { plain: untrackedData(value), masked: null, hasRaw: false };
  }
  if (!isContainer(value) || path.length > CONTENT_DEPTH || bare.has(value)) return raw(value);
  if (ancestors.includes(value)) {
    const at = jsonPointer(path);
    throw new KestError(
      "CONTENT_CYCLE",
      `No canonical form: ${at} is a cycle: it contains itself`,
      { path: at },
    );
  }
  const before = found.length;
  const inside = [...ancestors, value];
  const parts = members(value).map(([key, member]) =>
    [
      key,
      isLeaf(member) ? raw(member) : extract(member, [...path, key], found, inside, bare),
    ] as const
  );
  if (found.length === before) {
    bare.add(value);
    return raw(value);
  }
  return {
    plain: withMembers(value, parts.map(([key, part]) => [key, part.plain])),
    masked: withMembers(value, parts.map(([key, part]) => [key, part.masked])),
    hasRaw: holdsMore(value, parts.length) || parts.some(([, part]) => part.hasRaw),
  };
}

/** Whether a container holds what was not searched: accessors, symbols, holes. */
function holdsMore(container: object, searched: number): boolean {
  const own = Reflect.ownKeys(container).length;
  if (!Array.isArray(container)) return own !== searched;
  return own !== searched + 1 || container.length !== searched;
}

/** Whether a value holds nothing that could be searched. */
export function isLeaf(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

function raw(value: unknown): Extracted {
  return { plain: value, masked: value, hasRaw: true };
}
