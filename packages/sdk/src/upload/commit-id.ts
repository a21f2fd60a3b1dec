/**
 * A unique name for something that may be sent more than once: a random UUID (RFC 9562, version 4). A page
 * that was loaded over plain http has no `crypto.randomUUID`.
 */
export function createCommitId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return uuidOf(Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''), 4)
}

/** A UUID of the first 16 bytes of `hex`, except for the six bits of its version and variant (RFC 9562). */
export function uuidOf(hex: string, version: 4 | 8): string {
  const variant = (Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8
  const groups = [hex.slice(0, 8), hex.slice(8, 12), `${version}${hex.slice(13, 16)}`]
  return [...groups, `${variant.toString(16)}${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
}
