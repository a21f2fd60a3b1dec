import type { Digest, JsonValue, Metadata } from '@trackway/protocol'

/** How many characters of a value are shown. */
const mostValue = 200

/** The beginning of a digest, which is enough to distinguish it from others. */
export function shortDigest(digest: Digest | undefined): string | undefined {
  return digest?.slice(0, 'sha256:'.length + 12)
}

export function countOf(count: number, one: string): string {
  return `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`
}

/** A JSON object in one line; undefined for an empty one. */
export function jsonLine(value: Metadata): string | undefined {
  const pairs = Object.entries(value).map(([key, each]) => `${key}: ${shortJson(each)}`)
  return pairs.length === 0 ? undefined : cut(pairs.join(', '), 10 * mostValue)
}

function shortJson(value: JsonValue): string {
  return cut(typeof value === 'string' ? value : JSON.stringify(value), mostValue)
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text
}

/** A time as people read it: `2026-05-01 12:30`, in UTC. */
export function minuteOf(time: string): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ')
}
