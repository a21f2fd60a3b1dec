// Signed URLs of files are signed with Ed25519 (RFC 8032), by a key that is derived from the API key in whose
// name they are made. The store holds only the public half, which cannot sign.

const encoder = new TextEncoder()
const purpose = 'trackway addresses of files 1'
/** Prefix of the 32 bytes of a private key in PKCS #8 (RFC 8410, section 7). */
const pkcs8Head = Uint8Array.from([48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32])

/** The private half. Only the API key itself yields it: its SHA-256 does not (RFC 5869). */
async function deriveKey(apiKey: string, extractable: boolean): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', encoder.encode(apiKey), 'HKDF', false, ['deriveBits'])
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: encoder.encode(purpose) }
  const seed = new Uint8Array(await crypto.subtle.deriveBits(parameters, material, 256))
  const pkcs8 = new Uint8Array([...pkcs8Head, ...seed])
  return crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', extractable, ['sign'])
}

/** The public half of the key that signs for an API key, in base64url. */
export async function publicAddressKey(apiKey: string): Promise<string> {
  const { x } = await crypto.subtle.exportKey('jwk', await deriveKey(apiKey, true))
  if (x === undefined) throw new Error('The platform gives an Ed25519 key without its public half')
  return x
}

/** Signs texts in the name of an API key. Signatures are in base64url. */
export async function createUrlSigner(apiKey: string): Promise<(text: string) => Promise<string>> {
  const key = await deriveKey(apiKey, false)
  return async (text) => toBase64Url(await crypto.subtle.sign('Ed25519', key, encoder.encode(text)))
}

/** Whether a signature of a text was made with the private half of a public key. */
export async function createUrlVerifier(
  publicKey: string,
): Promise<(text: string, signature: string) => Promise<boolean>> {
  const key = await crypto.subtle.importKey('raw', fromBase64Url(publicKey), 'Ed25519', false, ['verify'])
  return (text, signature) =>
    crypto.subtle.verify('Ed25519', key, fromBase64Url(signature), encoder.encode(text))
}

/** Bytes in base64url without padding. */
export function toBase64Url(bytes: ArrayBuffer | Uint8Array): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)))
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) =>
    letter.charCodeAt(0),
  )
}
