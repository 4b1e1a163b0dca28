/**
 * The help of all commands, from their descriptions.
 *
 * @module
 */

import { type Command, optionsOf, type OptionSpec } from "./command.ts";
import type { Screen } from "./screen.ts";

const EXIT_CODES: readonly (readonly [string, string])[] = [
  ["0", "Verified, reproduced, allowed, or done."],
  ["1", "Invalid: changed, expired, not allowed, not reproduced, or against the rules."],
  ["2", "Wrong usage, or input that cannot be read."],
  ["3", "Nothing wrong found, but nothing proven: unsigned, unknown key, no answer."],
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

function rows(
  screen: Screen,
  items: readonly (readonly [string, string])[],
  width: number = Math.max(...items.map(([label]) => label.length)),
): void {
  const indent = 4 + width;
  for (const [label, text] of items) screen.row([`  ${label}`], text, indent);
}

/** Commands about one thing. */
export interface CommandGroup {
  /** What they are about. */
  readonly title: string;
  readonly commands: readonly Command[];
}

/** Prints what kest can do. */
export function printHelp(screen: Screen, groups: readonly CommandGroup[]): void {
  screen.text([], "kest: attested data lineage on the command line", 0);
  const width = Math.max(
    ...groups.flatMap(({ commands }) => commands.map(({ name }) => name.length)),
  );
  for (const { title, commands } of groups) {
    screen.gap();
    screen.line(`${title}:`);
    rows(screen, commands.map(({ name, summary }) => [name, summary]), width);
  }
  screen.gap();
  rows(screen, [["help", "Explain a command: kest help verify."]], width);
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
  const operands = command.operands.map((operand) => ` ${operand}`).join("") +
    (command.many ? " ..." : "");
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
