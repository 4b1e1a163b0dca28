/**
 * Personal data, internet data and a restricted system: the flow of the Python
 * package's `examples/flow.py`, with an exporter and environment collectors.
 *
 *     deno run --allow-read=policies --allow-sys=hostname examples/flow.ts
 *     deno run --allow-read=policies examples/flow.ts
 */

import {
  createKest,
  type EnvironmentCollector,
  generateKey,
  hostnameCollector,
  ndjsonExporter,
  PolicyViolationError,
  runtimeCollector,
  trustPolicy,
  verifyPassport,
  WasmOpaEngine,
} from "../mod.ts";

const wasm = await Deno.readFile(new URL("../policies/quickstart.wasm", import.meta.url));
const signer = await generateKey();
const exported: string[] = [];
const mayReadHostname = await Deno.permissions.query({ name: "sys", kind: "hostname" });
const envCollectors: EnvironmentCollector[] = [runtimeCollector()];
if (mayReadHostname.state === "granted") envCollectors.push(hostnameCollector());

const kest = createKest({
  signer,
  policyEngine: await WasmOpaEngine.load(wasm),
  exporters: [ndjsonExporter((line) => void exported.push(line))],
  envCollectors,
});

type Person = { user: string; social_security: string };
type Fetched = { source: string; query: string; data: string };

const fetchFromInternet = kest.verified(
  { nodeId: "fetch_from_internet", addedTaint: ["internet_data"] },
  (query: string): Fetched => ({ source: "internet", query, data: "public_dataset" }),
);

const stripPii = kest.verified({
  nodeId: "strip_pii",
  addedTaint: ["pii_stripped"],
  enforceRules: ["data.kest.policy.allow_strip_pii"],
}, (data: Person | Fetched) => {
  return "social_security" in data ? { ...data, social_security: "***-**-****" } : data;
});

const mergeData = kest.verified(
  { nodeId: "merge_data", enforceRules: ["data.kest.policy.allow"] },
  (packetA: unknown, packetB: unknown) => ({
    merged: true,
    dataset_a: packetA,
    dataset_b: packetB,
  }),
);

const processOnSystemA = kest.verified(
  { nodeId: "process_on_system_a", addedTaint: ["system_a"] },
  (data: Fetched) => ({ system: "System A", processed_data: data }),
);

const restrictedSystemProcess = kest.verified({
  nodeId: "restricted_system_process",
  enforceRules: ["data.kest.policy.allow_system_a_only"],
}, (data: unknown) => ({ status: "highly_secure", data }));

async function expectBlocked(what: string, attempt: () => Promise<unknown>): Promise<void> {
  const outcome = await attempt().catch((error: unknown) => error);
  if (!(outcome instanceof PolicyViolationError)) throw new Error(`${what}: not blocked`);
  console.log(`[blocked] ${what}\n          ${outcome.message}`);
}

const rawPii = kest.originate<Person>({ user: "Alice", social_security: "123-45-678" }, {
  userId: "system-ingress",
  taint: ["pii_data"],
});
const internet = await fetchFromInternet("weather_stats");
console.log(`[fetched] ${internet.data.source}: ${internet.passport.taints.join(", ")}`);

await expectBlocked("raw personal data with internet data", () => mergeData(rawPii, internet));
await expectBlocked("stripping data that has no personal data", () => stripPii(internet));

const safePii = await stripPii(rawPii);
const merged = await mergeData(safePii, internet);
console.log(`[merged]  ${JSON.stringify(merged.data)}`);

await expectBlocked("internet data in the restricted system", () => {
  return restrictedSystemProcess(internet);
});
const secure = await restrictedSystemProcess(await processOnSystemA(internet));
console.log(`[secure]  ${JSON.stringify(secure.data)}`);

const passport = await merged.passport.seal();
console.log("[lineage]");
for (const entry of Object.values(passport.history)) {
  console.log(`  ${entry.node_id.padEnd(20)} ${entry.accumulated_taint.join(", ") || "no taints"}`);
}
const trust = trustPolicy([{ name: "flow", key: signer.publicKey, mayOriginate: "any" }]);
const report = await verifyPassport(passport, { trust, data: merged.data });
console.log(`[${report.outcome}] ${report.entries} entries; ${exported.length} were exported`);
if (report.outcome !== "verified") Deno.exit(1);
