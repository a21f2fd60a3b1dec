import { createJavaScriptCutter } from './cutter-js.ts'
import { createWasmCutter } from './cutter-wasm.ts'
import type { Cutter, CutterOptions } from './cutter.ts'

/**
 * The fastest cutter that the runtime allows: WebAssembly, else JavaScript. Both cut identically. Throws
 * `option_invalid` if the sizes or the seed are out of bounds.
 */
export function createCutter(options: CutterOptions = {}): Cutter {
  return createWasmCutter(options) ?? createJavaScriptCutter(options)
}
