/**
 * Policies of an OPA server, asked through its REST API.
 *
 * @module
 */

import { isWellFormed } from "../bytes/canonical.ts";
import { utf8 } from "../bytes/encoding.ts";
import { parseRulePath } from "../rego/rule_path.ts";
import type { PolicyEngine, PolicyOutcome, PolicyRequest } from "./engine.ts";
import { outcomeOf, refuseCompileErrors, refuseStatus } from "./remote_answer.ts";
import { quoted, remoteError, type Task } from "./remote_errors.ts";
import { send } from "./remote_http.ts";
import { type RemoteOpaOptions, type RemoteSettings, settingsOf } from "./remote_options.ts";

/** Segments that URLs cannot hold: they would name another rule or policy. */
function isLost(segment: string): boolean {
  return segment === "" || segment === "." || segment === ".." || !isWellFormed(segment);
}

/** OPA's REST API takes such segments for array indices, never for keys. */
function isIndex(segment: string): boolean {
  return /^[+-]?\d+$/.test(segment);
}

function partsOf(rule: string): readonly string[] | undefined {
  try {
    return parseRulePath(rule);
  } catch {
    return undefined;
  }
}

/** The path of a rule below `/v1/data`. */
function dataPath(task: Task, rule: string): string {
  const parts = partsOf(rule);
  if (!parts) throw remoteError(task, "rule", "no rule path; write data.package.rule");
  if (parts.some((part) => isLost(part) || isIndex(part))) {
    const why = 'parts that are numbers, ".", ".." or empty cannot be asked for over REST';
    throw remoteError(task, "rule", why);
  }
  return `/v1/data/${parts.map(encodeURIComponent).join("/")}`;
}

/**
 * The body, with the input as it is. Text that is more than one JSON value could
 * close the object and name another input, so it is read once, here.
 */
function bodyOf(task: Task, inputText: string): Uint8Array<ArrayBuffer> {
  try {
    JSON.parse(inputText);
    if (isWellFormed(inputText)) return utf8(`{"input": ${inputText}}`);
  } catch {
    // What was found stays out of the message: it is data.
  }
  throw remoteError(task, "input", "the input document is not JSON");
}

/** The path of a policy below `/v1/policies`. */
function policyPath(name: string): string {
  const parts = name.split("/");
  if (!parts.some(isLost)) return `/v1/policies/${parts.map(encodeURIComponent).join("/")}`;
  throw new TypeError('A policy\'s name must not be empty nor have a part that is "", "." or ".."');
}

/**
 * Asks an OPA server: `POST /v1/data/<rule>` for each decision.
 *
 * Needs permission to connect to it. The input goes out as it was digested. The
 * decision id is recorded where the server logs decisions. The policy digest is
 * what the server says of its bundles: `remote:revision:<name>=<revision>,…`
 * sorted by name, or `remote:sha256:` and the hex SHA-256 of
 * `"kest/v1/policy-remote\0"` and the RFC 8785 text of `[[name, revision], …]`
 * if that is longer than 256 characters or has others than `A-Z a-z 0-9` and
 * `. _ : / @ + -` in a name or revision; `null` unless there are bundles and
 * each has a revision. It does not cover policies and data that were pushed
 * through the REST API.
 *
 * The server has its own clock and randomness: rules that read `time.now_ns` or
 * `rand.intn` do not follow the request's `timeMs` and `seed`; `input.time_ms`
 * does. Only failed connections are tried again. It has no `evaluateInline`, so
 * data with `inline_rules` is denied. Keep-alive connections are the runtime's.
 *
 * @example
 * ```ts
 * import { createKest, RemoteOpaEngine } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * // In place of a server; leave `fetch` out to ask a real one.
 * const fetch = () => Promise.resolve(Response.json({ result: true, decision_id: "d-1" }));
 * const policyEngine = new RemoteOpaEngine("https://opa.example.org", { token: "t0ken", fetch });
 * const kest = createKest({ policyEngine });
 * const enforceRules = ["data.mail.allow"];
 * const send = kest.verified({ nodeId: "send", enforceRules }, () => "sent");
 * const { passport } = await send();
 * assert.equal(passport.heads[0]!.decisions[0]!.decision_id, "d-1");
 * ```
 */
export class RemoteOpaEngine implements PolicyEngine {
  /** Always `opa-remote`. */
  readonly kind = "opa-remote";
  readonly #settings: RemoteSettings;

  /**
   * An engine that asks the server at an address, e.g. `http://127.0.0.1:8181`;
   * a path before `/v1` may be part of it. Connects to nothing yet.
   *
   * @throws {TypeError} if the address is no URL, or an option is unknown or of
   * another type.
   * @throws {RangeError} if the address has a user, a query or a fragment, or is
   * plain `http:` outside of this machine; or if a number is out of its range.
   */
  constructor(url: string | URL, options: RemoteOpaOptions = {}) {
    this.#settings = settingsOf(url, options);
  }

  /**
   * Evaluates one rule.
   *
   * @throws {RemoteOpaError} `POLICY_EVALUATION`; its `reason` says what failed.
   */
  async evaluate(request: PolicyRequest): Promise<PolicyOutcome> {
    const { rule, inputText, signal } = request;
    const settings = this.#settings;
    const task = this.#task("POLICY_EVALUATION", `Rule ${quoted(rule)}`, inputText);
    const strict = settings.strictBuiltinErrors ? "&strict-builtin-errors=true" : "";
    const reply = await send(settings, task, {
      method: "POST",
      path: `${dataPath(task, rule)}?provenance=true${strict}`,
      type: "application/json",
      body: bodyOf(task, inputText),
      compressible: true,
    }, signal);
    refuseStatus(task, reply, settings.maxResponseBytes);
    return outcomeOf(task, reply);
  }

  /**
   * Adds a policy to the server, or replaces the one of that name, for all of
   * its clients: `PUT /v1/policies/<name>`. A server that restarts forgets it.
   *
   * @throws {TypeError} unless `allowPolicyWrites` is set, name and source are
   * text, and the name has no part that is empty, `.` or `..`.
   * @throws {PolicyCompileError} with OPA's code, file, row and column.
   * @throws {RemoteOpaError} `POLICY_LOAD`; its `reason` says what failed.
   */
  async addPolicy(name: string, rego: string): Promise<void> {
    const settings = this.#settings;
    if (!settings.allowPolicyWrites) {
      throw new TypeError("addPolicy changes the server: set options.allowPolicyWrites");
    }
    if (typeof name !== "string") throw new TypeError("A policy needs a name");
    if (typeof rego !== "string" || !isWellFormed(rego)) {
      throw new TypeError("A policy must be Rego source text");
    }
    const path = policyPath(name);
    const task = this.#task("POLICY_LOAD", `Policy ${quoted(name)}`);
    const message = { method: "PUT", path, type: "text/plain", compressible: false } as const;
    const reply = await send(settings, task, { ...message, body: utf8(rego) });
    refuseCompileErrors(reply, name, rego);
    refuseStatus(task, reply, settings.maxResponseBytes);
  }

  #task(code: Task["code"], subject: string, ...secrets: string[]): Task {
    return { code, subject, secrets: [...this.#settings.secrets, ...secrets] };
  }
}
