/**
 * Doubles as Go's `strconv` writes them.
 *
 * @module
 */

/** Digits and decimal exponent of a positive finite double: 0.digits × 10^point. */
interface Digits {
  readonly digits: string;
  readonly point: number;
}

function parts(text: string): Digits {
  const [mantissa = "", exponent = "0"] = text.split("e");
  const digits = mantissa.replace(".", "");
  return { digits, point: Number(exponent) + 1 };
}

/** The shortest digits that read back as the same double. */
function shortest(value: number): Digits {
  return value === 0 ? { digits: "0", point: 1 } : parts(value.toExponential());
}

/** A double as a fraction of integers. */
function fractionOf(value: number): readonly [over: bigint, under: bigint] {
  let over = value;
  let under = 1n;
  for (; !Number.isInteger(over); under *= 2n) over *= 2;
  return [BigInt(over), under];
}

/** To the nearest integer, half to even. */
function nearest(over: bigint, under: bigint): bigint {
  const whole = over / under;
  const twice = 2n * (over % under);
  return twice > under || (twice === under && whole % 2n === 1n) ? whole + 1n : whole;
}

/** Exactly `count` significant digits of the double's own value. */
function rounded(value: number, count: number): Digits {
  if (value === 0) return { digits: "0".repeat(count), point: 1 };
  const [over, under] = fractionOf(value);
  let { point } = shortest(value);
  const scale = count - point;
  const [top, bottom] = scale >= 0
    ? [over * 10n ** BigInt(scale), under]
    : [over, under * 10n ** BigInt(-scale)];
  let digits = nearest(top, bottom).toString();
  if (digits.length > count) {
    digits = digits.slice(0, count);
    point++;
  }
  return { digits, point };
}

function exponentText(exponent: number, letter: string): string {
  const sign = exponent < 0 ? "-" : "+";
  return `${letter}${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function scientific({ digits, point }: Digits, letter: string, isZero: boolean): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  return digits[0] + fraction + exponentText(isZero ? 0 : point - 1, letter);
}

function plain({ digits, point }: Digits): string {
  if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return digits.padEnd(point, "0");
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

function fixed(value: number, precision: number): string {
  const [over, under] = fractionOf(value);
  const digits = nearest(over * 10n ** BigInt(precision), under).toString();
  if (precision === 0) return digits;
  const padded = digits.padStart(precision + 1, "0");
  return `${padded.slice(0, -precision)}.${padded.slice(-precision)}`;
}

function general(value: number, precision: number | undefined, letter: string): string {
  const count = precision === undefined ? undefined : Math.max(1, precision);
  const found = count === undefined ? shortest(value) : rounded(value, count);
  const digits = found.digits.replace(/0+$/, "") || "0";
  const exponent = value === 0 ? 0 : found.point - 1;
  if (exponent < -4 || exponent >= (count ?? 6)) {
    return scientific({ digits, point: found.point }, letter, value === 0);
  }
  return plain({ digits, point: found.point });
}

/** `%x` of a double: `0x1.8p+00`. */
function hexadecimal(
  value: number,
  precision: number | undefined,
  upper: boolean,
): string | undefined {
  if (precision !== undefined) return undefined;
  let exponent = 0;
  let mantissa = value;
  if (value !== 0) {
    while (mantissa >= 2) (mantissa /= 2), exponent++;
    while (mantissa < 1) (mantissa *= 2), exponent--;
  }
  let digits = "";
  let rest = mantissa - Math.floor(mantissa);
  while (rest > 0) {
    rest *= 16;
    digits += Math.floor(rest).toString(16);
    rest -= Math.floor(rest);
  }
  const sign = exponent < 0 ? "-" : "+";
  const text = `0x${Math.floor(mantissa)}${digits === "" ? "" : `.${digits}`}p${sign}${
    String(Math.abs(exponent)).padStart(2, "0")
  }`;
  return upper ? text.toUpperCase() : text;
}

/**
 * A double that is not negative under one of Go's verbs (e, E, f, g, G, x, X);
 * `undefined` for others.
 */
export function floatText(
  value: number,
  verb: string,
  precision: number | undefined,
  sharp: boolean,
): string | undefined {
  let text: string | undefined;
  switch (verb) {
    case "e":
    case "E":
      text = scientific(rounded(value, (precision ?? 6) + 1), verb, value === 0);
      break;
    case "f":
      text = fixed(value, precision ?? 6);
      break;
    case "g":
    case "G":
      text = general(value, precision, verb === "G" ? "E" : "e");
      break;
    case "x":
    case "X":
      return hexadecimal(value, precision, verb === "X");
  }
  return sharp && text !== undefined && !text.includes(".") && verb !== "g" && verb !== "G"
    ? text.replace(/^(\d+)/, "$1.")
    : text;
}
