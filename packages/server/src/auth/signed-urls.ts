import { foldName, formatTag, signedQuerySchema, tagNumber, TrackwayError } from '@trackway/protocol'
import type { ObjectStore } from '../stores/object-store.ts'
import { createUrlVerifier } from './url-signing-keys.ts'
import { demandUnexpired, readApiKeyByHash } from './api-keys.ts'
import { rememberForAMinute, type Caller } from './caller.ts'

/** The file and version that a signed URL is for. Names in any case. */
export interface SignedFile {
  team: string
  experiment: string
  type: string
  name: string
  tag: string
  path: string
}

/**
 * The signed text: the meaning of the request rather than its spelling, so that a program may encode the URL
 * differently, and so that the checked file is the one that is sent. JSON keeps its parts apart.
 */
function signedText(file: SignedFile, { key, expires }: { key: string; expires: number }): string {
  const { team, experiment, type, name, tag, path } = file
  const place = [team, experiment, type, name].map(foldName)
  return JSON.stringify(['trackway address of a file', key, expires, ...place, tag, path])
}

/** Signs a URL in the name of the caller, until a time in seconds since 1970; empty if no key is required. */
export async function signUrl(
  signing: Caller['signing'],
  file: SignedFile,
  expires: number,
): Promise<string> {
  if (signing === undefined) return ''
  const { key, sign } = signing
  const signature = await sign(signedText(file, { key, expires }))
  return new URLSearchParams({ key, expires: String(expires), signature }).toString()
}

/** A time as seconds since 1970. An invalid time means never. */
function secondsOf(time: string | undefined): number {
  return time === undefined ? Number.POSITIVE_INFINITY : Math.floor(Date.parse(time) / 1000)
}

/**
 * When a signature made now expires, in seconds since 1970: after a while, but not later than the signing
 * key.
 */
export function endOfSignedUrl(signing: Caller['signing'], lifeSeconds: number): number {
  return Math.min(Math.floor(Date.now() / 1000) + lifeSeconds, secondsOf(signing?.expiresAt))
}

/** Tells in whose name the URL of a request was signed. Throws `unauthorized`. */
export type AuthenticateSignedUrl = (
  query: unknown,
  parameters: Record<string, string>,
) => Promise<Caller & { until: number }>

/** A signed URL has its key's permissions until it expires, or the key expires or is revoked. */
export function authenticateBySignedUrl(store: ObjectStore): AuthenticateSignedUrl {
  const readSigner = rememberForAMinute(async (hex: string) => {
    const document = await readApiKeyByHash(store, hex)
    if (document?.addressKey === undefined) return undefined
    return { document, verify: await createUrlVerifier(document.addressKey) }
  })
  return async (query, parameters) => {
    const { key, expires, signature } = signedQuerySchema.safeParse(query).data ?? {}
    const file = signedFile(parameters)
    if (key === undefined || expires === undefined || signature === undefined || file === undefined)
      throw refused()
    const until = Number(expires)
    const signer = await readSigner(key)
    const isSigned = await signer?.verify(signedText(file, { key, expires: until }), signature)
    if (signer === undefined || !isSigned) throw refused()
    if (until * 1000 <= Date.now())
      throw new TrackwayError('unauthorized', 'This signed URL has expired; request a new one')
    demandUnexpired(signer.document)
    const { id, user, roles, expiresAt } = signer.document
    return { user, roles, keyId: id, until: Math.min(until, secondsOf(expiresAt)) }
  }
}

/** What the request means, if it names all of it, and the version by its tag: other names may move. */
function signedFile(parameters: Record<string, string>): SignedFile | undefined {
  const { team, experiment, type, name, revision = '', path } = parameters
  const number = tagNumber(revision)
  if (team === undefined || experiment === undefined || type === undefined) return undefined
  if (name === undefined || path === undefined || number === undefined) return undefined
  return { team, experiment, type, name, path, tag: formatTag(number) }
}

/** One message for every cause: probing signatures reveals nothing about keys. */
function refused(): TrackwayError {
  return new TrackwayError(
    'unauthorized',
    'This signed URL was changed, is for another file, or its API key no longer exists; request a new one',
  )
}
