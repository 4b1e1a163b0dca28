/**
 * An `opa run --server` on loopback, for tests.
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** How a server is started. */
export interface ServerOptions {
  /** Files by path, below a directory of their own. */
  readonly files?: Readonly<Record<string, string>>;
  readonly port?: number;
}

/** A server that runs. */
export interface Server {
  readonly url: string;
  readonly port: number;
  /** Ends it at once, and resolves when it is gone. */
  stop(): Promise<void>;
}

/** Why opa cannot be run; `undefined` if it can. */
function missing(): string | undefined {
  const { error, status } = spawnSync("opa", ["version"], { stdio: "ignore" });
  if (error !== undefined) return `opa cannot be run: ${(error as { code?: string }).code}`;
  return status === 0 ? undefined : `opa version ended with ${status}`;
}

/** Why there can be no server; `undefined` if there can. */
export const MISSING = missing();

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

function directoryOf(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "kest-opa-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(500) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** Waits until the server answers; at most five seconds. */
async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  for (let round = 0; round < 100 && child.exitCode === null; round++) {
    if (await isHealthy(url)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`opa run did not answer; exit code ${child.exitCode}`);
}

/** Starts a server; the caller stops it. */
export async function start(
  args: readonly string[],
  { files = {}, port }: ServerOptions = {},
): Promise<Server> {
  const directory = directoryOf(files);
  const used = port ?? await freePort();
  const url = `http://127.0.0.1:${used}`;
  const flags = ["run", "--server", "--addr", `127.0.0.1:${used}`, "--skip-version-check"];
  const child = spawn("opa", [...flags, ...args], { cwd: directory, stdio: "ignore" });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async () => {
    child.kill("SIGKILL");
    await gone;
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await untilHealthy(url, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, port: used, stop };
}

/** A server for the time of one function. */
export async function withServer(
  args: readonly string[],
  options: ServerOptions,
  use: (server: Server) => Promise<void>,
): Promise<void> {
  const server = await start(args, options);
  try {
    await use(server);
  } finally {
    await server.stop();
  }
}
