import { attacks } from './attacks.ts'
import { flippedBytes } from './flips/flipped-bytes.ts'
import { lyingServer } from './lying/lying-server.ts'
import { overload } from './overload.ts'
import type { Part } from './part.ts'
import { randomRequests } from './random-requests.ts'

/** Every part, in the order in which they are run. */
export const parts: readonly Part[] = [
  ...randomRequests,
  flippedBytes,
  lyingServer,
  ...[...new Set(attacks.map(({ kind }) => kind))].map(overload),
]
