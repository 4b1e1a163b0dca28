/**
 * Rego in TypeScript: evaluates Open Policy Agent policies from their source,
 * in process. Usable without the rest of Kest.
 *
 * @module
 */

export type { RegoVersion } from "./ast.ts";
export {
  type CompileCode,
  type CompileIssue,
  type EvalCode,
  PolicyCompileError,
  RegoError,
} from "./errors.ts";
export {
  type AddedPolicy,
  type AddOptions,
  type EngineBudget,
  type EvaluationFacts,
  LocalOpaEngine,
  type LocalOpaOptions,
  type LocalOutcome,
  type RegoVersionChoice,
} from "./local_opa.ts";
