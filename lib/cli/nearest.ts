/**
 * The known word that is meant by a mistyped one.
 *
 * @module
 */

/** How many characters must be inserted, removed or replaced (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** Longer words are no typing mistake, and comparing them costs the product of the lengths. */
const LONGEST = 100;

/**
 * The known word nearest to `word`, or `undefined` if none is near: at most one of
 * `parts` of its characters may be wrong.
 */
export function nearest(word: string, known: readonly string[], parts = 2): string | undefined {
  if (word.length > LONGEST) return undefined;
  const ranked = known
    .map((name) => ({ name, far: distance(word.toLowerCase(), name) }))
    .sort((a, b) => a.far - b.far);
  const best = ranked[0];
  return best && best.far <= Math.max(2, Math.floor(best.name.length / parts))
    ? best.name
    : undefined;
}

/** What to add to a complaint about a word that is not known. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? `known are ${known.join(", ")}` : `did you mean ${near}?`;
}
