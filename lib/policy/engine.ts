/**
 * The seam between lineage and policy: one interface for every engine.
 *
 * @module
 */

/** What an engine is asked: one rule, one input document, one fixed instant. */
export interface PolicyRequest {
  /** The rule path, e.g. `data.kest.policy.allow_merge`. */
  readonly rule: string;
  /** RFC 8785 text of the input document (SPEC 8.1). */
  readonly inputText: string;
  /**
   * The same document as a value, where it holds nothing that came from outside
   * of the entries (profiles `basic` and `history`): an engine in this process
   * may read it instead of the text. Nobody may change it.
   */
  readonly input?: unknown;
  /** The time of the decision in milliseconds since 1970: the engine's only clock. */
  readonly timeMs: number;
  /** 32 hex digits: the engine's only source of randomness. */
  readonly seed: string;
  /** Aborted when the deadline passes. */
  readonly signal: AbortSignal;
}

/** What an engine answers. */
export interface PolicyOutcome {
  /** The value of the rule; `undefined` if the rule has none. Only `true` allows. */
  readonly value: unknown;
  /** The digest of the policies that made this decision, prefixed by its kind; `null` if unknown. */
  readonly policyDigest: string | null;
  /** The id a remote engine gave the decision. */
  readonly decisionId?: string;
}

/**
 * Evaluates rules. An engine that throws, answers `undefined` or answers
 * anything but `true` denies (SPEC 8.2).
 */
export interface PolicyEngine {
  /** The kind of engine, as decisions record it, e.g. `opa-wasm`. */
  readonly kind: string;
  /** Whether the policies define this rule, where the engine can tell. */
  hasRule?(rule: string): boolean;
  /** Evaluates one rule. */
  evaluate(request: PolicyRequest): PolicyOutcome | Promise<PolicyOutcome>;
  /**
   * Evaluates `allow` of one Rego module that came with the data
   * (`inline_rules`). An engine without this method denies such data.
   */
  evaluateInline?(
    module: string,
    request: Omit<PolicyRequest, "rule">,
  ): PolicyOutcome | Promise<PolicyOutcome>;
}
