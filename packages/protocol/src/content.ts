// The parts of the contract that work on bytes needs: digests, chunks, errors. It loads no schemas, so that a
// thread that only reads and hashes starts quickly. The main entry has all of it too.
export { createCutter } from './fastcdc/create-cutter.ts'
export { createSha256, sha256, type Sha256 } from './sha256.ts'
export type { Digest } from './digest.ts'
export { brandOf, isBytes, isError, messageOf } from './brand.ts'
export { TrackwayError, type ErrorCode, type TrackwayErrorOptions } from './errors.ts'
export type { Hint, HintedOption } from './hint.ts'
