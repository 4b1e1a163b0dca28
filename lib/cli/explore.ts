/**
 * `kest explore`: a passport in the browser.
 *
 * @module
 */

import { composePage } from "../page/compose.ts";
import type { Command } from "./command.ts";
import { CliError, EXIT_OK } from "./errors.ts";
import type { CliIo, Served } from "./io.ts";
import { usageError } from "./options.ts";
import { PAGE_OPTIONS, passportFrom, refuseTwoInputs, sharedFrom } from "./page_parts.ts";
import type { Parsed } from "./parsed.ts";
import { printJson, Screen } from "./screen.ts";

function portFrom(parsed: Parsed): number {
  const text = parsed.value("port") ?? "0";
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port < 65_536) return port;
  throw usageError("explore", `--port is a number from 0 to 65535, not ${text}`);
}

async function serve(io: CliIo, html: string, port: number): Promise<Served> {
  try {
    return await io.serve(html, port);
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === "ERR_ACCESS_DENIED") {
      throw new CliError("cannot serve: permission not granted; run with --allow-net=127.0.0.1", {
        code: "PERMISSION",
      });
    }
    const why = code === "EADDRINUSE" ? "it is in use" : String((error as Error).message);
    throw new CliError(`cannot serve on port ${port}: ${why}; leave --port out for a free one`, {
      code: "PORT",
    });
  }
}

async function run(parsed: Parsed, io: CliIo): Promise<number> {
  refuseTwoInputs(parsed, "explore");
  const port = portFrom(parsed);
  const { parts, entries } = await passportFrom(io, parsed.operands[0]!);
  const html = composePage({ ...parts, ...await sharedFrom(parsed, io) });
  const served = await serve(io, html, port);
  // Whoever reads the address may end it at once.
  const stopped = io.stopped();
  const isOpen = !parsed.has("no-open") && await io.browse(served.url);
  if (parsed.has("json")) printJson(io, { url: served.url, entries });
  else {
    const screen = new Screen(io);
    screen.text([], `${parts.name}: ${entries} entries, on this machine only, at`, 0);
    screen.text([], served.url, 2);
    screen.text([], isOpen ? "Ctrl-C ends it." : "Open it in a browser. Ctrl-C ends it.", 0);
    screen.flush();
  }
  await stopped;
  await served.close();
  return EXIT_OK;
}

/** The command. */
export const explore: Command = {
  name: "explore",
  summary: "Look at a passport in the browser: its graph, its taints, whether it verifies.",
  operands: ["FILE"],
  options: [
    ...PAGE_OPTIONS,
    { name: "port", value: "N", help: "The port on the loopback address. Default: a free one." },
    { name: "no-open", help: "Print the address, and start no browser." },
  ],
  notes: [
    "FILE is a passport, also of the Python package, or a page. Nothing leaves this machine.",
    "It is served on 127.0.0.1 under an address that other users cannot guess, until Ctrl-C.",
  ],
  run,
};
