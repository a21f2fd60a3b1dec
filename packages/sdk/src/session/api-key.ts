import { TrackwayError } from '@trackway/protocol'

/**
 * A key without surrounding whitespace, such as the line break of its file. Throws `config_invalid`, without
 * the key.
 */
export function checkApiKey(apiKey: unknown, origin: string): string {
  const key = typeof apiKey === 'string' ? apiKey.trim() : ''
  const problem = keyProblem(apiKey, key)
  if (problem === undefined) return key
  throw new TrackwayError('config_invalid', `The API key came from ${origin}; it ${problem}`)
}

function keyProblem(given: unknown, key: string): string | undefined {
  if (typeof given !== 'string') return 'is not a string'
  if (key === '') return 'is empty'
  if (/["'`\\]/.test(key)) return 'contains quotes or a backslash; remove them'
  if (/\s/.test(key)) return 'contains whitespace; pass only the key'
  return /^[\x21-\x7e]+$/.test(key)
    ? undefined
    : 'contains invisible characters or letters that no key has; copy it again'
}
