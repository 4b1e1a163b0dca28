/**
 * What people type to find entries.
 *
 * A query is words between spaces; an entry is found if every word fits. A word
 * is found in any text of an entry, upper and lower case alike. `field:word` looks
 * into one field: `node`, `entry` (id or hash), `kind`, `taint` (all that an entry
 * carries), `added`, `removed`, `label` (`name=value`), `origin` (user and
 * session), `key` (id). `"…"` holds words together, also after a field, and
 * `-` before a word finds entries that it does not fit.
 *
 * Words are plain text: there are no wildcards and no regular expressions.
 *
 * @module
 */

/** Where a word is looked for. */
export const FIELDS = [
  "node",
  "entry",
  "kind",
  "taint",
  "added",
  "removed",
  "label",
  "origin",
  "key",
] as const;

/** One of {@linkcode FIELDS}. */
export type Field = typeof FIELDS[number];

/** One word of a query. */
export interface Term {
  /** Where to look; `null` is everywhere. */
  readonly field: Field | null;
  /** What to look for, in lower case; never empty. */
  readonly text: string;
  /** Whether entries that fit are left out. */
  readonly not: boolean;
}

/** Text as it is compared: in lower case, composed, on one line. */
export function folded(text: string): string {
  return text.toLowerCase().normalize("NFC").replaceAll("\n", " ");
}

/** Words between spaces, those in quotes held together; quotes are dropped. */
function wordsOf(query: string): string[] {
  const words: string[] = [];
  let word = "";
  let quoted = false;
  for (const char of query) {
    if (char === '"') quoted = !quoted;
    else if (!quoted && char.trim() === "") {
      words.push(word);
      word = "";
    } else word += char;
  }
  return [...words, word].filter((each) => each !== "");
}

function termOf(word: string): Term {
  const not = word.length > 1 && word.startsWith("-");
  const rest = not ? word.slice(1) : word;
  const colon = rest.indexOf(":");
  const field = FIELDS.find((each) => each === rest.slice(0, colon).toLowerCase());
  return field === undefined
    ? { field: null, text: folded(rest), not }
    : { field, text: folded(rest.slice(colon + 1)), not };
}

/** The terms of a query. A field that is not known is part of the word. */
export function termsOf(query: string): Term[] {
  return wordsOf(query).map(termOf).filter(({ text }) => text !== "");
}
