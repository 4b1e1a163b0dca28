/**
 * Passports for tests in the browser.
 *
 * @module
 */

import { createKest, generateKey, LocalOpaEngine, trustPolicy } from "../../mod.ts";

/** Passports, with what belongs to them. */
export interface Samples {
  readonly good: string;
  /** Sealed for the reader "auditor". */
  readonly bound: string;
  readonly trust: string;
  readonly policy: string;
  /** Passports that can be read, and of which something is wrong or not known. */
  readonly broken: Readonly<Record<string, string>>;
  readonly unreadable: Readonly<Record<string, string>>;
  readonly hostile: string;
}

const POLICY = `package p

allow if not "secret" in input.taints
`;

type Json = Record<string, unknown>;
type Passport = Json & { history: Record<string, Json>; seals: Json[] };

/** A copy of a passport with something changed. */
function changed(text: string, change: (passport: Passport) => void): string {
  const passport = JSON.parse(text);
  change(passport);
  return JSON.stringify(passport);
}

function entryOf(passport: Passport, node: string): Json {
  return Object.values(passport.history).find((entry) => entry.node_id === node)!;
}

/** Bidirectional and control characters, markup, names of the prototype. */
const NASTY = "\u202e</script><img src=x onerror='globalThis.hacked=1'>\u0007\u2066__proto__";

/** Makes all samples, each anew. */
export async function makeSamples(): Promise<Samples> {
  const signer = await generateKey();
  const policyEngine = new LocalOpaEngine();
  policyEngine.addPolicy("p.rego", POLICY);
  const kest = createKest({ signer, policyEngine });
  const row = kest.originate({ n: 1 }, { userId: "crm", taint: ["pii"] });
  const clean = kest.verified({ nodeId: "clean", addedTaint: ["clean"] }, (x: object) => x);
  const fetch = kest.verified({ nodeId: "fetch", addedTaint: ["web"] }, () => ({ page: 1 }));
  const enforceRules = ["data.p.allow"];
  const merge = kest.verified(
    { nodeId: "merge", enforceRules, labels: { team: "a" } },
    (...all: object[]) => all,
  );
  const merged = await merge(clean(row), fetch());
  const good = JSON.stringify(await merged.passport.seal());
  const labels = { nasty: NASTY, ["k".repeat(128)]: "v".repeat(900) };
  const hostile = kest.originate(1, { userId: NASTY, sessionId: NASTY, labels });
  const bound = JSON.stringify(await merged.passport.seal({ audience: "auditor" }));
  return {
    good,
    bound,
    trust: JSON.stringify(
      trustPolicy([{ name: "pipeline", key: signer.publicKey, mayOriginate: "any" }]),
    ),
    policy: POLICY,
    broken: {
      "an entry changed": changed(good, (p) => {
        entryOf(p, "merge").labels = { team: "b" };
      }),
      "a taint dropped": changed(good, (p) => {
        entryOf(p, "merge").accumulated_taint = ["web"];
      }),
      "no seal": changed(good, (p) => {
        p.seals = [];
      }),
      "another signature": changed(good, (p) => {
        p.seals[0]!.signature = `${"A".repeat(85)}A`;
      }),
    },
    unreadable: {
      "no JSON": "let it pass",
      "empty object": "{}",
      "two members of one name": '{"version":"kest/1","version":"kest/1"}',
      "deep": "[".repeat(5000),
      "a prototype": '{"__proto__":{"version":"kest/1"}}',
    },
    hostile: JSON.stringify(await hostile.passport.seal()),
  };
}
