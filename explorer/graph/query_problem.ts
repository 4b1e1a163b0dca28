/**
 * What is odd about a query, in words: it still finds what it finds.
 *
 * @module
 */

import { FIELDS } from "./query.ts";

/** A hint for whoever types a query; `null` if there is none to give. */
export function queryProblem(query: string): string | null {
  const whole = query.replace(/"[^"]*"/g, "x");
  if (whole.includes('"')) return 'A quotation mark (") is not closed.';
  for (const [, field, text] of whole.matchAll(/(?<!\S)-?([a-z_]+):(\S*)/gi)) {
    const isKnown = (FIELDS as readonly string[]).includes(field!.toLowerCase());
    if (isKnown && text === "") return `Say what to look for after ${field}:`;
    if (!isKnown) {
      return `There is no field ${field}, so it is looked for as text. Fields: ${
        FIELDS.join(", ")
      }.`;
    }
  }
  return null;
}
