import { foldName, formatTag, signedQuerySchema, tagNumber, TrackwayError } from '@trackway/protocol'
import type { ObjectStore } from '../stores/object-store.ts'
import { createAddressVerifier } from './address-keys.ts'
import { demandUnexpired, readApiKeyByHash } from './api-keys.ts'
import { rememberForAMinute, type Caller } from './caller.ts'

/** Which file of which version an address is of. Names in any case. */
export interface AddressedFile {
  team: string
  experiment: string
  type: string
  name: string
  tag: string
  path: string
}

/**
 * What is signed: what the request means and not how it is written, so that a program may encode the address otherwise,
 * and so that what is checked is what is answered. Each part is a text of its own, so none can pass for two.
 */
function signedText(file: AddressedFile, { key, expires }: { key: string; expires: number }): string {
  const { team, experiment, type, name, tag, path } = file
  const place = [team, experiment, type, name].map(foldName)
  return JSON.stringify(['trackway address of a file', key, expires, ...place, tag, path])
}

/** Signs an address in the name of the caller, until a time in seconds since 1970; empty where no key is asked for. */
export async function signAddress(
  signing: Caller['signing'],
  file: AddressedFile,
  expires: number,
): Promise<string> {
  if (signing === undefined) return ''
  const { key, sign } = signing
  const signature = await sign(signedText(file, { key, expires }))
  return new URLSearchParams({ key, expires: String(expires), signature }).toString()
}

/** A time as seconds since 1970. No time at all is never. */
function secondsOf(time: string | undefined): number {
  return time === undefined ? Number.POSITIVE_INFINITY : Math.floor(Date.parse(time) / 1000)
}

/** When what is signed now ends, in seconds since 1970: after a while, but not later than the key that signs it. */
export function endOfAddress(signing: Caller['signing'], lifeSeconds: number): number {
  return Math.min(Math.floor(Date.now() / 1000) + lifeSeconds, secondsOf(signing?.expiresAt))
}

/** Says in whose name an address was signed that a request was sent to. Throws `unauthorized`. */
export type AuthenticateAddress = (
  query: unknown,
  parameters: Record<string, string>,
) => Promise<Caller & { until: number }>

/** Who has an address has the rights of its key: as long as it says, and as long as the key is one. */
export function authenticateByAddress(store: ObjectStore): AuthenticateAddress {
  const readSigner = rememberForAMinute(async (hex: string) => {
    const document = await readApiKeyByHash(store, hex)
    if (document?.addressKey === undefined) return undefined
    return { document, verify: await createAddressVerifier(document.addressKey) }
  })
  return async (query, parameters) => {
    const { key, expires, signature } = signedQuerySchema.safeParse(query).data ?? {}
    const file = addressedFile(parameters)
    if (key === undefined || expires === undefined || signature === undefined || file === undefined)
      throw refused()
    const until = Number(expires)
    const signer = await readSigner(key)
    const isSigned = await signer?.verify(signedText(file, { key, expires: until }), signature)
    if (signer === undefined || !isSigned) throw refused()
    if (until * 1000 <= Date.now())
      throw new TrackwayError('unauthorized', 'The time of this address is over; ask for a new one')
    demandUnexpired(signer.document)
    const { id, user, roles, expiresAt } = signer.document
    return { user, roles, keyId: id, until: Math.min(until, secondsOf(expiresAt)) }
  }
}

/** What the request means, if it names all of it, and the version by its tag: what else names one may move. */
function addressedFile(parameters: Record<string, string>): AddressedFile | undefined {
  const { team, experiment, type, name, revision = '', path } = parameters
  const number = tagNumber(revision)
  if (team === undefined || experiment === undefined || type === undefined) return undefined
  if (name === undefined || path === undefined || number === undefined) return undefined
  return { team, experiment, type, name, path, tag: formatTag(number) }
}

/** One text for all of it: whoever tries signatures learns nothing of keys. */
function refused(): TrackwayError {
  return new TrackwayError(
    'unauthorized',
    'This address is not as it was signed, or not for this file, or its API key is gone; ask for a new one',
  )
}
