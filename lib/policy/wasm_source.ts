/**
 * Where compiled policies come from: bytes or a response, limited in size.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { loadError, textOf } from "./wasm_errors.ts";

/** What a compiled policy is loaded from: the bytes of a `policy.wasm`, or a response with them. */
export type WasmSource = Uint8Array | ArrayBuffer | Response | Promise<Response>;

/** Bytes of a compiled module that are accepted: 32 MiB. */
export const WASM_MODULE_BYTES: number = 32 * 1024 * 1024;

const TOO_LARGE = `the module is larger than ${WASM_MODULE_BYTES} bytes`;

/** A copy: the caller may change its bytes while the module compiles. */
export function copyBytes(source: Uint8Array | ArrayBuffer): Uint8Array<ArrayBuffer> {
  if (source.byteLength > WASM_MODULE_BYTES) throw loadError(TOO_LARGE);
  return new Uint8Array(source instanceof Uint8Array ? source : source.slice(0));
}

async function readBody(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  if (!response.ok) throw loadError(`the server answered with status ${response.status}`);
  const reader = response.body?.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (;;) {
    const part = await reader?.read();
    if (!part?.value) return new Uint8Array(await new Blob(parts).arrayBuffer());
    parts.push(part.value);
    length += part.value.length;
    if (length <= WASM_MODULE_BYTES) continue;
    await reader?.cancel();
    throw loadError(TOO_LARGE);
  }
}

/** The bytes of a response. */
export async function readResponse(source: unknown): Promise<Uint8Array<ArrayBuffer>> {
  if (!(source instanceof Response) && !(source instanceof Promise)) {
    throw new TypeError("Compiled policy must be a Uint8Array, an ArrayBuffer or a Response");
  }
  try {
    return await readBody(await source);
  } catch (thrown) {
    throw thrown instanceof KestError ? thrown : loadError(textOf(thrown), thrown);
  }
}

/** Compiles the module, and refuses what is not a policy. */
export async function compile(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw loadError("this is a gzip archive; pass the policy.wasm inside the bundle");
  }
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(bytes);
  } catch (thrown) {
    throw loadError(`not a WebAssembly module: ${textOf(thrown)}`, thrown);
  }
  const names = WebAssembly.Module.exports(module).map((entry) => entry.name);
  if (["opa_wasm_abi_version", "builtins", "entrypoints"].every((name) => names.includes(name))) {
    return module;
  }
  throw loadError("not a policy; compile it with opa build -t wasm, version 0.27 or later");
}
