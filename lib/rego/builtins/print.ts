/**
 * `print`: for people who look for a mistake. Always true.
 *
 * @module
 */

import { type BuiltinContext, type Builtins, printLine } from "../builtin.ts";
import { isString, RegoSet, termText, type Value } from "../value.ts";

const UNDEFINED = "<undefined>";

/** The values that an operand can have: it comes as the set of them. */
function valuesOf(operand: Value, context: BuiltinContext): readonly string[] {
  const values = operand instanceof RegoSet ? operand.sorted() : [operand];
  context.spend(values.length);
  const texts = values.map((value) => isString(value) ? value : termText(value, false));
  return texts.length === 0 ? [UNDEFINED] : texts;
}

/** One line for every choice of values, the last operand's changing first. */
function lines(operands: readonly Value[], context: BuiltinContext): readonly string[] {
  let made: readonly string[] = [];
  for (const [index, operand] of operands.entries()) {
    const values = valuesOf(operand, context);
    const before = index === 0 ? [undefined] : made;
    context.spend(before.length * values.length);
    made = before.flatMap((start) =>
      values.map((value) => {
        const line = start === undefined ? value : `${start} ${value}`;
        context.spend(line.length / 16);
        return line;
      })
    );
  }
  return operands.length === 0 ? [""] : made;
}

export const PRINT: Builtins = {
  "print": (operands, context) => {
    for (const line of lines(operands, context)) printLine(context, line);
    return true;
  },
};
