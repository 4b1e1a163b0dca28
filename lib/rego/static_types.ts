/**
 * What can be said of types before a policy runs: operators whose operands can
 * never fit. OPA's checker says more; the rest is undefined when it runs.
 *
 * @module
 */

import type { Node } from "./ir.ts";
import { typeName } from "./value.ts";

/** The types that operators take, besides those that take any. */
const OPERANDS: Readonly<Record<string, readonly string[]>> = {
  plus: ["number"],
  minus: ["number", "set"],
  mul: ["number"],
  div: ["number"],
  rem: ["number"],
  and: ["set"],
  or: ["set"],
};

/** The type of a term, if its form tells. */
function typeOf(node: Node): string | undefined {
  switch (node.op) {
    case "const":
      return typeName(node.value);
    case "array":
    case "set":
    case "object":
      return node.op;
    case "comprehension":
      return node.of;
    case "call":
      return node.name === "internal.template_string" ? "string" : undefined;
  }
  return undefined;
}

/** Why an operator can have no answer, in OPA's words. */
export function typeFault(name: string, args: readonly Node[]): string | undefined {
  const types = args.map(typeOf);
  if (name === "equal" || name === "eq") {
    const [left, right] = types;
    return left && right && left !== right ? `match error: ${left} and ${right}` : undefined;
  }
  if (!Object.hasOwn(OPERANDS, name)) return undefined;
  const wrong = types.find((type) => type && !OPERANDS[name]!.includes(type));
  return wrong && `${name}: invalid argument(s): ${wrong}`;
}
