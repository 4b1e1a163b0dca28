/**
 * The worker that knows the passport: reads it, draws its graph, searches it.
 *
 * @module
 */

import { KestError } from "../../lib/base/errors.ts";
import { utf8 } from "../../lib/bytes/encoding.ts";
import { sha256Large } from "../../lib/bytes/sha256.ts";
import type { Entry } from "../../lib/lineage/entry.ts";
import { partsOf } from "../../lib/lineage/passport.ts";
import type { Seal } from "../../lib/lineage/seal.ts";
import type { BlockName } from "../../lib/page/blocks.ts";
import { type AnyPassport, parseAnyPassport } from "../../lib/verify/any_passport.ts";
import { edgesCsv, nodesCsv } from "../graph/csv.ts";
import { type Dag, dagOf, parentsOf } from "../graph/dag.ts";
import { type EntryFacts, factsOf, factsOfPython } from "../graph/facts.ts";
import { type Lanes, lanesOf } from "../graph/lanes.ts";
import { rowOrder } from "../graph/rows.ts";
import { SearchIndex } from "../graph/search.ts";
import { splat, type SplatOptions } from "../graph/splat.ts";
import { type TaintFlow, Taints } from "../graph/taints.ts";
import { type Columns, columnsOf } from "./columns.ts";
import { compare, type Comparison } from "./compare.ts";
import { entriesOf } from "./entries.ts";
import { copied, Moved } from "./rpc.ts";
import { type LayoutRequest, type Picture, pictureOf } from "./picture.ts";
import { pictureSvg, type SvgRequest } from "./picture_svg.ts";
import { bytesOf, identify, identifyBlocks, type OwnPart, type Source } from "./source.ts";

/** What the page needs to begin. */
export interface Opened {
  readonly kind: "kest" | "python";
  /** SHA-256 of the file. */
  readonly digest: string;
  /** The size of the file in bytes. */
  readonly bytes: number;
  readonly dag: Dag;
  readonly lanes: Lanes;
  readonly columns: Columns;
  /** Entries from which no other descends. */
  readonly heads: Int32Array;
  readonly seals: readonly Seal[];
}

/** What a query finds. */
export interface Found {
  /** 1 for each entry that it finds. */
  readonly hits: Uint8Array<ArrayBuffer>;
  readonly count: number;
}

interface Model {
  readonly read: AnyPassport;
  readonly entries: readonly unknown[];
  readonly facts: readonly EntryFacts[];
  readonly dag: Dag;
  readonly taints: Taints;
  /** Made when somebody begins to search. */
  index?: SearchIndex;
}

function withFacts(entries: readonly Entry[]): [readonly Entry[], readonly EntryFacts[]] {
  return [entries, factsOf(entries)];
}

function modelOf(read: AnyPassport): Model {
  const [entries, facts] = read.kind === "kest"
    ? withFacts(entriesOf(read.passport))
    : [read.passport.entries, factsOfPython(read.passport)];
  const dag = dagOf(facts.map(({ parents }) => parents));
  return { read, entries, facts, dag, taints: new Taints(dag, facts) };
}

function lanesInOrder({ dag, facts }: Model, newestFirst: boolean): Lanes {
  return lanesOf(dag, rowOrder(dag, facts.map(({ timestampMs }) => timestampMs)), newestFirst);
}

/** The methods of the worker. */
export function modelHandlers() {
  const blocks = new Map<BlockName, string>();
  let model: Model | undefined;
  let picture: Picture | undefined;

  function current(): Model {
    if (!model) throw new TypeError("no passport is open");
    return model;
  }

  return {
    /** Says what a file is. */
    identify(file: Blob): Promise<Source> {
      return identify(file);
    },

    /** Takes a part of a block of the page that runs. */
    takePart({ name, text }: OwnPart): void {
      blocks.set(name, (blocks.get(name) ?? "") + text);
    },

    /** Says what is in the page that runs, once every part of it has been taken. */
    identifyBlocks(): Promise<Source> {
      const all = new Map(blocks);
      blocks.clear();
      return identifyBlocks(all);
    },

    /** Reads a passport. @throws {ParseError} if it cannot be read. */
    async open(file: Blob): Promise<Moved<Opened>> {
      model = undefined;
      const bytes = await bytesOf(file);
      picture = undefined;
      // Another thread hashes the file while it is read.
      const digest = sha256Large(bytes);
      const read = parseAnyPassport(bytes);
      model = modelOf(read);
      const { facts, dag } = model;
      const lanes = lanesInOrder(model, false);
      return copied({
        kind: read.kind,
        digest: await digest,
        bytes: bytes.length,
        dag,
        lanes,
        columns: columnsOf(facts),
        heads: dag.sinks,
        seals: read.kind === "kest" ? partsOf(read.passport).seals : [],
      });
    },

    /** The whole of one entry, as it is stored; `null` if it is missing. */
    entry(node: number): unknown {
      return current().entries[node] ?? null;
    },

    /** A picture of some entries, or of all. */
    layout(request: LayoutRequest): Moved<Picture> {
      const { dag, facts } = current();
      picture = pictureOf(dag, facts, request, picture);
      return copied(picture);
    },

    /** The last picture, or a part of it, in pixels. */
    overview(options: SplatOptions): Moved<Uint32Array<ArrayBuffer>> {
      if (!picture) throw new TypeError("overview() before layout()");
      const pixels = splat(picture.dag, picture.layout, options);
      return new Moved(pixels, [pixels.buffer]);
    },

    /** The last picture as an SVG file. */
    svg(request: SvgRequest): Blob {
      if (!picture) throw new TypeError("svg() before layout()");
      return pictureSvg(picture, current().facts, request);
    },

    /** The edges between some entries and parents of theirs, by their ids. */
    edges(ids: readonly (readonly [child: string, parent: string])[]): Int32Array {
      const { dag, facts } = current();
      const numbers = new Map(facts.map(({ id }, node) => [id, node]));
      return Int32Array.from(ids, ([child, parent]) => {
        const node = numbers.get(child);
        if (node === undefined) return -1;
        const at = parentsOf(dag, node).indexOf(numbers.get(parent) ?? -1);
        return at < 0 ? -1 : dag.parentStart[node]! + at;
      }).filter((edge) => edge >= 0);
    },

    /** Where a taint was added, flowed and was removed. */
    taint(taint: string): TaintFlow {
      return current().taints.flow(taint);
    },

    /** The shortest answer to why an entry has a taint; `null` if it has not. */
    why({ node, taint }: { readonly node: number; readonly taint: string }): Int32Array | null {
      return current().taints.why(node, taint);
    },

    /** The rows, oldest or newest first. */
    lanes(newestFirst: boolean): Lanes {
      return lanesInOrder(current(), newestFirst);
    },

    /** The entries that a query finds. */
    search(query: string): Moved<Found> {
      const model = current();
      model.index ??= new SearchIndex(model.facts);
      const found = model.index.find(query);
      const hits = new Uint8Array(model.facts.length);
      for (const node of found) hits[node] = 1;
      return new Moved({ hits, count: found.length }, [hits.buffer]);
    },

    /** Entries or edges as a CSV file. */
    csv(what: "edges" | "nodes"): Blob {
      const { dag, facts } = current();
      const text = what === "nodes" ? nodesCsv(dag, facts) : edgesCsv(dag, facts);
      return new Blob([text], { type: "text/csv" });
    },

    /** What differs from a second passport. @throws {KestError} if it cannot be compared. */
    async compare(file: Blob): Promise<Comparison> {
      const { read } = current();
      const source = await identify(file);
      if (source.is === "passport") {
        return compare(read, parseAnyPassport(await bytesOf(source.file)));
      }
      throw new KestError("TRUST_POLICY", "A trust policy or a key is no passport to compare with");
    },

    /** The hash of a script as a content policy names it. */
    async scriptHash(text: string): Promise<string> {
      const byte = (hex: string) => String.fromCharCode(parseInt(hex, 16));
      return `sha256-${btoa((await sha256Large(utf8(text))).replace(/../g, byte))}`;
    },
  };
}

export type ModelHandlers = ReturnType<typeof modelHandlers>;
