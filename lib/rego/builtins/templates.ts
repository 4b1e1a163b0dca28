/**
 * Texts with values in them: `$"…{x}…"` and Go's text templates.
 *
 * @module
 */

import {
  arrayAt,
  type BuiltinContext,
  type Builtins,
  objectAt,
  printLine,
  stringAt,
} from "../builtin.ts";
import { RegoError } from "../errors.ts";
import { parseJsonText } from "../json.ts";
import { isSet, isString, type ObjectValue, termText, type Value } from "../value.ts";
import { parseTemplate } from "./go_template.ts";
import { renderTemplate } from "./go_template_run.ts";

const UNDEFINED = "<undefined>";

/** Parts are texts and sets: of the one value that an expression has, or of none. */
function templateString(args: readonly Value[], context: BuiltinContext): Value {
  let text = "";
  for (const part of arrayAt(args, 0)) {
    const shown = textOfPart(part);
    context.spend(1 + shown.length / 16);
    text += shown;
  }
  return text;
}

function textOfPart(part: Value): string {
  if (!isSet(part)) return isString(part) ? part : termText(part, false);
  const [value, ...others] = part.sorted();
  if (others.length > 0) {
    throw new RegoError(
      "eval_conflict_error",
      "template-strings must not produce multiple outputs",
    );
  }
  if (value === undefined) return UNDEFINED;
  return isString(value) ? value : termText(value, false);
}

function render(args: readonly Value[], context: BuiltinContext): Value {
  const template = stringAt(args, 0);
  const variables = objectAt(args, 1);
  context.spend(1 + template.length);
  // OPA reads the variables' text as JSON, so that there are no sets among them.
  const known = parseJsonText(termText(variables, false)) as ObjectValue;
  const text = renderTemplate(parseTemplate(template), known, context);
  return text.replaceAll("<no value>", UNDEFINED);
}

export const TEMPLATES: Builtins = {
  "internal.template_string/1": templateString,
  "strings.render_template/2": render,
  "trace/1": (args, context) => {
    printLine(context, stringAt(args, 0));
    return true;
  },
};
