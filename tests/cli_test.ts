/** The command line: every command, every option, every exit code. */

import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { type CliIo, main, processIo } from "../lib/cli/main.ts";
import { CLI_VERSION } from "../lib/cli/version.ts";
import { nearest } from "../lib/cli/nearest.ts";
import { columnsOf, wrap } from "../lib/cli/screen.ts";
import { parseTime, timeText } from "../lib/cli/time.ts";
import { assertOneLine, coded, kest, type World, world } from "./cli_world.ts";
import { createKest, generateKey, type Passport, type PassportJson, trustPolicy } from "../mod.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const SIGNER = await generateKey();
const OTHER = await generateKey();
const KEST = createKest({ signer: SIGNER });
const KEY = JSON.stringify(SIGNER.publicKey.jwk);
const TRUST = JSON.stringify(
  trustPolicy([{ name: "me", key: SIGNER.publicKey, mayOriginate: "any" }]),
);

const STRIP = KEST.verified(
  { nodeId: "strip", addedTaint: ["pii_stripped"] },
  (row: { ssn: string }) => ({ ...row, ssn: "***" }),
);
const MERGE = KEST.verified(
  { nodeId: "merge" },
  (a: { ssn: string }, b: { ssn: string }) => ({ a: a.ssn, b: b.ssn }),
);
const RAW = KEST.originate({ ssn: "123" }, {
  userId: "alice",
  taint: ["pii_data"],
  trustScore: 0.4,
});
const MERGED = await MERGE(await STRIP(RAW), RAW);
const SEALED = await MERGED.passport.seal();
const GOOD = JSON.stringify(SEALED);

function goodWorld(): World {
  return world({
    "good.json": GOOD,
    "trust.json": TRUST,
    "key.jwk": KEY,
    "data.json": JSON.stringify(MERGED.data),
  });
}

// deno-lint-ignore no-explicit-any
function edited(change: (passport: any) => void, from: PassportJson | string = GOOD): string {
  const passport = JSON.parse(typeof from === "string" ? from : JSON.stringify(from));
  change(passport);
  return JSON.stringify(passport);
}

function idOf(passport: Passport, node: string): string {
  const entry = Object.values(passport.history).find((each) => each.node_id === node);
  assert(entry);
  return entry.entry_id;
}

// ---- Help, version, usage. ----

test("the version is that of deno.json", async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8"));
  assert.equal(CLI_VERSION, version);
  assert.equal((await kest(world(), "--version")).out, `${version}\n`);
  assert.deepEqual((await kest(world(), "--version", "--json")).json, { version });
});

test("help names every command and every option", async () => {
  const all = await kest(world(), "help");
  for (const name of ["keygen", "trust add", "trust show", "verify", "show"]) {
    assert(all.out.includes(`  ${name}`));
    const one = await kest(world(), "help", ...name.split(" "));
    assert.equal(one.code, 0);
    assert(one.out.includes(`Usage: kest ${name}`));
    assert.match(one.out, /--json/);
    const short = await kest(world(), ...name.split(" "), "-h");
    assert.deepEqual(short, one);
    assert.deepEqual(await kest(world(), ...name.split(" "), "x", "--help"), one);
  }
  for (const form of [["--help"], ["-h"], ["trust", "--help"], ["help", "trust"]]) {
    assert.deepEqual(await kest(world(), ...form), all);
  }
  assert.equal((await kest(world(), "help", "--json")).json.help, all.out);
});

test("help says what --key allows and what exit codes mean", async () => {
  const { out } = await kest(world(), "help", "verify");
  assert.match(out, /everything but removing taints and raising trust/);
  assert.match(out, /0 verified, 1 invalid, 2 wrong usage or unreadable, 3 not verified/);
});

test("unknown words are named, with the nearest known one", async () => {
  const cases: [string[], string, RegExp][] = [
    [["verfy", "x"], "verfy", /did you mean verify\?/],
    [["trust", "ad"], "trust ad", /did you mean add\?/],
    [["zzzzzzzzzzzz"], "zzzzzzzzzzzz", /known are keygen/],
    [["help", "shwo"], "shwo", /did you mean show\?/],
    [["--verson"], "--verson", /did you mean --version\?/],
    [["verify", "good.json", "--turst", "x"], "--turst", /did you mean --trust\?/],
    [["verify", "good.json", "-x"], "-x", /kest verify/],
    [["show", "--data=x", "f"], "--data", /kest show/],
  ];
  for (const [args, word, near] of cases) {
    assertOneLine(await kest(goodWorld(), ...args), 2, word, near);
  }
});

test("wrong usage ends with 2 and one line", async () => {
  const cases: [string[], RegExp][] = [
    [[], /no command/],
    [["trust"], /trust needs a command: add or show/],
    [["verify"], /FILE is missing/],
    [["verify", "a", "b"], /unexpected argument b/],
    [["verify", "a", "--trust"], /--trust needs FILE/],
    [["verify", "a", "--trust", "--json=1"], /--trust needs FILE/],
    [["verify", "a", "--nonce", "x", "--nonce", "y"], /given twice/],
    [["keygen"], /--output FILE is missing/],
    [["keygen", "-o", "-"], /needs the name of a file/],
    [["keygen", "-o", "x", "--force=1"], /takes no value/],
    [["trust", "add", "key.jwk", "-o", "t"], /--name NAME is missing/],
  ];
  for (const [args, message] of cases) {
    assertOneLine(await kest(goodWorld(), ...args), 2, message);
  }
});

test("errors are one JSON object with --json", async () => {
  const usage = await kest(world(), "verfy", "--json");
  assert.equal(usage.code, 2);
  assert.equal(usage.err, "");
  assert.deepEqual(Object.keys(usage.json), ["exit", "error"]);
  assert.equal(usage.json.exit, 2);
  assert.equal(usage.json.error.code, "USAGE");
  const missing = await kest(world(), "verify", "none.json", "--json");
  assert.equal(missing.json.error.code, "NO_FILE");
  assert.match(missing.json.error.message, /none\.json: no such file/);
});

test("-- ends the options", async () => {
  const place = world({ "--odd": GOOD, "trust.json": TRUST });
  const result = await kest(place, "verify", "--trust=trust.json", "--", "--odd");
  assert.equal(result.code, 0);
  assertOneLine(await kest(place, "show", "--", "--json"), 2, "--json");
});

// ---- keygen. ----

test("keygen writes a private key only its owner can read, and a public one", async () => {
  const place = world();
  const result = await kest(place, "keygen", "-o", "key.jwk");
  assert.equal(result.code, 0);
  assert.deepEqual([...place.files.keys()], ["key.jwk", "key.pub.jwk"]);
  assert.equal(place.modes.get("key.jwk"), 0o600);
  const secret = JSON.parse(place.files.get("key.jwk") as string);
  const open = JSON.parse(place.files.get("key.pub.jwk") as string);
  assert.deepEqual(Object.keys(open), ["kty", "crv", "x"]);
  assert.equal(open.x, secret.x);
  assert(!result.out.includes(secret.d));
});

test("keygen names the public key after the private one", async () => {
  for (const [name, expected] of [["a.json", "a.pub.jwk"], ["a", "a.pub.jwk"]] as const) {
    const { json } = await kest(world(), "keygen", "-o", name, "--json");
    assert.deepEqual(Object.keys(json), ["publicKeyId", "privateKey", "publicKey"]);
    assert.equal(json.publicKey, expected);
    assert.match(json.publicKeyId, /^[\w-]{43}$/);
  }
});

test("keygen replaces neither file without --force", async () => {
  for (const name of ["key.jwk", "key.pub.jwk"]) {
    const place = world({ [name]: "old" });
    assertOneLine(await kest(place, "keygen", "-o", "key.jwk"), 2, name, "--force");
    assert.deepEqual([...place.files], [[name, "old"]]);
    assert.equal((await kest(place, "keygen", "-o", "key.jwk", "--force")).code, 0);
    assert.notEqual(place.files.get(name), "old");
  }
});

function tempDirectory(): string {
  return mkdtempSync(join(tmpdir(), "kest-cli-"));
}

test("keygen and trust add on a real disk", async () => {
  const directory = tempDirectory();
  try {
    const io: CliIo = { ...processIo(), cwd: directory, stdout: () => {}, stderr: () => {} };
    assert.equal(await main(["keygen", "-o", "key.jwk"], io), 0);
    assert.equal(await main(["keygen", "-o", "key.jwk"], io), 2);
    assert.equal(await main(["keygen", "-o", "key.jwk", "--force"], io), 0);
    const add = ["trust", "add", "key.pub.jwk", "--name", "me", "-o", "trust.json"];
    assert.equal(await main(add, io), 0);
    assert.equal(await main(add, io), 2);
    assert.equal(await main([...add, "--force"], io), 0);
    assert.deepEqual(readdirSync(directory).sort(), ["key.jwk", "key.pub.jwk", "trust.json"]);
    if (process.platform !== "win32") {
      assert.equal(statSync(join(directory, "key.jwk")).mode & 0o777, 0o600);
    }
    assert.equal(await main(["verify", "."], io), 2);
    await assert.rejects(io.readFile(join(directory, "key.jwk"), 3), { code: "EFBIG" });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a link is written through, not replaced", async () => {
  const directory = tempDirectory();
  try {
    const target = join(directory, "real.json");
    const link = join(directory, "link.json");
    writeFileSync(target, TRUST);
    symlinkSync(target, link);
    writeFileSync(join(directory, "o.jwk"), JSON.stringify(OTHER.publicKey.jwk));
    const io: CliIo = { ...processIo(), cwd: directory, stdout: () => {}, stderr: () => {} };
    const code = await main(["trust", "add", "o.jwk", "--name", "o", "-o", "link.json"], io);
    assert.equal(code, 0);
    assert.equal(JSON.parse(readFileSync(target, "utf8")).keys.length, 2);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

// ---- trust. ----

test("trust add makes a policy that verify accepts", async () => {
  const place = world({ "good.json": GOOD, "key.jwk": KEY });
  const added = await kest(place, "trust", "add", "key.jwk", "--name", "me", "-o", "t.json");
  assert.equal(added.code, 0);
  assert(added.out.includes(SIGNER.publicKey.id));
  const { keys } = JSON.parse(place.files.get("t.json") as string);
  assert.deepEqual(keys, [{
    name: "me",
    public_key: SIGNER.publicKey.jwk,
    public_key_id: SIGNER.publicKey.id,
    nodes: ["*"],
    may_originate: [{ nodes: ["*"], users: ["*"] }],
  }]);
  assert.equal((await kest(place, "verify", "good.json", "--trust", "t.json")).code, 0);
});

test("trust add takes every right, and trust show names it", async () => {
  const place = goodWorld();
  place.files.set("o.jwk", JSON.stringify(OTHER.publicKey.jwk));
  const rights = ["--node", "a*", "--node", "b", "--user", "al*", "--declassify", "pii_*"];
  const scores = ["--max-trust", "0.5", "--raise-trust", "--json"];
  const args = ["trust", "add", "o.jwk", "--name", "other", ...rights, ...scores];
  const { json } = await kest(place, ...args, "-o", "trust.json");
  assert.equal(json.keys, 2);
  assert.equal(json.replaced, false);
  assert.deepEqual(json.key.nodes, ["a*", "b"]);
  assert.deepEqual(json.key.may_originate, [{ nodes: ["*"], users: ["al*"] }]);
  assert.deepEqual(json.key.may_declassify, ["pii_*"]);
  assert.equal(json.key.max_trust, 0.5);
  assert.equal(json.key.may_raise_trust, true);
  const before = place.files.get("trust.json");
  place.files.set("secret.jwk", JSON.stringify(OTHER.exportPrivateJwk()));
  const refused = await kest(
    place,
    "trust",
    "add",
    "secret.jwk",
    "--name",
    "x",
    "-o",
    "trust.json",
  );
  assertOneLine(refused, 2, "secret.jwk is a private key", "*.pub.jwk");
  assert.equal(place.files.get("trust.json"), before);
  const shown = await kest(place, "trust", "show", "trust.json");
  for (const part of ["2 trusted keys", "other", "a*, b", "for al*", "pii_*", "at most 0.5; may"]) {
    assert(shown.out.includes(part), part);
  }
  const parsed = (await kest(place, "trust", "show", "trust.json", "--json")).json;
  assert.deepEqual(parsed, { file: "trust.json", policy: JSON.parse(String(before)) });
});

test("trust add replaces a key only with --force, and says if it was revoked", async () => {
  const place = goodWorld();
  const policy = JSON.parse(TRUST);
  policy.keys[0].revoked = { reason: "lost" };
  place.files.set("trust.json", JSON.stringify(policy));
  assert.match((await kest(place, "trust", "show", "trust.json")).out, /REVOKED +lost/);
  const add = ["trust", "add", "key.jwk", "--name", "again", "-o", "trust.json"];
  assertOneLine(await kest(place, ...add), 2, "as me", "--force");
  assert.equal(place.files.get("trust.json"), JSON.stringify(policy));
  const replaced = await kest(place, ...add, "--originate", "none", "--force");
  assert.match(replaced.out, /was revoked \(lost\)/);
  const { keys } = JSON.parse(place.files.get("trust.json") as string);
  assert.equal(keys.length, 1);
  assert.deepEqual([keys[0].name, keys[0].may_originate], ["again", []]);
});

test("trust add refuses what makes no sense, and writes nothing", async () => {
  const cases: [string[], RegExp][] = [
    [["--originate", "some"], /any or none/],
    [["--originate", "none", "--user", "a"], /--user/],
    [["--max-trust", "2"], /from 0 to 1/],
    [["--max-trust", "-1"], /from 0 to 1/],
    [["--max-trust", "0x1"], /from 0 to 1/],
    [["--declassify", "PII"], /can match no taint/],
    [["--node", ""], /\/keys\/0\/nodes\/0/],
  ];
  for (const [args, message] of cases) {
    const place = world({ "key.jwk": KEY });
    const add = ["trust", "add", "key.jwk", "--name", "me", "-o", "t.json"];
    assertOneLine(await kest(place, ...add, ...args), 2, message);
    assert(!place.files.has("t.json"));
  }
});

test("malformed trust policies and keys end with 2", async () => {
  const broken: [string, RegExp][] = [
    ["nonsense", /not|JSON/],
    ["{}", /version|keys/],
    [TRUST.replace('"nodes"', '"node"'), /unknown member/],
    [TRUST.replace('"name"', '"name":"x","name"'), /twice/],
  ];
  for (const [text, message] of broken) {
    const place = goodWorld();
    place.files.set("trust.json", text);
    const verify = ["verify", "good.json", "--trust", "trust.json"];
    assertOneLine(await kest(place, ...verify), 2, "trust.json", message);
    assertOneLine(await kest(place, "trust", "show", "trust.json"), 2, message);
    place.files.set("key.jwk", text);
    const add = ["trust", "add", "key.jwk", "--name", "me", "-o", "t.json"];
    assertOneLine(await kest(place, ...add), 2, "key.jwk", "keygen");
  }
});

// ---- verify. ----

test("a good passport is verified with its data", async () => {
  const args = ["verify", "good.json", "--trust", "trust.json", "--data", "data.json"];
  const result = await kest(goodWorld(), ...args);
  assert.equal(result.code, 0);
  assert.equal(result.err, "");
  const lines = result.out.split("\n");
  assert.equal(lines[0], "VERIFIED  good.json");
  const aspects = ["integrity", "identity", "completeness", "policy", "freshness"];
  aspects.forEach((aspect, index) => {
    assert(lines[index + 1]!.startsWith(`  ${aspect.padEnd(12)}  `));
    assert.match(lines[index + 1]!, /\b(pass|none)\b +[A-Z].*\.$/);
  });
  for (const part of ["Not proven", "alice", "pii_data", "0.4", SIGNER.publicKey.id, "(me)"]) {
    assert(result.out.includes(part), part);
  }
});

test("the JSON report has the file, the exit code and the whole report", async () => {
  const args = ["verify", "good.json", "--trust", "trust.json", "--json"];
  const { json, out, code } = await kest(goodWorld(), ...args);
  assert.equal(code, 0);
  assert.equal(out.trimEnd().split("\n").length, 1);
  assert.deepEqual([json.file, json.exit, json.outcome], ["good.json", 0, "verified"]);
  assert.deepEqual(Object.keys(json.verdicts).sort(), [
    "completeness",
    "freshness",
    "identity",
    "integrity",
    "policy",
  ]);
  assert.deepEqual(json.signers, [{ publicKeyId: SIGNER.publicKey.id, name: "me" }]);
});

test("--key trusts one key, but not to declassify", async () => {
  const place = goodWorld();
  const good = await kest(place, "verify", "good.json", "--key", "key.jwk");
  assert.equal(good.code, 0);
  const released = await KEST.declassify(MERGED, {
    remove: ["pii_data"],
    reason: "aggregate",
    signer: SIGNER,
  });
  place.files.set("released.json", JSON.stringify(await released.passport.seal()));
  const refused = await kest(place, "verify", "released.json", "--key", "key.jwk");
  assert.equal(refused.code, 1);
  assert.match(refused.out, /DECLASSIFY_NOT_ALLOWED/);
  place.files.set("o.jwk", JSON.stringify(OTHER.publicKey.jwk));
  const unknown = await kest(place, "verify", "good.json", "--key", "o.jwk");
  assert.equal(unknown.code, 3);
  assert.match(unknown.out, /KEY_UNKNOWN/);
  const both = ["verify", "good.json", "--key", "key.jwk", "--trust", "trust.json"];
  assertOneLine(await kest(place, ...both), 2, "exclude");
});

test("nothing wrong but not verified ends with 3 and advice", async () => {
  const place = goodWorld();
  const cases: [string, string, string[], RegExp][] = [
    ["no trust", GOOD, [], /--trust FILE or --key FILE/],
    ["open", JSON.stringify(MERGED.passport), ["--key", "key.jwk"], /seal/],
    ["unsigned", JSON.stringify(createKest().originate(1).passport), [], /configure a signer/],
  ];
  for (const [name, text, args, advice] of cases) {
    place.files.set("p.json", text);
    const result = await kest(place, "verify", "p.json", ...args);
    assert.equal(result.code, 3, name);
    assert.match(result.out, /^NOT VERIFIED {2}p\.json\n/);
    assert.match(result.out, advice);
  }
});

test("a hand-edited entry is named, with what is stored and what is computed", async () => {
  const id = idOf(SEALED, "strip");
  const place = goodWorld();
  place.files.set(
    "edited.json",
    edited((passport) => passport.history[id].accumulated_taint = ["pii_stripped"]),
  );
  const result = await kest(place, "verify", "edited.json", "--trust", "trust.json");
  assert.equal(result.code, 1);
  assert.match(result.out, /^INVALID {2}edited\.json\n/);
  assert(result.out.includes(`${id} (strip) was changed`));
  assert.match(result.out, /accumulated_taint: stored \["pii_stripped"\], computed \["pii_data"/);
  place.files.set("edited.json", edited((passport) => passport.history[id].timestamp_ms++));
  const other = await kest(place, "verify", "edited.json", "--trust", "trust.json");
  assert.match(other.out, /entry_hash: stored [0-9a-f]{12}…, computed [0-9a-f]{12}…/);
});

test("thousands of like findings are grouped, and no more than 20 are listed", async () => {
  let value = KEST.originate(0);
  const inc = KEST.verified({ nodeId: "inc" }, (n: number) => n + 1);
  for (let i = 0; i < 300; i++) value = await inc(value);
  const place = goodWorld();
  place.files.set(
    "p.json",
    edited((passport) => {
      for (const entry of Object.values<Record<string, unknown>>(passport.history)) {
        entry["labels"] = { forged: "yes" };
      }
    }, (await value.passport.seal()).toJSON()),
  );
  const result = await kest(place, "verify", "p.json", "--key", "key.jwk");
  assert.equal(result.code, 1);
  assert.match(result.out, /and 299 more of ENTRY_CHANGED, at inc \(299\)/);
  assert(result.out.split("\n").length < 40);
  const full = await kest(place, "verify", "p.json", "--key", "key.jwk", "--json");
  assert(full.json.findings.length >= 301);
});

test("readers, nonces, times, heads and origins are asked for", async () => {
  const expiresAt = Date.now() + 3_600_000;
  const sealed = await MERGED.passport.seal({ audience: "bob", nonce: "n1", expiresAt });
  const place = goodWorld();
  place.files.set("p.json", JSON.stringify(sealed));
  const ask = (...args: string[]) => kest(place, "verify", "p.json", "--key", "key.jwk", ...args);
  const right = ["--audience", "bob", "--nonce", "n1"];
  const head = sealed.heads[0]!.entry_hash;
  assert.equal((await ask(...right)).code, 0);
  assert.equal((await ask()).code, 3);
  assert.match((await ask()).out, /--audience/);
  assert.equal((await ask("--audience", "eve", "--nonce", "n1")).code, 1);
  assert.equal((await ask("--audience", "bob", "--nonce", "n2")).code, 1);
  const late = String(expiresAt + 1);
  assert.match((await ask(...right, "--at", late)).out, /EXPIRED/);
  assert.equal((await ask(...right, "--at", "2001-01-01T00:00:00Z")).code, 1);
  assert.equal((await ask(...right, "--expect-head", head, "--expect-origin", "alice")).code, 0);
  assert.equal((await ask(...right, "--expect-head", "0".repeat(64))).code, 1);
  assert.equal((await ask(...right, "--expect-origin", "eve")).code, 1);
  assert.equal((await ask(...right, "--expect-origin=eve", "--expect-origin=alice")).code, 0);
  place.now = expiresAt + 1;
  assert.match((await ask(...right)).out, /EXPIRED/);
  assertOneLine(await ask("--at", "yesterday"), 2, "yesterday");
  assertOneLine(await ask("--at", "2001-01-01T00:00"), 2, "2001");
  assertOneLine(await ask("--expect-head", "abc"), 2, "abc");
});

test("data is read as the head says: JSON, bytes, items", async () => {
  const bytes = new Uint8Array([123, 0, 255]);
  const ofBytes = await KEST.originate(bytes).passport.seal();
  const place = goodWorld();
  place.files.set("b.json", JSON.stringify(ofBytes));
  place.files.set("b.bin", bytes);
  const verify = (file: string, data: string) =>
    kest(place, "verify", file, "--key", "key.jwk", "--data", data);
  assert.equal((await verify("b.json", "b.bin")).code, 0);
  const wrong = await verify("b.json", "data.json");
  assert.equal(wrong.code, 1);
  assert.match(wrong.out, /DATA_HASH/);
  assert.match(wrong.out, /data +differs/);
  place.files.set("data.json", ' { "b":"123", "a":"\\u002a**" } ');
  assert.equal((await verify("good.json", "data.json")).code, 0);
  place.files.set("data.json", '{"a":"***","b":"123","b":"123"}');
  assertOneLine(await verify("good.json", "data.json"), 2, "data.json", "twice");
  assertOneLine(await verify("good.json", "b.bin"), 2, "b.bin");
  assertOneLine(await verify("good.json", "none"), 2, "no such file");
});

async function streamed(items: number[]): Promise<string> {
  const count = KEST.verified({ nodeId: "count", stream: true }, function* (n: number[]) {
    yield* n;
  });
  const stream = await count(KEST.originate(items));
  const seen: number[] = [];
  for await (const item of stream) seen.push(item);
  assert.deepEqual(seen, items);
  return JSON.stringify(await (await stream.final).seal());
}

test("the data of a stream is a JSON array of its items", async () => {
  const place = goodWorld();
  place.files.set("s.json", await streamed([1, 2, 3]));
  const verify = () => kest(place, "verify", "s.json", "--key", "key.jwk", "--data", "items.json");
  place.files.set("items.json", "[1,2,3]");
  assert.equal((await verify()).code, 0);
  place.files.set("items.json", "[1,2]");
  assert.equal((await verify()).code, 1);
  place.files.set("items.json", "1");
  assertOneLine(await verify(), 2, "not an array");
});

test("passports that can be read but violate the format end with 1", async () => {
  const id = idOf(SEALED, "strip");
  const cases: [string, string, RegExp][] = [
    ["missing member", edited((p) => delete p.seals), /FIELD_MISSING/],
    ["hash text", edited((p) => p.history[id].content_hash = "zz"), /HASH/],
    ["dangling parent", edited((p) => delete p.history[id]), /DAG_DANGLING/],
    ["reserved", edited((p) => p.stubs = []), /STUBS/],
    ["duplicate key", GOOD.replace('"version"', '"version":"kest/v1","version"'), /JSON_DUP/],
    ["signature", edited((p) => p.seals[0].signature += "="), /SIG_ENCODING|FIELD/],
  ];
  for (const [name, text, code] of cases) {
    const place = goodWorld();
    place.files.set("p.json", text);
    const result = await kest(place, "verify", "p.json", "--trust", "trust.json");
    assert.equal(result.code, 1, name);
    assert.match(result.out, /^INVALID {2}p\.json\n/);
    assert.match(result.out, code);
    assert.match(result.out, / \/\S+: /, "a path");
    const { json, code: exit } = await kest(place, "verify", "p.json", "--json");
    assert.equal(exit, 1);
    assert.equal(json.error.code, "PARSE");
    assert(json.error.issues.length > 0);
    const shown = await kest(place, "show", "p.json");
    assert.equal(shown.code, 1);
    assert.equal(shown.out, "");
  }
});

test("what cannot be read as a passport ends with 2", async () => {
  const cases: [string, string | Uint8Array, RegExp][] = [
    ["text", "hello", /p\.json.*JSON\.stringify/],
    ["not UTF-8", new Uint8Array([123, 255]), /UTF-8/],
    ["array", "[1]", /object/],
    ["object", "{}", /Not a passport/],
    ["version", edited((p) => p.version = "kest/v9"), /[Vv]ersion/],
    ["empty", "", /JSON/],
  ];
  for (const [name, text, message] of cases) {
    const place = goodWorld();
    place.files.set("p.json", text);
    const result = await kest(place, "verify", "p.json", "--trust", "trust.json");
    assert.equal(result.code, 2, name);
    assertOneLine(result, 2, message);
    assertOneLine(await kest(place, "show", "p.json"), 2, message);
  }
  assertOneLine(await kest(world(), "verify", "none.json"), 2, "none.json", "check the path");
});

test("standard input is -", async () => {
  const place = goodWorld();
  place.files.set("-", GOOD);
  assert.equal((await kest(place, "verify", "-", "--key", "key.jwk")).code, 0);
  assert.match((await kest(place, "show", "-")).out, /merge/);
  assertOneLine(await kest(place, "verify", "-", "--data", "-"), 2, "only one");
});

test("relative paths are relative to where the caller is", async () => {
  const place = world({ "/home/me/good.json": GOOD, "/abs/key.jwk": KEY });
  place.cwd = "/home/me";
  assert.equal((await kest(place, "verify", "good.json", "--key", "/abs/key.jwk")).code, 0);
  assert.equal((await kest(place, "keygen", "-o", "new.jwk")).code, 0);
  assert(place.files.has("/home/me/new.pub.jwk"));
});

test("a right that is not granted is one line", async () => {
  const io: CliIo = {
    ...processIo(),
    readFile: () => Promise.reject(coded("ERR_ACCESS_DENIED")),
    stderr: (text) => void (err += text),
    stdout: () => {},
  };
  let err = "";
  assert.equal(await main(["show", "x"], io), 2);
  assert.match(err, /^kest: cannot read x: permission not granted; run with --allow-read\n$/);
});

test("an unexpected error is no verdict", async () => {
  let err = "";
  const io: CliIo = {
    ...processIo(),
    now: () => NaN,
    readFile: () => Promise.resolve(new TextEncoder().encode(GOOD)),
    stderr: (text) => void (err += text),
  };
  assert.equal(await main(["verify", "x"], io), 2);
  assert.match(err, /^kest: internal error/);
});

// ---- show. ----

test("show draws the tree as the Python package does", async () => {
  const { out, code } = await kest(goodWorld(), "show", "good.json");
  assert.equal(code, 0);
  const lines = out.trimEnd().split("\n");
  assert.equal(lines[0], "Kest Lineage DAG (Leaf-to-Root):");
  assert.equal(lines[1], "└── merge [Taints: pii_data, pii_stripped] trust 0.4");
  const origin = "originate [Taints: pii_data] trust 0.4 (originate)";
  const strip = "strip [Taints: pii_data, pii_stripped] trust 0.4";
  const [first, second] = [
    ["    ├── " + origin, "    └── " + strip, "        └── originate ↑ shown above"],
    ["    ├── " + strip, "    │   └── " + origin, "    └── originate ↑ shown above"],
  ];
  const drawn = lines.slice(2, 5);
  assert.deepEqual(drawn, drawn[0] === first![0] ? first : second);
  assert.match(out, /Seals: 1\n {2}key /);
  assert.match(lines.at(-1)!, /not a verification/);
});

test("show marks what is safe, removed and failed", async () => {
  const released = await KEST.declassify(MERGED, {
    remove: ["pii_data"],
    reason: "aggregate",
    signer: SIGNER,
  });
  const place = world({
    "d.json": JSON.stringify(released.passport),
    "s.json": JSON.stringify(KEST.originate(1).passport),
    "f.json": edited((p) => p.history[idOf(SEALED, "merge")].kind = "failed"),
  });
  assert.match((await kest(place, "show", "d.json")).out, /\(declassify -pii_data\)/);
  assert.match((await kest(place, "show", "s.json")).out, /originate \[Safe\] trust 1/);
  assert.match((await kest(place, "show", "s.json")).out, /Seals: none/);
  assert.match((await kest(place, "show", "f.json")).out, /merge .*\(failed\)/);
});

test("show as JSON lists heads and entries", async () => {
  const { json } = await kest(goodWorld(), "show", "good.json", "--json");
  assert.equal(json.format, "kest/v1");
  assert.deepEqual(json.heads, [idOf(SEALED, "merge")]);
  assert.equal(json.entries.length, 3);
  assert.equal(json.seals.length, 1);
  assert.equal(json.verified, null);
});

function pythonPassport(history: Record<string, string[]>, node = (key: string) => key): string {
  const entries = Object.entries(history).map(([key, parents]) => [key, {
    entry_id: key,
    parent_entry_ids: parents,
    node_id: node(key),
    timestamp_ms: 1,
    input_state_hash: "",
    content_hash: "output_hash",
  }]);
  return JSON.stringify({
    origin: { user_id: "u", session_id: "s" },
    history: Object.fromEntries(entries),
    signature: "",
    public_key_id: "",
  });
}

test("chains and dense graphs of any depth are drawn without recursion or blow-up", async () => {
  const chain: Record<string, string[]> = {};
  for (let i = 0; i < 100_000; i++) chain[`n${i}`] = i === 0 ? [] : [`n${i - 1}`];
  const lattice: Record<string, string[]> = {};
  for (let i = 0; i < 10_000; i += 2) {
    const parents = i === 0 ? [] : [`n${i - 2}`, `n${i - 1}`];
    lattice[`n${i}`] = parents;
    lattice[`n${i + 1}`] = parents;
  }
  const place = world({ "c.json": pythonPassport(chain), "l.json": pythonPassport(lattice) });
  const deep = (await kest(place, "show", "c.json")).out;
  assert(deep.length < 30_000_000);
  assert.match(deep, /\(level 99999\) n0 \[Safe\]/);
  const dense = (await kest(place, "show", "l.json")).out.split("\n");
  assert(dense.length < 25_000);
  assert(dense.some((line) => line.endsWith("n0 ↑ shown above")));
});

test("a Python passport with cycles and missing parents is drawn", async () => {
  const place = world({ "p.json": pythonPassport({ a: ["b"], b: ["a"], c: ["gone"] }) });
  const { out } = await kest(place, "show", "p.json");
  assert.match(out, /gone \(missing\)/);
  assert.match(out, /\(on a cycle\)\n└── a/);
  assert.match(out, /a ↑ shown above/);
});

test("entries of one name are told apart where they are shown again", async () => {
  const history = { a1: [], a2: ["a1"], b: ["a1", "a2"] };
  const place = world({ "p.json": pythonPassport(history, (key) => key[0]!) });
  const { out } = await kest(place, "show", "p.json");
  assert.match(out, /── a \[Safe\] #a1\n/);
  assert.match(out, /── a ↑ shown above #a1\n/);
});

// ---- Python passports. ----

const SAMPLES = join(ROOT, "../shared/kest-python");
const hasSamples = existsSync(SAMPLES);

test("samples of the Python package are never verified", {
  skip: hasSamples ? false : "../shared/kest-python is absent",
}, async () => {
  const expected: Record<string, number> = { valid: 3, unsigned: 3, invalid: 1 };
  const names = readdirSync(SAMPLES).filter((name) => name.endsWith(".json"));
  assert(names.length > 0);
  for (const name of names) {
    const text = readFileSync(join(SAMPLES, name), "utf8");
    const sample = JSON.parse(text);
    const place = world({
      "w.json": text,
      "p.json": JSON.stringify(sample.passport),
      "key.jwk": JSON.stringify(sample.public_key),
    });
    assert.equal((await kest(place, "verify", "w.json")).code, expected[sample.expect], name);
    const withKey = await kest(place, "verify", "w.json", "--key", "key.jwk", "--json");
    assert.equal(withKey.code, expected[sample.expect], name);
    assert.equal(withKey.json.exit, withKey.code);
    const shown = await kest(place, "show", "w.json");
    assert.match(shown.out, /└── merge|└── /);
    assert.notEqual((await kest(place, "verify", "p.json")).code, 0);
  }
});

test("a Python passport says what it cannot answer", async () => {
  const place = world({ "p.json": pythonPassport({ a: [] }), d: "1", "trust.json": TRUST });
  const args = ["--data", "d", "--audience", "x", "--nonce", "y", "--expect-origin", "u"];
  const { code, out } = await kest(place, "verify", "p.json", "--trust", "trust.json", ...args);
  assert.equal(code, 3);
  for (const option of ["--data", "--audience", "--nonce", "--expect-origin"]) {
    assert(out.includes(`${option} was not checked`), option);
  }
});

test("a malformed Python passport ends with 1", async () => {
  const text = pythonPassport({ a: [] }).replace('"parent_entry_ids":[]', '"parent_entry_ids":5');
  const result = await kest(world({ "p.json": text }), "verify", "p.json");
  assert.equal(result.code, 1);
  assert.match(result.out, /\/history\/a\/parent_entry_ids/);
});

// ---- What reaches the terminal. ----

// deno-lint-ignore no-control-regex
const HOSTILE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/;
const EVIL = "evil\u001b[2J\u202e\u0007\u2066\u009b";

test("hostile names never reach the output raw", async () => {
  const value = KEST.originate(1, { userId: EVIL });
  const sealed = JSON.stringify(await value.passport.seal());
  const trust = JSON.parse(TRUST);
  trust.keys[0].name = EVIL;
  const place = world({
    [EVIL]: sealed,
    "trust.json": JSON.stringify(trust),
    "bad.json": edited((p) => p[EVIL] = 1),
    "python.json": pythonPassport({ [EVIL]: [`x${EVIL}`] }),
  });
  const commands = [
    ["verify", EVIL],
    ["verify", EVIL, "--trust", "trust.json"],
    ["verify", "bad.json"],
    ["verify", "python.json"],
    ["show", EVIL],
    ["show", "bad.json"],
    ["show", "python.json"],
    ["trust", "show", "trust.json"],
    ["verify", EVIL, `--${EVIL}`],
    [EVIL],
    ["verify", `no${EVIL}`],
    ["verify", EVIL, "--expect-origin", EVIL, "--audience", EVIL],
  ];
  for (const command of commands) {
    for (const json of [[], ["--json"]]) {
      const { out, err } = await kest(place, ...command, ...json);
      assert.doesNotMatch(out, HOSTILE, command.join(" "));
      assert.doesNotMatch(err, HOSTILE, command.join(" "));
      assert((out + err).includes("evil"), command.join(" "));
    }
  }
  const { json } = await kest(place, "verify", EVIL, "--json");
  assert.deepEqual([json.file, json.origins], [EVIL, [EVIL]]);
});

test("JSON output keeps backslashes and braces as they are", async () => {
  const name = "a\\u{1b}\\\u001bb\\\\u{202e}\u202e";
  const place = world({ [name]: GOOD });
  assert.equal((await kest(place, "show", name, "--json")).json.file, name);
});

test("everything fits a narrow terminal", async () => {
  const place = goodWorld();
  place.isTTY = true;
  place.columns = 40;
  place.env = { NO_COLOR: "1" };
  place.files.set("bad.json", edited((p) => delete p.seals));
  const commands = [
    ["verify", "good.json", "--trust", "trust.json"],
    ["verify", "good.json"],
    ["verify", "bad.json"],
    ["show", "good.json"],
    ["trust", "show", "trust.json"],
    ["help"],
    ["help", "trust", "add"],
    ["keygen", "-o", "new.jwk"],
  ];
  for (const command of commands) {
    const { out } = await kest(place, ...command);
    assert(out.length > 0);
    const wide = out.split("\n").filter((line) => columnsOf(line) > 40);
    assert.deepEqual(wide, [], command.join(" "));
  }
  assert.match((await kest(place, "show", "good.json")).out, /…/);
});

test("what is piped is neither wrapped nor coloured", async () => {
  const { out } = await kest(goodWorld(), "verify", "good.json");
  assert(out.split("\n").some((line) => line.length > 80));
  assert(!out.includes("\x1b"));
});

test("colours are for terminals that want them", async () => {
  const place = goodWorld();
  place.isTTY = true;
  const first = async () => (await kest(place, "verify", "good.json")).out.split("\n")[0];
  assert.equal(await first(), "\x1b[33mNOT VERIFIED\x1b[0m  good.json");
  place.env = { NO_COLOR: "1" };
  assert.equal(await first(), "NOT VERIFIED  good.json");
  place.env = { TERM: "dumb" };
  assert.equal(await first(), "NOT VERIFIED  good.json");
});

test("wrap() breaks words that are too long and counts wide characters", () => {
  assert.deepEqual(wrap("a bb ccc", 4), ["a bb", "ccc"]);
  assert.deepEqual(wrap("abcdefgh i", 3), ["abc", "def", "gh", "i"]);
  assert.deepEqual(wrap("日本語", 4), ["日本", "語"]);
  assert.equal(columnsOf("e\u0301日"), 3);
});

test("nearest() finds typing mistakes only", () => {
  assert.equal(nearest("keygne", ["keygen", "show"]), "keygen");
  assert.equal(nearest("q".repeat(1000), ["keygen"]), undefined);
  assert.equal(nearest("entirely", ["show"]), undefined);
});

test("times are read strictly and shown whatever they are", () => {
  assert.equal(parseTime("0"), 0);
  assert.equal(parseTime("1970-01-02"), 86_400_000);
  assert.equal(parseTime("1970-01-01T01:00:00+01:00"), 0);
  for (const wrong of ["", "now", "1970-13-01", "1970-1-1", "1e3", "-5", "9".repeat(17)]) {
    assert.equal(parseTime(wrong), undefined, wrong);
  }
  assert.equal(timeText(0), "1970-01-01T00:00:00.000Z");
  assert.equal(timeText(9e15), "9000000000000000 ms");
});
