/**
 * Exporters: are told of every entry as it is made, denied and failed ones too.
 *
 * @module
 */

import { KestError, messageOf } from "../base/errors.ts";
import { isThenable } from "../bytes/content.ts";
import type { Entry } from "../lineage/entry.ts";
import { exposed } from "../lineage/node.ts";
import { type Passport, passportFrom } from "../lineage/passport.ts";
import type { Tracked } from "./context.ts";

/** What an exporter is told. */
export interface ExportEvent {
  /** The new entry. */
  readonly entry: Entry;
  /** Its passport. */
  readonly passport: Passport;
  /** What the function threw, for failed entries. */
  readonly error?: unknown;
}

/** Sends entries somewhere: a log, a store, a collector. */
export interface Exporter {
  /** Called once per entry; a promise is awaited before the call returns. */
  export(event: ExportEvent): void | Promise<void>;
}

function failed(error: unknown): KestError {
  return new KestError(
    "EXPORT",
    `Exporter failed: ${messageOf(error)}; the entry was made, but is not on record there`,
    { cause: error },
  );
}

/**
 * Tells all exporters of an entry, also those after one that fails.
 *
 * @throws {KestError} `EXPORT` if one fails: a record that must be kept was not.
 */
export function exportEntry(
  exporters: readonly Exporter[],
  tracked: Tracked,
  error?: unknown,
): void | Promise<void> {
  if (exporters.length === 0) return;
  const event: ExportEvent = Object.freeze({
    entry: exposed(tracked.node),
    passport: passportFrom([tracked.node], tracked.seals),
    ...(error === undefined ? {} : { error }),
  });
  const pending: Promise<void>[] = [];
  const thrown: unknown[] = [];
  for (const exporter of exporters) {
    try {
      const exported = exporter.export(event);
      if (isThenable(exported)) pending.push(Promise.resolve(exported));
    } catch (error) {
      thrown.push(error);
    }
  }
  if (pending.length === 0) {
    if (thrown.length > 0) throw failed(thrown[0]);
    return;
  }
  if (thrown.length > 0) pending.unshift(Promise.reject(thrown[0]));
  return Promise.all(pending).then(() => {}, (error) => {
    throw failed(error);
  });
}

/**
 * An exporter that writes each passport as one line of JSON (NDJSON), as the
 * Python package's does.
 *
 * @param write Takes one line, ending in a line feed.
 *
 * @example
 * ```ts
 * import { createKest, ndjsonExporter } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const lines: string[] = [];
 * const kest = createKest({ exporters: [ndjsonExporter((line) => void lines.push(line))] });
 * await kest.originate("hello");
 * assert.equal(JSON.parse(lines[0]!).version, "kest/v1");
 * ```
 */
export function ndjsonExporter(write: (line: string) => void | Promise<void>): Exporter {
  return { export: ({ passport }) => write(JSON.stringify(passport) + "\n") };
}
