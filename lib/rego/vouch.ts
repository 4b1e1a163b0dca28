/**
 * Documents that may be used as they are.
 *
 * @module
 */

const vouched = new WeakSet<object>();

/**
 * Says that a document is JSON without accessors that nobody will change, so
 * that an engine in this process may use it as it is, without a copy.
 */
export function vouchFor<T extends object>(document: T): T {
  vouched.add(document);
  return document;
}

/** Whether somebody vouched for the document. */
export function isVouched(document: unknown): boolean {
  return typeof document === "object" && document !== null && vouched.has(document);
}
