/**
 * String literals as Go's `strconv.Quote` writes them.
 *
 * @module
 */

const ESCAPES: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
};
const PLAIN = /^[ !#-[\]-~]*$/;
/** A character that Go prints as it is. */
export const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** One character between quotes. A half of a surrogate pair stands for a byte. */
function escaped(character: string, mark: string, isAscii: boolean): string {
  if (character === mark) return `\\${mark}`;
  const known = ESCAPES[character];
  if (known) return known;
  const code = character.codePointAt(0)!;
  if (code >= 0xd800 && code < 0xe000) return `\\x${(code & 0xff).toString(16)}`;
  if (PRINTABLE.test(character) && (!isAscii || code < 0x80)) return character;
  const [letter, width] = code < 0x80 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
  return `\\${letter}${code.toString(16).padStart(Number(width), "0")}`;
}

/** The text between quotes; beyond ASCII all is escaped if asked for. */
export function quote(text: string, mark = '"', isAscii = false): string {
  if (mark === '"' && PLAIN.test(text)) return `"${text}"`;
  return mark + [...text].map((one) => escaped(one, mark, isAscii)).join("") + mark;
}
