/**
 * The help of all commands, from their descriptions.
 *
 * @module
 */

import { type Command, optionsOf, type OptionSpec } from "./command.ts";
import type { Screen } from "./screen.ts";

const EXIT_CODES: readonly (readonly [string, string])[] = [
  ["0", "Verified, or done."],
  ["1", "Invalid: changed, expired, not allowed, or against the format."],
  ["2", "Wrong usage, or input that cannot be read."],
  ["3", "Nothing wrong found, but not verified: unsigned, or by a key nobody trusts."],
];

const START = [
  "kest keygen -o key.jwk",
  "kest trust add key.pub.jwk --name me -o trust.json",
  "kest verify passport.json --trust trust.json",
];

function usageOf(spec: OptionSpec): string {
  const value = spec.value === undefined ? "" : ` ${spec.value}`;
  return `${spec.short ? `-${spec.short}, ` : ""}--${spec.name}${value}${spec.many ? " ..." : ""}`;
}

function rows(screen: Screen, items: readonly (readonly [string, string])[]): void {
  const indent = 4 + Math.max(...items.map(([label]) => label.length));
  for (const [label, text] of items) screen.row([`  ${label}`], text, indent);
}

/** Prints what kest can do. */
export function printHelp(screen: Screen, commands: readonly Command[]): void {
  screen.text([], "kest: attested data lineage on the command line", 0);
  screen.gap();
  screen.line("Commands:");
  rows(screen, [
    ...commands.map((command) => [command.name, command.summary] as const),
    ["help", "Explain a command: kest help verify."],
  ]);
  screen.gap();
  screen.line("To begin:");
  for (const line of START) screen.text([], line, 2);
  screen.gap();
  screen.line("Exit codes:");
  rows(screen, EXIT_CODES);
  screen.gap();
  screen.text([], "Every command takes --json. kest --version prints the version.", 0);
}

/** Prints how one command is used. */
export function printCommandHelp(screen: Screen, command: Command): void {
  const operands = command.operands.map((operand) => ` ${operand}`).join("");
  const required = command.options.filter((spec) => spec.required)
    .map((spec) => ` ${spec.short ? `-${spec.short}` : `--${spec.name}`} ${spec.value}`).join("");
  screen.text([], command.summary, 0);
  screen.gap();
  screen.text(["Usage: "], `kest ${command.name}${operands}${required} [options]`, 7);
  screen.gap();
  screen.line("Options:");
  rows(screen, optionsOf(command).map((spec) => [usageOf(spec), spec.help] as const));
  for (const note of command.notes) {
    screen.gap();
    screen.text([], note, 0);
  }
}
