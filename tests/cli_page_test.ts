// kest page, kest explore, and what reads pages.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import * as http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { servePage } from "../lib/cli/serve.ts";
import { composePage } from "../lib/page/compose.ts";
import { readPage } from "../lib/page/read.ts";
import { createKest, generateKey, LocalOpaEngine, trustPolicy } from "../mod.ts";
import { assertOneLine, coded, kest, type World, world } from "./cli_world.ts";

const POLICY = 'package p\n\nallow if not "secret" in input.taints\n';

async function make(): Promise<{ readonly passport: string; readonly trust: string }> {
  const signer = await generateKey();
  const policyEngine = new LocalOpaEngine();
  policyEngine.addPolicy("p.rego", POLICY);
  const made = createKest({ signer, policyEngine });
  const enforceRules = ["data.p.allow"];
  const step = made.verified({ nodeId: "step:b", enforceRules }, (n: number) => n);
  const { passport } = await step(made.originate(1, { taint: ["pii"] }));
  const grants = [{ name: "me", key: signer.publicKey, mayOriginate: "any" as const }];
  return {
    passport: JSON.stringify(await passport.seal()),
    trust: JSON.stringify(trustPolicy(grants)),
  };
}

const { passport, trust } = await make();
const tampered = passport.replaceAll("step:b", "stop:b");

function place(): World {
  return world({ "p.json": passport, "bad.json": tampered, "trust.json": trust, "r.rego": POLICY });
}

function pageOf(from: World, path = "report.html"): string {
  return String(from.files.get(path));
}

function attribute(html: string, pattern: RegExp): string {
  return pattern.exec(html)?.[1] ?? "";
}

test("a page holds the passport, byte for byte, and is judged like it", async () => {
  const from = place();
  const made = await kest(from, "page", "p.json", "-o", "report.html", "--json");
  assert.equal(made.code, 0, made.err);
  const digest = createHash("sha256").update(passport).digest("hex");
  assert.equal(made.json.pages[0].digest, digest);
  assert.equal(made.json.pages[0].entries, 2);
  const direct = await kest(from, "verify", "p.json", "--trust", "trust.json", "--json");
  const page = await kest(from, "verify", "report.html", "--trust", "trust.json", "--json");
  assert.equal(page.code, 0, page.err);
  assert.deepEqual({ ...page.json, file: "" }, { ...direct.json, file: "" });
  await kest(from, "page", "bad.json", "-o", "bad.html");
  assert.equal((await kest(from, "verify", "bad.html", "--trust", "trust.json")).code, 1);
});

test("the trust policy in a page is its sender's: kest verify does not use it", async () => {
  const from = place();
  await kest(from, "page", "p.json", "-o", "report.html", "--trust", "trust.json");
  assert.match(pageOf(from), /id="kest-trust"/);
  assert.equal((await kest(from, "verify", "report.html")).code, 3);
});

test("kest show, replay and page read pages", async () => {
  const from = place();
  await kest(from, "page", "p.json", "-o", "report.html");
  assert.match((await kest(from, "show", "report.html")).out, /step:b/);
  const replayed = await kest(from, "replay", "report.html", "--policy", "r.rego");
  assert.equal(replayed.code, 0, replayed.err);
  await kest(from, "page", "report.html", "-o", "again.html", "--name", "p.json");
  assert.equal(pageOf(from, "again.html"), pageOf(from));
});

test("the same input makes the same bytes", async () => {
  const [a, b] = [place(), place()];
  for (const from of [a, b]) {
    await kest(from, "page", "p.json", "-o", "report.html", "--trust", "trust.json");
  }
  assert.equal(pageOf(a), pageOf(b));
});

test("the content policy admits the page's own scripts and style, and nothing else", async () => {
  for (const policies of [[], ["--policy", "r.rego"]]) {
    const from = place();
    await kest(from, "page", "p.json", "-o", "report.html", ...policies);
    const html = pageOf(from);
    const allowed = attribute(html, /Content-Security-Policy" content="([^"]*)"/);
    const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text]) => text!);
    assert.equal(scripts.length, policies.length === 0 ? 1 : 2);
    const named = attribute(allowed, /script-src ([^;]*)/).split(" ");
    assert.deepEqual(named.sort(), scripts.map(hash).sort());
    assert.equal(
      attribute(allowed, /style-src ([^;]*)/),
      hash(attribute(html, /<style>([\s\S]*?)<\/style>/)),
    );
    assert.match(allowed, /^default-src 'none'; /);
    assert.match(allowed, /connect-src 'none'/);
    assert.doesNotMatch(html.replaceAll(/<script>[\s\S]*?<\/script>/g, ""), /https?:/);
  }
});

test("hostile names stay text", async () => {
  const from = world({ "</title><script>x.json": passport });
  const name = '"><img src=x onerror=alert(1)>\u202e</script>';
  await kest(from, "page", "</title><script>x.json", "-o", "a.html");
  await kest(from, "page", "</title><script>x.json", "-o", "b.html", "--name", name);
  for (const file of ["a.html", "b.html"]) {
    const html = pageOf(from, file).replaceAll(/<script>[\s\S]*?<\/script>/g, "");
    assert.doesNotMatch(html, /<img|<script>|\u202e/);
    assert.equal([...html.matchAll(/<\/title>/g)].length, 1);
  }
});

test("a folder: one page each, and an index that names their digests", async () => {
  const from = place();
  from.files.set("sub/p.json", tampered);
  from.files.set("Index.json", passport);
  const made = await kest(from, "page", "--dir", "site/", "p.json", "sub/p.json", "Index.json");
  assert.equal(made.code, 0, made.err);
  const written = [...from.files.keys()].filter((path) => path.startsWith("site/")).sort();
  assert.deepEqual(written, [
    "site/Index-2.html",
    "site/index.html",
    "site/p-2.html",
    "site/p.html",
  ]);
  const index = pageOf(from, "site/index.html");
  for (const text of [passport, tampered]) {
    assert.match(index, new RegExp(createHash("sha256").update(text).digest("hex")));
  }
  assert.match(index, /<a href="p-2\.html">p\.json<\/a>/);
  assert.doesNotMatch(index, /<script/);
  assert.equal((await kest(from, "verify", "site/p-2.html", "--trust", "trust.json")).code, 1);
});

test("a folder that is not there is made, and no page says where policies lay", async () => {
  const directory = mkdtempSync(join(tmpdir(), "kest-site-"));
  try {
    mkdirSync(join(directory, "secret/policies"), { recursive: true });
    writeFileSync(join(directory, "p.json"), passport);
    writeFileSync(join(directory, "secret/policies/r.rego"), POLICY);
    const script = fileURLToPath(new URL("../lib/cli/main.ts", import.meta.url));
    const rights = ["--no-prompt", `--allow-read`, `--allow-write=${directory}`];
    const args = ["page", "--dir", "a/b/site", "p.json", "--policy", join(directory, "secret")];
    const { status, stderr } = spawnSync(Deno.execPath(), ["run", ...rights, script, ...args], {
      cwd: directory,
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    const html = readFileSync(join(directory, "a/b/site/p.html"), "utf8");
    const { policies } = await readPage(html);
    assert.deepEqual({ ...policies[0] }, { name: "policies/r.rego", source: POLICY });
    assert.equal(policies.length, 1);
    assert.ok(existsSync(join(directory, "a/b/site/index.html")));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("what is no page by kest is not replaced, unless that is asked for", async () => {
  const from = place();
  from.files.set("report.html", "<!doctype html><p>mine");
  assertOneLine(await kest(from, "page", "p.json", "-o", "report.html"), 2, "--force");
  assert.equal(pageOf(from), "<!doctype html><p>mine");
  assert.equal((await kest(from, "page", "p.json", "-o", "report.html", "--force")).code, 0);
  assert.equal((await kest(from, "page", "bad.json", "-o", "report.html")).code, 0);
  assert.equal((await kest(from, "page", "--dir", "site", "p.json")).code, 0);
  assert.equal((await kest(from, "page", "--dir", "site", "p.json")).code, 0);
});

test("wrong calls say what to do", async () => {
  const from = place();
  const cases: readonly (readonly [args: string[], ...parts: (string | RegExp)[]])[] = [
    [["page", "p.json"], "-o FILE or --dir DIR"],
    [["page", "p.json", "-o", "a.html", "--dir", "d"], "-o FILE or --dir DIR"],
    [["page", "p.json", "bad.json", "-o", "a.html"], "--dir takes several"],
    [["page", "p.json", "--dir", "d", "--name", "x"], "--name goes with -o"],
    [["page", "none.json", "-o", "a.html"], "no such file"],
    [["page", "r.rego", "-o", "a.html"], "r.rego"],
    [["page", "p.json", "-o", "a.html", "--trust", "p.json"], "trust"],
    [["page", "-", "-o", "a.html", "--trust", "-"], "standard input"],
    [["explore", "p.json", "--port", "70000"], "0 to 65535"],
    [["explore", "p.json", "--port", "x"], "0 to 65535"],
    [["explore", "none.json"], "no such file"],
  ];
  for (const [args, ...parts] of cases) assertOneLine(await kest(from, ...args), 2, ...parts);
  assert.equal(from.files.has("a.html"), false);
  assert.equal(from.served.length, 0);
});

test("a large block stands in several elements, in their order", async () => {
  const large = crypto.getRandomValues(new Uint8Array(65_536));
  const bytes = Uint8Array.from({ length: 2_000_000 }, (_, i) => large[(i * i) % 65_521]! ^ i >> 8);
  const html = composePage({ passport: bytes, name: "large.json", trust });
  const ids = [...html.matchAll(/ id="(kest-[^"]*)">/g)].map(([, id]) => id);
  assert.deepEqual(ids, ["kest-passport", "kest-passport-2", "kest-passport-3", "kest-trust"]);
  assert.deepEqual((await readPage(html)).passport, bytes);
  const lines = html.split("\n");
  const first = lines.findIndex((line) => line.includes('id="kest-passport"'));
  const [one, two, three, four] = lines.slice(first, first + 4);
  const wrong = {
    "exchanged": [one, three, two, four],
    "one left out": [one, three, four],
    "the first left out": [two, three, four],
    "one twice": [one, two, two, three, four],
    "another between": [one, two, four, three],
    "one more than there is": [one, two, three, four, three],
    "counted from one": [one!.replace("passport", "passport-1"), two, three, four],
  };
  for (const [name, parts] of Object.entries(wrong)) {
    const changed = lines.toSpliced(first, 4, ...parts.map(String)).join("\n");
    await assert.rejects(readPage(changed), { code: "PAGE" }, name);
  }
  const cut = lines.toSpliced(first, 4, one!, two!, four!).join("\n");
  await assert.rejects(readPage(cut), { code: "PAGE" }, "the last left out");
});

test("damaged pages are refused with one line", async () => {
  const from = place();
  await kest(from, "page", "p.json", "-o", "report.html");
  const html = pageOf(from);
  const block = attribute(html, /id="kest-passport">([^<]*)</);
  const damages: Readonly<Record<string, string>> = {
    "without a passport": html.replace(/<script type[^>]*>[^<]*<\/script>/, ""),
    "two passports": html.replace(
      "<body>",
      `<body><script type="application/x-kest+gzip" id="kest-passport">${block}</script>`,
    ),
    "an unknown block": html.replace('id="kest-passport"', 'id="kest-other"'),
    "cut": html.replace(block, block.slice(0, 400)),
    "flipped": html.replace(block, block.slice(0, 400) + "AAAA" + block.slice(404)),
    "another page": "<!DOCTYPE html><html><body>hello</body></html>",
    // What a browser would see otherwise than a reader of the text.
    "a comment": html.replace("<body>", "<body>\n<!--"),
    "a commented block": html.replace("<script type", "<!-- <script type"),
    "another kind of quotes": html.replace(
      '<script type="application',
      "<script type='application",
    ),
    "a template": html.replace("</p></div>", "</p></div><template>"),
    "a textarea": html.replace("<title>", "<title><textarea>"),
    "an entity in an id": html.replace('id="kest-passport"', 'id="kest&#45;passport"'),
    "a block after the scripts": html.replace(
      "</body>",
      `<script type="application/x-kest+gzip" id="kest-trust">${block}</script>\n</body>`,
    ),
    "a third script": html.replace("</body>", "<script>1</script>\n<script>2</script>\n</body>"),
    "a comment in a script": html.replace("<script>(", "<script><!--<script>("),
    "an attribute more": html.replace("<body>", '<body onload="1">'),
    "a base": html.replace("<head>", '<head>\n<base href="x">'),
    "text at the end": `${html}more`,
    "another case": html.replace("<head>", "<HEAD>"),
  };
  for (const [name, damaged] of Object.entries(damages)) {
    from.files.set("d.html", damaged);
    const result = await kest(from, "verify", "d.html", "--trust", "trust.json");
    assert.equal(result.code, 2, `${name}: ${result.out}`);
    assert.match(result.err, /^kest: d\.html: [^\n]+\n$/, name);
  }
});

test("kest explore serves the page, and ends when it is told to", async () => {
  const from = place();
  const result = await kest(from, "explore", "p.json", "--port", "8123", "--trust", "trust.json");
  assert.equal(result.code, 0, result.err);
  assert.equal(from.served[0]!.port, 8123);
  assert.match(from.served[0]!.html, /id="kest-trust"/);
  assert.deepEqual(from.browsed, ["http://127.0.0.1:1/x/"]);
  await kest(from, "explore", "p.json", "--no-open");
  assert.equal(from.browsed.length, 1);
  from.hasBrowser = false;
  assert.match((await kest(from, "explore", "p.json")).out, /Open it in a browser/);
  from.serveError = coded("EADDRINUSE");
  assertOneLine(await kest(from, "explore", "p.json", "--port", "80"), 2, "in use", "--port");
  from.serveError = coded("ERR_ACCESS_DENIED");
  assertOneLine(await kest(from, "explore", "p.json"), 2, "--allow-net=127.0.0.1");
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function ask(url: string, options: object = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, ...options }, (response) => {
      let body = "";
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () => {
        resolve({ status: response.statusCode, headers: response.headers, body });
      });
    }).on("error", reject);
  });
}

test("the server answers its own address only", async () => {
  const served = await servePage(http as unknown as Parameters<typeof servePage>[0], "<p>é", 0);
  try {
    const { host, origin, pathname } = new URL(served.url);
    assert.match(served.url, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/$/);
    const page = await ask(served.url);
    assert.deepEqual([page.status, page.body], [200, "<p>é"]);
    assert.equal(page.headers["cache-control"], "no-store");
    assert.equal(page.headers["x-frame-options"], "DENY");
    assert.equal((await ask(origin)).status, 404);
    assert.equal((await ask(`${served.url}x`)).status, 404);
    assert.equal((await ask(served.url, { headers: { host: "evil.example" } })).status, 403);
    assert.equal((await ask(`${origin}${pathname}`, { headers: { host } })).status, 200);
    assert.equal((await ask(served.url, { method: "POST" })).status, 405);
    await assert.rejects(
      servePage(
        http as unknown as Parameters<typeof servePage>[0],
        "",
        Number(new URL(origin).port),
      ),
      { code: "EADDRINUSE" },
    );
  } finally {
    await served.close();
  }
});

test("the samples of the Python package make pages too", async (t) => {
  let text: string;
  try {
    text = readFileSync(
      new URL("../../shared/kest-python/0.2.0-merge.json", import.meta.url),
      "utf8",
    );
  } catch {
    t.diagnostic("Left out: the Python samples; there is no ../shared/kest-python");
    return;
  }
  const from = world({ "python.json": text });
  assert.equal((await kest(from, "page", "python.json", "-o", "report.html")).code, 0);
  const direct = await kest(from, "verify", "python.json", "--json");
  const page = await kest(from, "verify", "report.html", "--json");
  assert.deepEqual({ ...page.json, file: "" }, { ...direct.json, file: "" });
});
