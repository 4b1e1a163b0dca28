/**
 * What people read: width, colours, and no character that could forge output.
 * Every text goes through `printable` here, so no caller can forget it.
 *
 * @module
 */

import { printable } from "../bytes/encoding.ts";
import type { CliIo } from "./io.ts";

/** What a piece of text means; a colour where there are colours. */
export type Tone = "bad" | "good" | "plain" | "unsure";

/** A piece of a line. */
export type Piece = string | readonly [text: string, tone: Tone];

const COLOURS: Readonly<Record<Tone, string>> = {
  bad: "\x1b[31m",
  good: "\x1b[32m",
  plain: "",
  unsure: "\x1b[33m",
};

// deno-lint-ignore no-control-regex
const ASCII = /^[\x00-\x7f]*$/;
const WIDE = /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff]/u;
const WIDER = /[\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
const MARK = /\p{M}/u;

function columnsOfCharacter(character: string): number {
  if (MARK.test(character)) return 0;
  return WIDE.test(character) || WIDER.test(character) ? 2 : 1;
}

/** How many columns a text takes in a terminal. */
export function columnsOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += columnsOfCharacter(character);
  return columns;
}

/** As much of a text as fits. */
function startOf(text: string, columns: number): string {
  let taken = 0;
  let start = "";
  for (const character of text) {
    taken += columnsOfCharacter(character);
    if (taken > columns) break;
    start += character;
  }
  return start;
}

/** A text in lines of at most `columns`; words that are longer are broken. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (let word of text.split(" ")) {
    if (line !== "" && columnsOf(line) + 1 + columnsOf(word) > columns) {
      lines.push(line);
      line = "";
    }
    while (columnsOf(word) > columns) {
      const start = startOf(word, columns) || [...word][0]!;
      lines.push(start);
      word = word.slice(start.length);
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function textOf(piece: Piece): string {
  return printable(typeof piece === "string" ? piece : piece[0]);
}

/** Below this width columns stand below each other. */
const NARROW = 60;

/** Lines for standard output. */
export class Screen {
  readonly #io: CliIo;
  readonly #colour: boolean;
  readonly #lines: string[] = [];
  /** Width to keep to; `undefined` where output is no terminal. */
  readonly columns: number | undefined;

  constructor(io: CliIo) {
    this.#io = io;
    this.columns = io.isTTY ? Math.max(20, io.columns) : undefined;
    this.#colour = io.isTTY && !io.env("NO_COLOR") && io.env("TERM") !== "dumb";
  }

  /** Whether there is too little room for columns side by side. */
  get narrow(): boolean {
    return this.columns !== undefined && this.columns < NARROW;
  }

  #paint(text: string, tone: Tone): string {
    return this.#colour && COLOURS[tone] !== "" ? `${COLOURS[tone]}${text}\x1b[0m` : text;
  }

  #painted(pieces: readonly Piece[]): string {
    return pieces.map((piece) =>
      this.#paint(textOf(piece), typeof piece === "string" ? "plain" : piece[1])
    ).join("");
  }

  /** One line as it is. */
  line(...pieces: Piece[]): void {
    this.#lines.push(this.#painted(pieces));
  }

  /** One line, cut to the width of a terminal. */
  cut(...pieces: Piece[]): void {
    const room = this.columns;
    if (room === undefined || pieces.reduce((n, p) => n + columnsOf(textOf(p)), 0) <= room) {
      return this.line(...pieces);
    }
    let left = room - 1;
    const line = pieces.map((piece) => {
      const start = startOf(textOf(piece), left);
      left = start === textOf(piece) ? left - columnsOf(start) : 0;
      return this.#paint(start, typeof piece === "string" ? "plain" : piece[1]);
    });
    this.#lines.push(line.join("") + "…");
  }

  /**
   * A text behind `lead`, wrapped in a terminal. Further lines begin with `indent`
   * spaces, and so does the first if `lead` leaves no room for it.
   */
  text(lead: readonly Piece[], text: string, indent: number): void {
    const used = lead.reduce((sum, piece) => sum + columnsOf(textOf(piece)), 0);
    if (this.columns === undefined) {
      return this.line(...lead, " ".repeat(Math.max(0, indent - used)) + text);
    }
    const lines = wrap(printable(text), this.columns - indent);
    if (used > indent) this.line(...lead);
    else this.line(...lead, " ".repeat(indent - used) + lines.shift()!);
    for (const line of lines) this.line(" ".repeat(indent) + line);
  }

  /** Aligned columns: label, then text; below each other where it is narrow. */
  row(label: readonly Piece[], text: string, indent: number): void {
    const used = label.reduce((sum, piece) => sum + columnsOf(textOf(piece)), 0);
    const whole = Math.max(indent, used + 1) + columnsOf(printable(text));
    if (!this.narrow || whole <= this.columns! || indent * 3 <= this.columns!) {
      return this.text([...label, " ".repeat(Math.max(1, indent - used))], text, indent);
    }
    this.line(...label);
    this.text(["    "], text, 4);
  }

  /** An empty line. */
  gap(): void {
    this.#lines.push("");
  }

  /** Writes the lines. */
  flush(): void {
    this.#io.stdout(this.#lines.map((line) => line.trimEnd() + "\n").join(""));
    this.#lines.length = 0;
  }
}

/** JSON for a program: one line, or indented in a terminal. */
export function printJson(io: CliIo, value: unknown): void {
  printJsonText(io, JSON.stringify(value, null, io.isTTY ? 2 : undefined));
}

/** JSON text; characters that could forge output are escaped, which JSON reads as the same. */
export function safeJson(text: string): string {
  return text.split("\n").map((line) =>
    printable(line).replace(
      /(\\*)\\u\{([0-9a-f]+)\}/g,
      (match, before: string, hex: string) =>
        before.length % 2 === 0 ? `${before}\\u${hex.padStart(4, "0")}` : match,
    )
  ).join("\n") + "\n";
}

/** Prints JSON text, made safe. */
export function printJsonText(io: CliIo, text: string): void {
  io.stdout(safeJson(text));
}
