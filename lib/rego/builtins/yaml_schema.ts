/**
 * YAML's tags as Go's library has them.
 *
 * @module
 */

import {
  binaryTag,
  defineScalarTag,
  mergeTag,
  NOT_RESOLVED,
  realMapTag,
  Schema,
  seqTag,
  strTag,
} from "js-yaml";
import { limitError } from "../limits.ts";
import { fromBigInt, type Numeric } from "../number.ts";

/** A plain scalar that is an integer, as Go reads it: other bases, underscores. */
function yamlInteger(source: string): Numeric | undefined {
  const match = /^([-+]?)(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$/.exec(source);
  if (!match) return undefined;
  const digits = match[2]!.replaceAll("_", "").replace(/^0(?=[0-7]+$)/, "0o");
  const size = Number(digits);
  if (Number.isNaN(size)) return undefined;
  const isNegative = match[1] === "-";
  // Beyond 64 bits Go has doubles.
  if (size > 2 ** 64) return isNegative ? -size : size;
  const value = BigInt(digits);
  if (value >= 2n ** 64n || (isNegative && value > 2n ** 63n)) {
    return isNegative ? -Number(value) : Number(value);
  }
  return fromBigInt(isNegative ? -value : value);
}

/** A plain scalar that is a number with a fraction or an exponent. */
function yamlFloat(source: string): Numeric | undefined {
  if (!/^[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(source)) {
    return undefined;
  }
  const value = Number(source.replaceAll("_", ""));
  return Number.isFinite(value) ? value : undefined;
}

function scalar<T>(
  name: string,
  read: (source: string, isExplicit: boolean) => T | undefined,
) {
  return defineScalarTag<T>(`tag:yaml.org,2002:${name}`, {
    implicit: true,
    resolve: (source, isExplicit) => {
      const value = read(source, isExplicit);
      return value === undefined ? NOT_RESOLVED : value;
    },
    identify: () => false,
  });
}

const SPECIAL = /^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/;

/** The tags. */
export const SCHEMA: Schema = new Schema([
  strTag,
  seqTag,
  realMapTag,
  mergeTag,
  binaryTag,
  // Tags that nobody knows change nothing.
  ...["!", "tag:yaml.org,2002:"].flatMap((tagName) => [
    { ...realMapTag, tagName, matchByTagPrefix: true },
    { ...seqTag, tagName, matchByTagPrefix: true },
  ]),
  ...["!", "tag:yaml.org,2002:"].map((tagName) =>
    defineScalarTag(tagName, {
      matchByTagPrefix: true,
      resolve: (source) => source,
      identify: () => false,
    })
  ),
  defineScalarTag<never>("tag:yaml.org,2002:timestamp", {
    resolve: () => {
      throw limitError("YAML with the tag !!timestamp");
    },
    identify: () => false,
  }),
  scalar("null", (source) => /^(?:~|null|Null|NULL|)$/.test(source) ? null : undefined),
  scalar(
    "bool",
    (source) =>
      /^(?:true|True|TRUE)$/.test(source)
        ? true
        : /^(?:false|False|FALSE)$/.test(source)
        ? false
        : undefined,
  ),
  scalar("int", yamlInteger),
  scalar(
    "float",
    (source, isExplicit) =>
      SPECIAL.test(source)
        ? NaN
        : yamlFloat(source) ?? (isExplicit ? yamlInteger(source) : undefined),
  ),
]);
