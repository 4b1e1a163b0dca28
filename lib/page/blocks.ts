/**
 * The data of a page: blocks of compressed bytes between script tags that run
 * nothing.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { fromBase64 } from "./base64.ts";

/** What a page can hold. */
export type BlockName = "passport" | "policies" | "trust";

/** All blocks, in the order of the page. */
export const BLOCK_NAMES: readonly BlockName[] = ["passport", "trust", "policies"];

/** The type of the elements; browsers do not run it, and never fetch anything for it. */
export const BLOCK_TYPE = "application/x-kest+gzip";

/** Bytes of one block once it is unpacked. */
const MAX_BLOCK_BYTES = 256 * 1024 * 1024;

/** How much larger than its packed bytes a block may be, beyond the first 16 MiB. */
const MAX_RATIO = 100;
const FREE_BYTES = 16 * 1024 * 1024;

/** Characters of one element: browsers take a larger one in one go, and stand still for it. */
const PART = 1 << 20;

/** A part of a block: the `id` of its element, and its text. */
export type Part = readonly [id: string, base64: string];

/** The `id` of a part of a block, counted from 1. */
function idOf(name: BlockName, part: number): string {
  return part === 1 ? `kest-${name}` : `kest-${name}-${part}`;
}

/** A block as it stands in the page: a line for each of its parts. */
export function blockHtml(name: BlockName, base64: string): string {
  const lines: string[] = [];
  for (let at = 0; at === 0 || at < base64.length; at += PART) {
    const id = idOf(name, lines.length + 1);
    lines.push(`<script type="${BLOCK_TYPE}" id="${id}">${base64.slice(at, at + PART)}</script>`);
  }
  return lines.join("\n");
}

const ELEMENT = new RegExp(
  `^<script type="${
    BLOCK_TYPE.replace("+", "\\+")
  }" id="(kest-[a-z0-9-]+)">([A-Za-z0-9+/]*={0,2})</script>$`,
);

/** Whether a text is a page of this module, as far as its beginning shows. */
export function isPage(text: string): boolean {
  return /^\s*<!doctype html>/i.test(text.slice(0, 200));
}

/** The error of a page that is none, or damaged. */
export function pageError(what: string): KestError {
  return new KestError("PAGE", `This is no page by kest: ${what}`);
}

/** The part of a block that a line is, if it is one. */
export function partIn(line: string): Part | undefined {
  const [, id, base64] = ELEMENT.exec(line) ?? [];
  return id === undefined ? undefined : [id, base64!];
}

/**
 * Blocks by their names, each in its parts.
 *
 * @throws {KestError} `PAGE` if a part is of no block, comes twice, or not right
 * after the one before it.
 */
export function blocksOf(parts: Iterable<Part>): Map<BlockName, readonly string[]> {
  const blocks = new Map<BlockName, string[]>();
  let last: readonly [BlockName, string[]] | undefined;
  for (const [id, base64] of parts) {
    if (last && id === idOf(last[0], last[1].length + 1)) {
      last[1].push(base64);
      continue;
    }
    const name = BLOCK_NAMES.find((each) => id === idOf(each, 1));
    if (name === undefined) throw pageError("something stands among its data");
    if (blocks.has(name)) throw pageError(`it has two blocks ${name}`);
    blocks.set(name, (last = [name, [base64]])[1]);
  }
  return blocks;
}

/**
 * Unpacks a block.
 *
 * @throws {KestError} `PAGE` if it is damaged, `LIMIT` if it holds more than
 * {@linkcode MAX_BLOCK_BYTES} bytes.
 */
export async function unpack(
  base64: string,
  limit: number = MAX_BLOCK_BYTES,
): Promise<Uint8Array<ArrayBuffer>> {
  const packed = fromBase64(base64);
  if (packed === undefined) throw pageError("a block is damaged");
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const most = Math.min(limit, Math.max(FREE_BYTES, packed.length * MAX_RATIO));
  try {
    return await collect(unpacked.getReader(), most);
  } catch (error) {
    throw error instanceof KestError ? error : pageError("a block is damaged");
  }
}

async function collect(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      throw new KestError("LIMIT", `A block of the page holds more than ${limit} bytes`);
    }
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
