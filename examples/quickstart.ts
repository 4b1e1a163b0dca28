/**
 * The quick start: taints decide what may be merged, policies decide before
 * anything runs, and the passport proves it afterwards.
 *
 *     deno run examples/quickstart.ts    needs no permission, prints everything
 *     deno task quickstart               may write passport.json and trust.json too
 */

import {
  config,
  generateKey,
  type KestData,
  LocalOpaEngine,
  mergePassports,
  originate,
  PolicyViolationError,
  replayDecisions,
  trustPolicy,
  verified,
  verifyPassport,
} from "../mod.ts";

// 1. A policy engine, and a key that answers for what happens here. Policies are
//    Rego source: they are checked when they are added, and evaluated in process.
//    (examples/quickstart.rego holds the same text, for the command line.)
const POLICY = `package kest.policy

default allow_merge := false

default allow_system_a_only := false

# Personal data may meet data from the internet only after it was stripped.
allow_merge if not unsafe_mix

unsafe_mix if {
	"pii_data" in input.taints
	"internet_data" in input.taints
	not "pii_stripped" in input.taints # kest: allow-presence
}

# Only data that came through system A. Whoever adds the taint gets in: where
# several keys are at work, the trust policy says which of them runs which step.
# (The comments tell "kest policy check" that this is meant.)
allow_system_a_only if "system_a" in input.taints # kest: allow-presence
`;
const engine = new LocalOpaEngine();
engine.addPolicy("quickstart.rego", POLICY);
config.policyEngine = engine;
config.signer = await generateKey();

// 2. Domain functions. They see and return plain data.
type Row = { user: string; ssn: string };

const stripPii = verified({ nodeId: "strip_pii", addedTaint: ["pii_stripped"] }, (row: Row) => ({
  ...row,
  ssn: "***-**-****",
}));

const fetchInternetData = verified(
  { nodeId: "fetch_internet_data", addedTaint: ["internet_data"] },
  (query: string) => ({ source: "internet", query }),
);

const mergeData = verified(
  { nodeId: "merge_data", enforceRules: ["data.kest.policy.allow_merge"] },
  (a: Row, b: { source: string }) => ({ merged: true, a, b }),
);

const processOnSystemA = verified(
  { nodeId: "process_on_system_a", addedTaint: ["system_a"] },
  (data: { source: string }) => ({ system: "System A", processed: data }),
);

const secureRestrictedProcess = verified(
  { nodeId: "secure_restricted_process", enforceRules: ["data.kest.policy.allow_system_a_only"] },
  (data: unknown) => ({ status: "highly_secure", data }),
);

function show(step: string, value: KestData<unknown>): void {
  console.log(`${step}\n  data    ${JSON.stringify(value.data)}`);
  console.log(`  taints  ${value.passport.taints.join(", ") || "none"}`);
}

async function showBlocked(step: string, attempt: () => Promise<unknown>): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof PolicyViolationError)) throw error;
    console.log(`${step}\n  blocked ${error.message}`);
    return;
  }
  throw new Error(`${step}: this should have been blocked`);
}

// 3. Allowed merge: the personal data was stripped first.
const rawPii = originate({ user: "Alice", ssn: "123-45-678" }, {
  userId: "alice",
  taint: ["pii_data"],
});
const safePii = await stripPii(rawPii);
const internetData = await fetchInternetData("news");
const result = await mergeData(safePii, internetData);
show("1. Stripped personal data may be merged with internet data", result);

// 4. Blocked merge: the policy denies before the function runs.
await showBlocked(
  "2. Raw personal data may not",
  () => mergeData(rawPii, internetData),
);

// 5. Restricted system: only data that was processed on System A gets in.
await showBlocked(
  "3. The restricted process refuses what did not come from System A",
  () => secureRestrictedProcess(internetData),
);
const restricted = await secureRestrictedProcess(await processOnSystemA(internetData));
show("4. It accepts what did", restricted);

// 6. Seal the passport where it leaves this process, and verify it as its reader would.
const passport = await mergePassports(result.passport, restricted.passport).seal();
const trust = trustPolicy([{
  name: "quickstart",
  key: config.signer.publicKey,
  mayOriginate: "any",
}], {
  require: [{
    node: "merge_data",
    rule: "data.kest.policy.allow_merge",
    policy_digests: [engine.digest],
  }],
});
const report = await verifyPassport(JSON.stringify(passport), { trust, data: result.data });
console.log(`5. The passport is ${report.outcome}: ${report.entries} entries`);
for (const [aspect, verdict] of Object.entries(report.verdicts)) {
  console.log(`  ${aspect.padEnd(13)} ${verdict.status.padEnd(8)} ${verdict.sentence}`);
}
if (report.outcome !== "verified") Deno.exit(1);

// 7. A recorded decision is its producer's claim, until somebody who has the
//    policies evaluates it again.
const { decisions } = await replayDecisions(passport, engine);
console.log("6. Decisions, evaluated again");
for (const { nodeId, decision, status } of decisions) {
  console.log(`  ${nodeId.padEnd(26)} ${decision.result.padEnd(6)} ${status}`);
}

// 8. Write both files, if that was allowed; never ask.
const directory = Deno.args[0] ?? ".";
await save({ "passport.json": passport, "trust.json": trust });

async function save(files: Record<string, unknown>): Promise<void> {
  const paths = Object.keys(files).map((name) => `${directory}/${name}`);
  const rights = await Promise.all(
    paths.map((path) => Deno.permissions.query({ name: "write", path })),
  );
  if (rights.some(({ state }) => state !== "granted")) {
    console.log(
      `7. No right to write here: "deno task quickstart" keeps passport and trust policy`,
    );
    return;
  }
  for (const [name, content] of Object.entries(files)) {
    await Deno.writeTextFile(`${directory}/${name}`, JSON.stringify(content, null, 2) + "\n");
  }
  console.log(`7. Wrote passport.json and trust.json. Now check them yourself:
  deno task kest verify passport.json --trust trust.json
  deno task kest show passport.json`);
}
