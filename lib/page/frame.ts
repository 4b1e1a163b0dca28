/**
 * The frame of a page: which text stands around its blocks. A browser and this
 * module must see the same blocks, whatever somebody made of a page, so a reader
 * accepts this frame to the letter, and nothing else.
 *
 * @module
 */

import { type BlockName, blocksOf, pageError, type Part, partIn } from "./blocks.ts";

/** What stands in a page besides its blocks. */
export interface FrameParts {
  /** The content policy: no double quotes and no angle brackets. */
  readonly policy: string;
  /** The title, escaped. */
  readonly title: string;
  /** The style sheet: no `<`. */
  readonly style: string;
  /** Scripts in their order: none holds `<!--` or `</script`. */
  readonly scripts: readonly string[];
}

/** Lines before the blocks. */
function headLines({ policy, title, style }: FrameParts): string[] {
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    '<meta name="generator" content="kest-page/1">',
    `<title>${title} · Kest passport</title>`,
    `<style>${style}</style>`,
    "</head>",
    "<body>",
    `<div id="kest" data-name="${title}"><p>This page shows and rechecks a Kest passport. It needs`,
    "JavaScript, and nothing else: no network, no server. Without it, check the file with",
    "<code>kest verify</code>.</p></div>",
  ];
}

const TAIL = "</body>\n</html>\n";

/** A page. */
export function frameHtml(parts: FrameParts, blocks: readonly string[]): string {
  const scripts = parts.scripts.map((text) => `<script>${text}</script>`);
  return [...headLines(parts), ...blocks, ...scripts].join("\n") + "\n" + TAIL;
}

// Stand for what differs from page to page: text without markup, and a style sheet.
const TEXT = "\0";
const SHEET = "\x01";
const ESCAPED = /[.*+?^${}()|[\]\\/]/g;

/** Lines before the blocks, as patterns. */
const HEAD: readonly RegExp[] = headLines({ policy: TEXT, title: TEXT, style: SHEET, scripts: [] })
  .map((line) => {
    const pattern = line.replace(ESCAPED, "\\$&")
      .replaceAll(TEXT, '[^"<>]*')
      .replaceAll(SHEET, "[^<]*");
    return new RegExp(`^${pattern}$`);
  });

/** Reads one page from its beginning to its end. */
class FrameReader {
  readonly #html: string;
  #at = 0;

  constructor(html: string) {
    this.#html = html;
  }

  #line(): string {
    const end = this.#html.indexOf("\n", this.#at);
    if (end < 0) throw pageError("it ends too early");
    const line = this.#html.slice(this.#at, end);
    this.#at = end + 1;
    return line;
  }

  head(): void {
    HEAD.forEach((pattern, index) => {
      if (!pattern.test(this.#line())) throw pageError(`line ${index + 1} is not as it is written`);
    });
  }

  *parts(): Iterable<Part> {
    while (!this.#html.startsWith("<script>", this.#at)) {
      const part = partIn(this.#line());
      if (!part) throw pageError("something stands among its data");
      yield part;
    }
  }

  /** One or two scripts, which end where a browser ends them, and then nothing. */
  tail(): void {
    for (let count = 0; this.#html.startsWith("<script>", this.#at); count++) {
      const end = this.#html.indexOf("</script", this.#at);
      const text = this.#html.slice(this.#at, end);
      const isWhole = end >= 0 && this.#html.startsWith("</script>\n", end);
      if (!isWhole || text.includes("<!--") || count > 1) {
        throw pageError("its scripts are not as they are written");
      }
      this.#at = end + "</script>\n".length;
    }
    if (this.#html.slice(this.#at) !== TAIL) throw pageError("something stands after its scripts");
  }
}

/**
 * The blocks of a page, still packed, by name.
 *
 * @throws {KestError} `PAGE` if there is no passport, two of anything, or anything
 * around them that is not to the letter what pages have.
 */
export function blocksIn(html: string): ReadonlyMap<BlockName, string> {
  const reader = new FrameReader(html);
  reader.head();
  const blocks = blocksOf(reader.parts());
  if (!blocks.has("passport")) throw pageError("it has no passport in it");
  reader.tail();
  return new Map([...blocks].map(([name, parts]) => [name, parts.join("")]));
}
