/**
 * Passports of the Python package kest 0.1 and 0.2: read, and their Ed25519
 * signature rechecked. Such a passport is never verified.
 *
 * @module
 */

export { parsePythonPassport } from "./python_model.ts";
export { verifyPythonPassport } from "./python_report.ts";
export { isPythonPassport, unwrapPythonSample } from "./python_sample.ts";
export { checkPythonSignature } from "./python_signature.ts";
export type {
  PythonEntry,
  PythonKestVersion,
  PythonOrigin,
  PythonPassport,
  PythonSample,
  PythonSignatureStatus,
} from "./python_types.ts";
