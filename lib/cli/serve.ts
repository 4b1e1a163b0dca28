/**
 * One page on this machine's loopback address, for its user only.
 *
 * @module
 */

import { randomSeed } from "../bytes/random.ts";
import type { Served } from "./io.ts";

interface Request {
  readonly method?: string;
  readonly url?: string;
  readonly headers: { readonly host?: string };
}

interface Response {
  writeHead(status: number, headers: Readonly<Record<string, string>>): Response;
  end(body?: string): void;
}

interface Server {
  listen(port: number, host: string, listening: () => void): void;
  address(): { readonly port: number };
  on(event: "error", listener: (error: Error) => void): void;
  close(done: () => void): void;
  closeAllConnections(): void;
}

/** The part of `node:http` that is used here. */
export interface Http {
  createServer(handler: (request: Request, response: Response) => void): Server;
}

const HOST = "127.0.0.1";
const HEADERS = {
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/**
 * Serves a page on loopback. Other users of this machine cannot guess its path,
 * and names that lead here from elsewhere are refused.
 *
 * @throws an error with a `code`, `EADDRINUSE` among them.
 */
export async function servePage(http: Http, html: string, port: number): Promise<Served> {
  const path = `/${randomSeed()}/`;
  const server = http.createServer((request, response) => {
    const { port } = server.address();
    const isOurs = request.headers.host === `${HOST}:${port}`;
    const isPage = isOurs && request.url === path;
    if (!isPage) return response.writeHead(isOurs ? 404 : 403, HEADERS).end();
    if (request.method !== "GET" && request.method !== "HEAD") {
      return response.writeHead(405, { ...HEADERS, allow: "GET, HEAD" }).end();
    }
    response.writeHead(200, { ...HEADERS, "content-type": "text/html; charset=utf-8" });
    response.end(request.method === "HEAD" ? undefined : html);
  });
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject);
    server.listen(port, HOST, resolve);
  });
  return {
    url: `http://${HOST}:${server.address().port}${path}`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
