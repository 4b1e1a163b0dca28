/**
 * Rule paths: `data.a.b["c-d"]`, or `a/b/c-d`.
 *
 * @module
 */

const PART = /\.([A-Za-z_][A-Za-z0-9_]*)|\[("(?:[^"\\]|\\.)*")\]/y;

function stringOf(literal: string): string | undefined {
  try {
    return JSON.parse(literal);
  } catch {
    return undefined;
  }
}

/** The parts below `data`; `undefined` if the text is no rule path. */
export function parseRulePath(rule: string): readonly string[] | undefined {
  if (rule.length > 4096) return undefined;
  if (rule.includes("/") && !rule.includes("[")) {
    const parts = rule.split("/");
    return parts.includes("") ? undefined : parts;
  }
  if (!rule.startsWith("data")) return undefined;
  const path: string[] = [];
  PART.lastIndex = 4;
  while (PART.lastIndex < rule.length) {
    const match = PART.exec(rule);
    const part = match && (match[1] ?? stringOf(match[2]!));
    if (typeof part !== "string") return undefined;
    path.push(part);
  }
  return path.length > 0 ? path : undefined;
}
