/**
 * Arguments of a command: operands and options, nothing guessed.
 *
 * @module
 */

import { type Command, optionsOf, type OptionSpec } from "./command.ts";
import { CliError } from "./errors.ts";
import { suggestion } from "./nearest.ts";
import { Parsed } from "./parsed.ts";

/** Ends with how to see the right usage. */
export function usageError(command: string, message: string): CliError {
  return new CliError(`${message}; kest help ${command} explains`);
}

/** Reads one command's arguments. */
class ArgumentReader {
  readonly operands: string[] = [];
  readonly values = new Map<string, string[]>();
  readonly #command: Command;
  readonly #args: readonly string[];
  #at = 0;

  constructor(command: Command, args: readonly string[]) {
    this.#command = command;
    this.#args = args;
  }

  read(): void {
    while (this.#at < this.#args.length) {
      const arg = this.#args[this.#at++]!;
      if (arg === "--") {
        this.operands.push(...this.#args.slice(this.#at));
        return;
      }
      if (arg.startsWith("-") && arg !== "-") this.#option(arg);
      else this.operands.push(arg);
    }
  }

  #fail(message: string): never {
    throw usageError(this.#command.name, message);
  }

  #spec(name: string): OptionSpec {
    const known = optionsOf(this.#command);
    const spec = known.find((each) => `--${each.name}` === name || `-${each.short}` === name);
    if (spec) return spec;
    const near = suggestion(name, known.map((each) => `--${each.name}`));
    throw new CliError(`unknown option ${name} of kest ${this.#command.name}; ${near}`);
  }

  #option(arg: string): void {
    const equals = arg.startsWith("--") ? arg.indexOf("=") : -1;
    const name = equals < 0 ? arg : arg.slice(0, equals);
    const spec = this.#spec(name);
    const before = this.values.get(spec.name);
    if (before && spec.value !== undefined && !spec.many) this.#fail(`${name} is given twice`);
    const value = this.#valueOf(spec, name, equals < 0 ? undefined : arg.slice(equals + 1));
    this.values.set(spec.name, [...before ?? [], value]);
  }

  #valueOf(spec: OptionSpec, name: string, given: string | undefined): string {
    if (spec.value === undefined) {
      if (given !== undefined) this.#fail(`${name} takes no value`);
      return "";
    }
    if (given !== undefined) return given;
    const next = this.#args[this.#at];
    if (next === undefined || next.startsWith("--")) this.#fail(`${name} needs ${spec.value}`);
    this.#at++;
    return next;
  }
}

function checkOperands(command: Command, operands: readonly string[]): void {
  const missing = command.operands[operands.length];
  if (missing !== undefined) throw usageError(command.name, `${missing} is missing`);
  const extra = command.many ? undefined : operands[command.operands.length];
  if (extra !== undefined) throw usageError(command.name, `unexpected argument ${extra}`);
}

/** Parses the arguments after a command's name. With `--help` nothing else is demanded. */
export function parseArguments(command: Command, args: readonly string[]): Parsed {
  const reader = new ArgumentReader(command, args);
  reader.read();
  const parsed = new Parsed(reader.operands, reader.values);
  if (parsed.has("help")) return parsed;
  checkOperands(command, reader.operands);
  for (const { name, value, required } of command.options) {
    if (required && !parsed.has(name)) {
      throw usageError(command.name, `--${name} ${value} is missing`);
    }
  }
  return parsed;
}
