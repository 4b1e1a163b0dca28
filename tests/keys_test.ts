/** Ed25519 keys, signatures and signers: one answer in every runtime (SPEC 5.1). */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as noble from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { fromBase64url, toBase64url, toHex, writeHex } from "../lib/bytes/encoding.ts";
import { importForWebCrypto, verifyEd25519, weakness } from "../lib/keys/ed25519.ts";
import {
  createKest,
  generateKey,
  importPrivateJwk,
  publicKeyFromBytes,
  publicKeyFromJwk,
  type Signer,
} from "../mod.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const WYCHEPROOF = new URL(
  "../../shared/wycheproof/testvectors_v1/ed25519_test.json",
  import.meta.url,
);
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const SEED = bytesOf("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
/** RFC 8037, appendix A.1. */
const JWK = {
  kty: "OKP",
  crv: "Ed25519",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
};
/** A point of order 8. */
const TORSION = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a";

function bytesOf(hex: string): Bytes {
  const bytes = new Uint8Array(hex.length / 2);
  writeHex(hex, bytes, 0);
  return bytes;
}

function littleEndian(value: bigint): Bytes {
  const bytes = new Uint8Array(32);
  for (let i = 0; i < 32; i++) bytes[i] = Number((value >> BigInt(8 * i)) & 255n);
  return bytes;
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

const concat = (...parts: Uint8Array[]): Bytes => new Uint8Array(parts.flatMap((p) => [...p]));

/** A signature that satisfies 8SB = 8R + 8kA for a chosen R = rB + (a point of small order). */
function signatureFor(r: bigint, low: noble.Point, message: Uint8Array): Bytes {
  const { scalar, pointBytes } = noble.utils.getExtendedPublicKey(SEED);
  const point = r === 0n ? low : noble.Point.BASE.multiply(r).add(low);
  const encoded = point.toBytes();
  const k = numberOf(sha512(concat(encoded, pointBytes, message))) % L;
  return concat(encoded, littleEndian((r + k * scalar) % L));
}

/** What WebCrypto and noble answer, each behind the gate. */
async function answers(key: Bytes, signature: Bytes, message: Bytes): Promise<boolean[]> {
  const imported = await importForWebCrypto(key);
  assert(imported, "this runtime has Ed25519 in WebCrypto");
  return [
    await verifyEd25519(signature, message, key, imported),
    await verifyEd25519(signature, message, key, undefined),
  ];
}

test("Wycheproof: valid is accepted, invalid is refused, by WebCrypto and by noble", async (t) => {
  if (!existsSync(WYCHEPROOF)) return t.skip("left out: ../shared/wycheproof is not here");
  const suite: {
    numberOfTests: number;
    testGroups: {
      publicKey: { pk: string };
      tests: { tcId: number; comment: string; msg: string; sig: string; result: string }[];
    }[];
  } = JSON.parse(readFileSync(WYCHEPROOF, "utf8"));
  const wrong: string[] = [];
  let count = 0;
  for (const { publicKey, tests } of suite.testGroups) {
    const key = bytesOf(publicKey.pk);
    assert.equal(weakness(key), undefined, publicKey.pk);
    for (const { tcId, comment, msg, sig, result } of tests) {
      count++;
      const expected = result === "valid";
      const [web, own] = await answers(key, bytesOf(sig), bytesOf(msg));
      if (web !== expected || own !== expected) {
        wrong.push(`${tcId} ${comment}: ${result}, WebCrypto ${web}, noble ${own}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  assert.equal(count, suite.numberOfTests);
});

/** RFC 8032, 7.1: seed, public key, message, signature. */
const RFC8032 = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  [
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
] as const;

/** Runs something in a runtime whose WebCrypto lacks Ed25519. */
async function withoutWebCryptoEd25519<T>(run: () => Promise<T>): Promise<T> {
  const { subtle } = globalThis.crypto;
  let asked = 0;
  Object.defineProperty(subtle, "importKey", {
    configurable: true,
    value: () => Promise.reject(new DOMException(`no Ed25519 ${++asked}`, "NotSupportedError")),
  });
  try {
    return await run();
  } finally {
    delete (subtle as { importKey?: unknown }).importKey;
    assert(asked > 0, "WebCrypto was asked first");
  }
}

async function checkRfc8032(): Promise<void> {
  for (const [seed, key, message, signature] of RFC8032) {
    const jwk = { ...JWK, x: toBase64url(bytesOf(key)), d: toBase64url(bytesOf(seed)) };
    const signer = await importPrivateJwk(jwk);
    assert.equal(toHex(await signer.sign(bytesOf(message))), signature);
    const publicKey = publicKeyFromBytes(bytesOf(key));
    assert.equal(await publicKey.verify(bytesOf(signature), bytesOf(message)), true);
    assert.equal(await publicKey.verify(bytesOf(signature), bytesOf(`${message}00`)), false);
    assert.equal(await publicKey.verify(bytesOf(signature).slice(1), bytesOf(message)), false);
  }
}

test("RFC 8032: keys, signatures and their verification", async () => {
  assert.ok(RFC8032.length >= 3);
  await checkRfc8032();
});

test("RFC 8032 holds where WebCrypto lacks Ed25519", async () => {
  assert.ok(RFC8032.length >= 3);
  await withoutWebCryptoEd25519(checkRfc8032);
});

test("a signature made with WebCrypto is verified without it, and the other way round", async () => {
  const signer = await generateKey();
  const message = new Uint8Array([1, 2, 3]);
  const signature = await signer.sign(message);
  await withoutWebCryptoEd25519(async () => {
    const again = await importPrivateJwk(signer.exportPrivateJwk());
    assert.deepEqual(await again.sign(message), signature);
    assert.equal(await again.publicKey.verify(signature, message), true);
  });
  assert.equal(await signer.publicKey.verify(signature, message), true);
});

test("RFC 8037: the thumbprint is the key's id, and the halves belong together", async () => {
  const key = publicKeyFromJwk({ kty: "OKP", crv: "Ed25519", x: JWK.x });
  assert.equal(key.id, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  const signer = await importPrivateJwk(JWK);
  assert.equal(signer.publicKey.id, key.id);
  assert.deepEqual(signer.exportPrivateJwk(), JWK);
});

test("a public key from a private JWK holds no private part", () => {
  const key = publicKeyFromJwk(JWK);
  assert.deepEqual(key.jwk, { kty: "OKP", crv: "Ed25519", x: JWK.x });
  assert(!JSON.stringify(key).includes(JWK.d));
});

/** y of the points of small order: 0, 1, -1 and the two of order 8. */
const P = 2n ** 255n - 19n;
const SMALL = [0n, 1n, P - 1n, numberOf(bytesOf(TORSION)) % 2n ** 255n].flatMap((y) =>
  y === 0n || y === 1n || y === P - 1n ? [y] : [y, P - y]
);
const SIGN = 2n ** 255n;

test("points of small order are refused as keys, with either sign bit", () => {
  let points = 0;
  for (const y of SMALL) {
    for (const sign of [0n, SIGN]) {
      const bytes = littleEndian(y | sign);
      if (weakness(bytes) === "a point of small order") points++;
      assert.throws(() => publicKeyFromBytes(bytes), { code: "KEY_WEAK" }, toHex(bytes));
    }
  }
  // x is 0 for y = 1 and y = -1: there the sign bit makes no second point.
  assert.equal(points, 8);
});

test("encodings of y that are not below p are refused as keys, with either sign bit", () => {
  for (let more = 0n; more < 19n; more++) {
    for (const sign of [0n, SIGN]) {
      const bytes = littleEndian((P + more) | sign);
      assert.throws(() => publicKeyFromBytes(bytes), { code: "KEY_WEAK" }, toHex(bytes));
    }
  }
});

test("bytes that are no point are refused as keys", () => {
  assert.throws(() => publicKeyFromBytes(littleEndian(2n)), { code: "KEY_WEAK" });
  for (const length of [0, 31, 33, 64]) {
    assert.throws(() => publicKeyFromBytes(new Uint8Array(length)), { code: "KEY_FORMAT" });
  }
});

test("a key with torsion is refused, whichever torsion", () => {
  const sound = noble.Point.fromBytes(bytesOf(RFC8032[0][1]));
  const torsion = noble.Point.fromBytes(bytesOf(TORSION), true);
  let mixed = sound;
  for (let order = 1; order < 8; order++) {
    mixed = mixed.add(torsion);
    assert.throws(() => publicKeyFromBytes(mixed.toBytes()), { code: "KEY_WEAK" }, `${order}`);
  }
  assert.doesNotThrow(() => publicKeyFromBytes(mixed.add(torsion).toBytes()));
});

test("a signature has no twin: S + L is refused", async () => {
  const [, key, message, hex] = RFC8032[1];
  const signature = bytesOf(hex);
  const s = numberOf(signature.subarray(32));
  for (const scalar of [s + L, L, L + 1n, 2n ** 256n - 1n]) {
    const twin = concat(signature.subarray(0, 32), littleEndian(scalar));
    assert.deepEqual(await answers(bytesOf(key), twin, bytesOf(message)), [false, false]);
  }
});

test("R of small order, with torsion or not canonical is refused", async () => {
  const key = bytesOf(RFC8032[0][1]);
  const message = new Uint8Array([7]);
  const torsion = noble.Point.fromBytes(bytesOf(TORSION), true);
  const zero = noble.Point.ZERO;
  assert.deepEqual(await answers(key, signatureFor(5n, zero, message), message), [true, true]);
  const refused: [string, Bytes][] = [
    ["identity", signatureFor(0n, zero, message)],
    ["order 8", signatureFor(0n, torsion, message)],
    ["mixed order", signatureFor(5n, torsion, message)],
  ];
  const identity = signatureFor(0n, zero, message);
  for (const encoding of [P + 1n, 1n | SIGN]) {
    refused.push(["not canonical", concat(littleEndian(encoding), identity.subarray(32))]);
  }
  for (const [name, signature] of refused) {
    assert.deepEqual(await answers(key, signature, message), [false, false], name);
  }
});

test("a malformed JWK is refused, naming the member", () => {
  const { d: _, ...good } = JWK;
  const cases: [string, unknown, string | undefined][] = [
    ["null", null, undefined],
    ["text", JSON.stringify(good), undefined],
    ["array", [good], undefined],
    ["empty", {}, "/kty"],
    ["kty EC", { ...good, kty: "EC" }, "/kty"],
    ["crv Ed448", { ...good, crv: "Ed448" }, "/crv"],
    ["crv X25519", { ...good, crv: "X25519" }, "/crv"],
    ["no x", { kty: "OKP", crv: "Ed25519" }, "/x"],
    ["inherited x", Object.assign(Object.create(good), { kty: "OKP", crv: "Ed25519" }), "/x"],
    ["x not text", { ...good, x: [good.x] }, "/x"],
    ["padding", { ...good, x: `${good.x}=` }, "/x"],
    ["base64 alphabet", { ...good, x: good.x.replace("_", "/") }, "/x"],
    ["trailing bits", { ...good, x: good.x.replace(/o$/, "p") }, "/x"],
    ["31 bytes", { ...good, x: toBase64url(new Uint8Array(31)) }, "/x"],
    ["33 bytes", { ...good, x: toBase64url(new Uint8Array(33)) }, "/x"],
    ["whitespace", { ...good, x: ` ${good.x.slice(1)}` }, "/x"],
  ];
  for (const [name, jwk, path] of cases) {
    assert.throws(() => publicKeyFromJwk(jwk), { code: "KEY_FORMAT", path }, name);
  }
  const weak = { ...good, x: toBase64url(littleEndian(1n)) };
  assert.throws(() => publicKeyFromJwk(weak), { code: "KEY_WEAK" });
});

test("a private JWK without a matching private half is refused, without showing it", async () => {
  const { d, ...bare } = JWK;
  const other = toBase64url(bytesOf(RFC8032[1][1]));
  const cases: [string, unknown, string][] = [
    ["no d", bare, "KEY_PRIVATE"],
    ["other x", { ...JWK, x: other }, "KEY_PRIVATE"],
    ["other d", { ...JWK, d: toBase64url(bytesOf(RFC8032[1][0])) }, "KEY_PRIVATE"],
    ["x with trailing bits", { ...JWK, x: JWK.x.replace(/o$/, "p") }, "KEY_PRIVATE"],
    ["d with trailing bits", { ...JWK, d: d.replace(/A$/, "B") }, "KEY_FORMAT"],
    ["d with padding", { ...JWK, d: `${d}=` }, "KEY_FORMAT"],
    ["d not text", { ...JWK, d: [d] }, "KEY_FORMAT"],
    ["d empty", { ...JWK, d: "" }, "KEY_FORMAT"],
    ["kty", { ...JWK, kty: "RSA" }, "KEY_FORMAT"],
  ];
  for (const [name, jwk, code] of cases) {
    await assert.rejects(importPrivateJwk(jwk), (error: Error & { code: string }) => {
      assert.equal(error.code, code, name);
      assert(!error.message.includes(d.slice(0, 20)), name);
      return true;
    });
  }
});

test("every generated key is another one, and survives export", async () => {
  const [a, b] = await Promise.all([generateKey(), generateKey()]);
  assert.notEqual(a.publicKey.id, b.publicKey.id);
  assert.equal(fromBase64url(a.publicKey.id)?.length, 32);
  const again = await importPrivateJwk(JSON.parse(JSON.stringify(a.exportPrivateJwk())));
  assert.deepEqual(again.publicKey.jwk, a.publicKey.jwk);
  const message = new Uint8Array([1]);
  assert.equal(await a.publicKey.verify(await again.sign(message), message), true);
  assert.equal(await b.publicKey.verify(await again.sign(message), message), false);
});

test("a signer that returns a wrong signature is refused by seal()", async () => {
  const good = await generateKey();
  const other = await generateKey();
  const wrong: [string, Signer["sign"]][] = [
    ["zeros", () => Promise.resolve(new Uint8Array(64))],
    ["another key", (message) => other.sign(message)],
    ["another message", () => good.sign(new Uint8Array([1]))],
    ["a byte too many", async (message) => concat(await good.sign(message), new Uint8Array(1))],
    ["a byte missing", async (message) => (await good.sign(message)).slice(0, 63)],
    ["text", async (message) => toBase64url(await good.sign(message)) as never],
    ["nothing", () => Promise.resolve(undefined as never)],
  ];
  for (const [name, sign] of wrong) {
    const kest = createKest({ signer: { publicKey: good.publicKey, sign } });
    await assert.rejects(kest.originate(1).passport.seal(), { code: "SIGNER" }, name);
  }
  const kest = createKest({ signer: { publicKey: good.publicKey, sign: (m) => good.sign(m) } });
  assert.equal((await kest.originate(1).passport.seal()).seals.length, 1);
});
