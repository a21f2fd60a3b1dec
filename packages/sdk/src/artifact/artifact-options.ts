import { brandOf, TrackwayError, type Metadata } from '@trackway/protocol'
import type { PlainObject } from '../json-of.ts'

/** How the next version of an artifact is described. */
export interface ArtifactOptions {
  /** At most 4,096 characters. Default: empty. */
  description?: string | undefined
  /** A JSON object of at most 64 KiB. Default: empty. */
  metadata?: Metadata | PlainObject | undefined
}

const optionNames: readonly string[] = ['description', 'metadata'] satisfies (keyof ArtifactOptions)[]
const maxDescription = 4096

/**
 * Checks the names of options at once, as a constructor has to. Throws `option_invalid`.
 *
 * @internal
 */
export function checkNames(options: ArtifactOptions): void {
  const isObject = brandOf(options) === 'Object'
  if (isObject && Object.keys(options).every((name) => optionNames.includes(name))) return
  throw new TrackwayError(
    'option_invalid',
    `new Artifact takes an object with the options ${optionNames.join(' and ')}; these have ${isObject ? Object.keys(options).join(', ') : 'none'}`,
  )
}

/**
 * Throws `option_invalid` for a description that is too long.
 *
 * @internal
 */
export function checkDescription(text: string): string {
  if (typeof text === 'string' && text.length <= maxDescription) return text
  throw new TrackwayError(
    'option_invalid',
    `A description must be a string of at most ${maxDescription} characters`,
  )
}
