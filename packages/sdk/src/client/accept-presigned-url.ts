import type { PresignedUrl } from '@trackway/protocol'

/** What is sent to a presigned URL. */
export interface AcceptedUrl {
  url: URL
  headers: Record<string, string>
}

/** The runtime sets these itself. */
const stated = new Set(['content-length', 'host'])

/**
 * The allowed headers of a presigned URL, in lower case. Any other header could have a meaning to its
 * recipient.
 */
const allowed: Record<string, RegExp> = {
  authorization: /^AWS4-HMAC-SHA256 /,
  'content-type': /^[\w.+-]+\/[\w.+-]+$/,
  'if-none-match': /^\*$/,
}

/**
 * A presigned URL, if it leads where a client may go that trusts only its server: over https, unless the
 * server itself is reached without, and with headers that belong to a signature. Undefined for any other,
 * which is not followed.
 */
export function acceptPresignedUrl(
  { url: text, headers }: PresignedUrl,
  server: URL,
): AcceptedUrl | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && server.protocol === 'http:')
  if (!isSafe || url.username !== '' || url.password !== '') return undefined
  const sent: Record<string, string> = {}
  for (const [written, value] of Object.entries(headers)) {
    const name = written.toLowerCase()
    if (stated.has(name)) continue
    if (!isAllowed(name, value)) return undefined
    sent[name] = value
  }
  return { url, headers: sent }
}

function isAllowed(name: string, value: string): boolean {
  if (!/^[\x20-\x7e]*$/.test(value)) return false
  if (/^x-amz-[a-z0-9-]+$/.test(name)) return true
  return Object.hasOwn(allowed, name) && allowed[name]?.test(value) === true
}
