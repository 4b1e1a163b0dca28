/**
 * Results of policies as JSON text, integers of any size as they are.
 *
 * @module
 */

import { CliError } from "./errors.ts";

function scalarText(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new CliError("the value holds a number too large to be printed", { code: "DATA" });
  }
  return JSON.stringify(value);
}

/** JSON text; indented by two spaces if `indented`. Members that are `undefined` are left out. */
export function jsonText(value: unknown, indented: boolean, depth = 0): string {
  if (typeof value !== "object" || value === null) return scalarText(value);
  const below = (item: unknown) => jsonText(item, indented, depth + 1);
  const isList = Array.isArray(value);
  const colon = indented ? ": " : ":";
  const parts = isList ? value.map(below) : Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => JSON.stringify(name) + colon + below(member));
  const [open, close] = isList ? "[]" : "{}";
  if (!indented || parts.length === 0) return open + parts.join(",") + close;
  const line = "\n" + "  ".repeat(depth);
  return `${open}${line}  ${parts.join(`,${line}  `)}${line}${close}`;
}
