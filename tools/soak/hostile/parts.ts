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
  overload('pipelines'),
  overload('unread answers'),
  overload('many parts'),
  overload('heavy bodies'),
  overload('long lists'),
  overload('slowness'),
]
