import { createJavaScriptCutter } from './cutter-js.ts'
import { createWasmCutter } from './cutter-wasm.ts'
import type { Cutter, CutterOptions } from './cutter.ts'

/**
 * The fastest cutter that the runtime allows: WebAssembly, else JavaScript. Both cut alike. Throws `option_invalid` for
 * sizes or a seed out of bounds.
 */
export function createCutter(options: CutterOptions = {}): Cutter {
  return createWasmCutter(options) ?? createJavaScriptCutter(options)
}
