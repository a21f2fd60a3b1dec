import { TrackwayError } from '@trackway/protocol'

/** A key without what surrounds it, such as the line's end of its file. Throws `config_invalid`, without the key. */
export function checkApiKey(apiKey: unknown, origin: string): string {
  const key = typeof apiKey === 'string' ? apiKey.trim() : ''
  const problem = keyProblem(apiKey, key)
  if (problem === undefined) return key
  throw new TrackwayError('config_invalid', `The API key came from ${origin}; it ${problem}`)
}

function keyProblem(given: unknown, key: string): string | undefined {
  if (typeof given !== 'string') return 'is not a text'
  if (key === '') return 'is empty'
  if (/["'`\\]/.test(key)) return 'has quotes or a backslash in it; leave them out'
  if (/\s/.test(key)) return 'has a space or the end of a line in it; give the key alone'
  return /^[\x21-\x7e]+$/.test(key)
    ? undefined
    : 'has invisible characters or letters in it that no key has; copy it once more'
}
