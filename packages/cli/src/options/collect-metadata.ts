import type { Metadata } from '@trackway/sdk'
import { InvalidArgumentError } from 'commander'

/** Parses `key=value`, where the value is JSON if it parses as JSON and text otherwise; or a JSON object. */
export function collectMetadata(text: string, before: Metadata = {}): Metadata {
  if (text.startsWith('{')) {
    const value = tryJson(text)
    // JSON that begins with a brace is an object.
    if (value !== undefined) return { ...before, ...(value as Metadata) }
    throw new InvalidArgumentError('It begins like a JSON object, but is not valid JSON.')
  }
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (key === undefined || value === undefined) {
    throw new InvalidArgumentError('Write key=value, or a JSON object such as {"rows":1200}.')
  }
  return { ...before, [key]: (tryJson(value) ?? value) as Metadata[string] } // JSON has no other values.
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
