import { flippedBytes } from './flips/flipped-bytes.ts'
import { lyingServer } from './lying/lying-server.ts'
import type { Part } from './part.ts'

/** Every part, in the order in which they are run. */
export const parts: readonly Part[] = [flippedBytes, lyingServer]
