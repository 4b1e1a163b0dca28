/**
 * Go's regular expressions as the library reads them.
 *
 * @module
 */

import { limitError } from "../limits.ts";

/** Go's aliases of Unicode's categories, as {@linkcode canonicalName} writes them. */
const ALIASES: ReadonlyMap<string, string> = new Map(
  ("Casedletter LC, Closepunctuation Pe, Combiningmark M, Connectorpunctuation Pc, Control Cc, " +
    "Currencysymbol Sc, Dashpunctuation Pd, Decimalnumber Nd, Enclosingmark Me, " +
    "Finalpunctuation Pf, Format Cf, Initialpunctuation Pi, Letter L, Letternumber Nl, " +
    "Lineseparator Zl, Lowercaseletter Ll, Mark M, Mathsymbol Sm, Modifierletter Lm, " +
    "Modifiersymbol Sk, Nonspacingmark Mn, Number N, Openpunctuation Ps, Other C, " +
    "Otherletter Lo, Othernumber No, Otherpunctuation Po, Othersymbol So, " +
    "Paragraphseparator Zp, Privateuse Co, Punctuation P, Separator Z, Spaceseparator Zs, " +
    "Spacingmark Mc, Surrogate Cs, Symbol S, Titlecaseletter Lt, Unassigned Cn, " +
    "Uppercaseletter Lu, Cntrl Cc, Digit Nd, Punct P").split(", ").map((pair) =>
      pair.split(" ") as [string, string]
    ),
);

/** Go compares names without `_`, `-` and spaces, whatever their case. */
function canonicalName(name: string): string {
  const bare = name.replace(/[_\- ]/g, "");
  return bare.slice(0, 1).toUpperCase() + bare.slice(1).toLowerCase();
}

/** `\p{letter}` as `\p{L}`. */
function classOf(letter: string, name: string): string {
  const sign = name.startsWith("^") ? "^" : "";
  const canonical = canonicalName(name.slice(sign.length));
  const known = ALIASES.get(canonical);
  // Versions of Go differ in whether they know scripts of several words.
  if (known === undefined && /\w[_\- ]+\w/.test(name)) {
    throw limitError(`the class \\p{${name.slice(0, 50)}} in a regular expression`);
  }
  return `\\${letter}{${sign}${known ?? canonical}}`;
}

const PIECES = /\\Q[\s\S]*?(?:\\E|$)|\\([pP])(?:\{([^}]*)\}|([a-z]))|\\[\s\S]|\(\?P?<(\w+)>/g;

/** The pattern with the library's names of classes; only the first of groups of one name has it. */
export function libraryPattern(pattern: string): string {
  const names = new Set<string>();
  return pattern.replace(PIECES, (piece, letter, name, single, group) => {
    if (letter !== undefined) return classOf(letter, name ?? single);
    if (group === undefined) return piece;
    if (names.has(group)) return "(";
    names.add(group);
    return piece;
  });
}
