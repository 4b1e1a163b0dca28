/**
 * What is in a page: its data, never what it shows.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { fromUtf8 } from "../bytes/encoding.ts";
import { parseJsonStrictly } from "../bytes/json_text.ts";
import { type BlockName, unpack } from "./blocks.ts";
import { blocksIn } from "./frame.ts";

/** A Rego policy that travels in a page. */
export interface PagePolicy {
  /** The name it is shown under. */
  readonly name: string;
  /** Its source. */
  readonly source: string;
}

/** The data of a page. */
export interface PageData {
  /** The passport file, as it was. */
  readonly passport: Uint8Array<ArrayBuffer>;
  /** JSON text of the trust policy that came along: its sender's opinion. */
  readonly trust: string | undefined;
  /** Policies that came along. */
  readonly policies: readonly PagePolicy[];
}

/** Bytes of a trust policy or of all policies of a page. */
const MAX_TEXT = 8 * 1024 * 1024;

function isPolicy(value: unknown): value is PagePolicy {
  const { name, source } = (value ?? {}) as Partial<Record<string, unknown>>;
  return typeof name === "string" && typeof source === "string";
}

/** The policies in the text of their block. */
function policiesIn(text: string): readonly PagePolicy[] {
  const what = "The policies of the page";
  const value = parseJsonStrictly(text, { what, depth: 4, stringLength: MAX_TEXT });
  if (!Array.isArray(value) || !value.every(isPolicy)) {
    throw new KestError("PAGE", `${what} are not a list of names and sources`);
  }
  if (new Set(value.map(({ name }) => name)).size < value.length) {
    throw new KestError("PAGE", `${what} hold two of one name`);
  }
  return value;
}

/**
 * The data in the blocks of a page. Nothing in it is judged.
 *
 * @throws {KestError} `PAGE` if there is no passport or a block is damaged;
 * `LIMIT` if one is too large.
 * @throws {ParseError} if the policies are not JSON.
 */
export async function readBlocks(blocks: ReadonlyMap<BlockName, string>): Promise<PageData> {
  const text = async (name: BlockName) => {
    const block = blocks.get(name);
    return block === undefined ? undefined : fromUtf8(await unpack(block, MAX_TEXT));
  };
  const passport = blocks.get("passport");
  if (passport === undefined) throw new KestError("PAGE", "The page has no passport in it");
  const policies = await text("policies");
  return {
    passport: await unpack(passport),
    trust: await text("trust"),
    policies: policies === undefined ? [] : policiesIn(policies),
  };
}

/**
 * The data of a page. Nothing in it is judged.
 *
 * @throws {KestError} `PAGE` if it is no page to the letter; otherwise as
 * {@linkcode readBlocks}.
 */
export async function readPage(html: string): Promise<PageData> {
  return await readBlocks(blocksIn(html));
}
