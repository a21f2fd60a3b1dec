import { TrackwayError } from '@trackway/protocol'

const segmentPattern = /^[A-Za-z0-9_%-][A-Za-z0-9._%-]*$/
const longestKey = 900

/** Whether a name can stand between the slashes of a key. */
export function isKeySegment(name: string): boolean {
  return segmentPattern.test(name)
}

/** Throws where a string is not a key. Keys are made by the engine, so one that is wrong is a defect of it. */
export function assertObjectKey(key: string): void {
  if (key.length <= longestKey && key.split('/').every(isKeySegment)) return
  throw new TrackwayError('internal_error', `${JSON.stringify(key)} is not a key of an object store`, {
    retryable: false,
  })
}
