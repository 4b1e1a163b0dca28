/**
 * What a command is: its name, its options, what it does.
 *
 * @module
 */

import type { CliIo } from "./io.ts";
import type { Parsed } from "./parsed.ts";

/** One option of a command. */
export interface OptionSpec {
  /** Its long name, without dashes. */
  readonly name: string;
  /** Its short name: one letter. */
  readonly short?: string;
  /** What its value is called; without it the option is a flag. */
  readonly value?: string;
  /** Whether it may be given more than once. */
  readonly many?: boolean;
  /** Whether it must be given. */
  readonly required?: boolean;
  /** One sentence for the help. */
  readonly help: string;
}

/** One command. */
export interface Command {
  /** One word, or two: `trust add`. */
  readonly name: string;
  /** One sentence for the list of commands. */
  readonly summary: string;
  /** Names of the arguments, all of which must be given. */
  readonly operands: readonly string[];
  /** Whether the last argument may be given more than once. */
  readonly many?: boolean;
  /** The options; `--json` and `--help` are added to all. */
  readonly options: readonly OptionSpec[];
  /** Paragraphs for the help, after the options. */
  readonly notes: readonly string[];
  /** Runs it; returns the exit code. */
  run(parsed: Parsed, io: CliIo): Promise<number>;
}

/** Options that every command has. */
const COMMON_OPTIONS: readonly OptionSpec[] = [
  { name: "json", help: "Print one JSON object for programs." },
  { name: "help", short: "h", help: "Print this help." },
];

/** All options of a command. */
export function optionsOf(command: Command): readonly OptionSpec[] {
  return [...command.options, ...COMMON_OPTIONS];
}
