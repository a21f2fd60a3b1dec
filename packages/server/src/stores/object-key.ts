import { TrackwayError } from '@trackway/protocol'

const segmentPattern = /^[A-Za-z0-9_%-][A-Za-z0-9._%-]*$/
const longestKey = 900

/** Whether a name can be a segment of a key. */
export function isKeySegment(name: string): boolean {
  return segmentPattern.test(name)
}

/** Throws if a string is not a key. The engine makes all keys, so a wrong one is a bug. */
export function assertObjectKey(key: string): void {
  if (key.length <= longestKey && key.split('/').every(isKeySegment)) return
  throw new TrackwayError('internal_error', `${JSON.stringify(key)} is not a valid key of an object store`, {
    retryable: false,
  })
}
