/**
 * Ingress: finds tracked values among the arguments, checks that their data is
 * what their passports say, and describes every argument (SPEC 4.3, 7.2).
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import {
  type Content,
  contentAs,
  contentOf,
  isBytes,
  isThenable,
  stillHas,
} from "../bytes/content.ts";
import { isWellFormed } from "../bytes/canonical.ts";
import { jsonPointer } from "../bytes/encoding.ts";
import type { Input } from "../lineage/entry.ts";
import { VALUE_LENGTH } from "../lineage/names.ts";
import { extract, type Found, isLeaf, settle } from "./containers.ts";
import type { Tracked } from "./context.ts";
import { isTracked, type KestData, trackedEntry, untrackedData } from "./kest_data.ts";
import { isKestStream } from "./stream_brand.ts";

/** What a step was called with. */
export interface Ingress {
  /** The arguments as the function will see them: plain. */
  readonly plain: readonly unknown[];
  /** The tracked values among them, each once. */
  readonly tracked: readonly Tracked[];
  /** The descriptors. */
  readonly inputs: readonly Input[];
  /** How many arguments are not tracked. */
  readonly rawArguments: number;
  /**
   * Fails if an argument is no longer what its descriptor says. Called when
   * something was awaited since: what was decided upon must be what runs.
   */
  readonly refuseChanged: () => void;
}

/** The name of an opaque argument's type, as descriptors record it. */
function typeName(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  const name = (value.constructor as { name?: unknown } | undefined)?.name;
  return typeof name === "string" && name !== "" ? name.slice(0, 256) : "object";
}

/** Fails if the data of a tracked value is no longer what its entry describes (SPEC 7.2). */
export async function checkUnchanged(value: KestData<unknown>): Promise<void> {
  const { body } = trackedEntry(value).node;
  const given = contentAs(body.content_kind, untrackedData(value));
  refuseMutation(value, isThenable(given) ? await given : given);
}

function refuseMutation(value: KestData<unknown>, content: Content): void {
  const { body } = trackedEntry(value).node;
  if (content.hash === body.content_hash && content.kind === body.content_kind) return;
  throw new KestError(
    "DATA_MUTATED",
    `Data returned by ${body.node_id} was changed after its passport was made (entry ${body.entry_id}); copy it before changing it`,
  );
}

/** Whether a value was refused because it has no canonical form. */
function isContentError(error: unknown): error is KestError {
  return error instanceof KestError && error.code.startsWith("CONTENT_");
}

function argumentError(error: unknown, index: number, nodeId: string): unknown {
  if (!isContentError(error)) return error;
  return new KestError(
    error.code,
    `Argument ${index} of ${nodeId}: ${error.message}; or name it in opaqueArgs`,
    { path: `/${index}${error.path ?? ""}`, cause: error },
  );
}

/** The path of a tracked value, which becomes part of an entry. */
function pointer(path: readonly string[], index: number): string {
  const text = jsonPointer(path);
  if (isWellFormed(text) && text.length <= VALUE_LENGTH) return text;
  throw new KestError(
    "CONTENT_SURROGATE",
    `Argument ${index} holds a tracked value under a name that is too long or not well formed`,
    { path: `/${index}` },
  );
}

function streamArgument(index: number, nodeId: string): KestError {
  return new KestError(
    "STREAM_ARGUMENT",
    `Argument ${index} of ${nodeId} is a stream that has not ended; pass await stream.collect()`,
  );
}

class Collector {
  readonly plain: unknown[] = [];
  readonly inputs: Input[] = [];
  readonly tracked = new Map<string, Tracked>();
  rawArguments = 0;
  readonly #checks: [number, unknown, Content][] = [];
  readonly #opaque: ReadonlySet<number>;
  readonly #nodeId: string;

  constructor(opaque: ReadonlySet<number>, nodeId: string) {
    this.#opaque = opaque;
    this.#nodeId = nodeId;
  }

  /** Describes a tracked value after checking it; a promise only if hashing needs one. */
  addTracked(index: number, path: string, value: KestData<unknown>): void | Promise<void> {
    const tracked = trackedEntry(value);
    const { node } = tracked;
    const given = contentAs(node.body.content_kind, untrackedData(value));
    const add = (content: Content) => {
      refuseMutation(value, content);
      this.#checks.push([index, untrackedData(value), content]);
      this.tracked.set(node.hash, tracked);
      this.inputs.push({ arg: index, entry_hash: node.hash, path });
    };
    return isThenable(given) ? given.then(add) : add(given);
  }

  addRaw(
    index: number,
    value: unknown,
    given: Content | Promise<Content>,
  ): void | Promise<void> {
    const add = (content: Content) => {
      const { kind, hash } = content;
      this.#checks.push([index, value, content]);
      this.rawArguments++;
      this.inputs.push({ alg: "sha256", arg: index, hash, kind });
    };
    return isThenable(given) ? given.then(add) : add(given);
  }

  addOpaque(index: number, value: unknown): void {
    this.plain.push(value);
    this.inputs.push({ arg: index, kind: "opaque", type: typeName(value) });
  }

  /** Takes the next argument; a promise only if it must be awaited. */
  take(index: number, value: unknown): void | Promise<void> {
    if (this.#opaque.has(index)) return this.addOpaque(index, value);
    const explain = (error: unknown): never => {
      throw argumentError(error, index, this.#nodeId);
    };
    try {
      const pending = this.#add(index, value);
      return pending && pending.catch(explain);
    } catch (error) {
      return explain(error);
    }
  }

  #add(index: number, value: unknown): void | Promise<void> {
    if (isTracked(value)) {
      this.plain.push(untrackedData(value));
      return this.addTracked(index, "", value);
    }
    let content: Content | Promise<Content>;
    try {
      // A value that has a canonical form holds no tracked value and no promise.
      content = contentOf(value);
    } catch (error) {
      if (isLeaf(value) || !isContentError(error)) throw error;
      return this.#search(index, value);
    }
    this.plain.push(value);
    return this.addRaw(index, value, content);
  }

  /** Takes an argument apart that holds promises or tracked values, or cannot be hashed. */
  async #search(index: number, value: unknown): Promise<void> {
    // Without promises nothing is awaited before the argument is taken apart: its
    // holder could change it meanwhile.
    const settling = settle(value);
    const settled = isThenable(settling) ? await settling : settling;
    if (isKestStream(settled)) throw streamArgument(index, this.#nodeId);
    if (settled !== value && (isTracked(settled) || isLeaf(settled) || isBytes(settled))) {
      return await this.#add(index, settled);
    }
    const found: Found[] = [];
    const { plain, masked, hasRaw } = extract(settled, [], found);
    this.plain.push(plain);
    for (const { path, value: tracked } of found) {
      await this.addTracked(index, pointer(path, index), tracked);
    }
    if (hasRaw) await this.addRaw(index, masked, contentOf(masked));
  }

  finish(): Ingress {
    return {
      plain: this.plain,
      tracked: [...this.tracked.values()],
      // A copy of the exact size: entries keep it, and a pushed array has room to spare.
      inputs: this.inputs.slice(),
      rawArguments: this.rawArguments,
      refuseChanged: () => this.#refuseChanged(),
    };
  }

  #refuseChanged(): void {
    for (const [index, value, content] of this.#checks) {
      if (stillHas(value, content)) continue;
      throw new KestError(
        "DATA_MUTATED",
        `Argument ${index} of ${this.#nodeId} was changed while the call was being admitted; copy it before changing it`,
        { path: `/${index}` },
      );
    }
  }
}

function readFrom(
  collector: Collector,
  args: readonly unknown[],
  start: number,
): Ingress | Promise<Ingress> {
  for (let index = start; index < args.length; index++) {
    const pending = collector.take(index, args[index]);
    if (pending) return pending.then(() => readFrom(collector, args, index + 1));
  }
  return collector.finish();
}

/**
 * Reads the arguments of a call (SPEC 7.2); a promise only if one of them has to
 * be awaited.
 *
 * @param opaque Indexes of arguments that are passed through unread.
 * @throws {KestError} `DATA_MUTATED`, `STREAM_ARGUMENT`, or a `CONTENT_*` code
 * with the path, starting at the argument's index.
 */
export function readArguments(
  args: readonly unknown[],
  opaque: ReadonlySet<number>,
  nodeId: string,
): Ingress | Promise<Ingress> {
  return readFrom(new Collector(opaque, nodeId), args, 0);
}
