import { foldName, TrackwayError, type Me, type Role } from '@trackway/protocol'
import type { ObjectStore } from '../stores/object-store.ts'
import { createUrlSigner } from './url-signing-keys.ts'
import { demandUnexpired, hashKey, readApiKey } from './api-keys.ts'

/** Who sends a request, and what they may do. */
export interface Caller {
  user: string
  /** Team in lower case to role; `*` means every team. */
  roles: Record<string, Role>
  /** The id of the API key. Undefined: the server requires none. */
  keyId?: string | undefined
  /** Signs URLs in the name of the caller's key. Undefined: the server requires no key, and signs nothing. */
  signing?: Signing | undefined
  /** Seconds since 1970 at which the caller's signed URL expires. Default: never. */
  until?: number | undefined
}

/** Signs in the name of an API key. */
interface Signing {
  /** Its SHA-256, in hex. */
  key: string
  /** When the key expires, and with it everything that it signed: ISO 8601. Undefined: never. */
  expiresAt?: string | undefined
  /** A signature in base64url. Throws `forbidden` for a key that is older than signed URLs. */
  sign(text: string): Promise<string>
}

/** Identifies the sender of a request. Throws `unauthorized`. */
export type Authenticate = (request: Request) => Promise<Caller>

const everyTeam = '*'
const defaultTeam = 'default'
const cacheMs = 60_000
const ranks: Record<Role, number> = { read: 1, write: 2, admin: 3 }

/** Every caller is this user and may do everything: for a store that only this process reaches. */
export function trustEverybody(user: string): Authenticate {
  const caller: Caller = { user, roles: { [everyTeam]: 'admin' } }
  return () => Promise.resolve(caller)
}

/** Callers send an API key of the store. What a key may do is cached for up to a minute. */
export function authenticateByKey(store: ObjectStore): Authenticate {
  const readCaller = rememberForAMinute(async (key: string) => {
    const document = await readApiKey(store, key)
    if (document === undefined) return undefined
    const { id, user, roles, addressKey, expiresAt } = document
    const signing = addressKey === undefined ? cannotSign(id) : signingOf(key, expiresAt)
    return { document, caller: { user, roles, keyId: id, signing } }
  })
  return async (request) => {
    const key = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
    if (key === undefined)
      throw new TrackwayError(
        'unauthorized',
        'The request has no API key; send it as Authorization: Bearer tw_…',
      )
    const known = await readCaller(key)
    if (known === undefined)
      throw new TrackwayError('unauthorized', 'The API key is not valid; it may have been revoked')
    demandUnexpired(known.document)
    return known.caller
  }
}

/**
 * Reads something unless it was read in the last minute, by a clock that cannot be set back. Missing values
 * are not cached.
 */
export function rememberForAMinute<Value>(
  read: (name: string) => Promise<Value | undefined>,
): (name: string) => Promise<Value | undefined> {
  const known = new Map<string, { value: Value; until: number }>()
  return async (name) => {
    const remembered = known.get(name)
    if (remembered !== undefined && remembered.until > performance.now()) return remembered.value
    known.delete(name)
    const value = await read(name)
    if (value !== undefined) known.set(name, { value, until: performance.now() + cacheMs })
    return value
  }
}

function signingOf(apiKey: string, expiresAt: string | undefined): Signing {
  let signer: ReturnType<typeof createUrlSigner> | undefined
  return {
    key: hashKey(apiKey),
    expiresAt,
    async sign(text) {
      signer ??= createUrlSigner(apiKey)
      return (await signer)(text)
    },
  }
}

function cannotSign(id: string): Signing {
  const problem = `The API key ${id} is older than signed URLs; create a new one with trackway-server keys add`
  return { key: '', sign: () => Promise.reject(new TrackwayError('forbidden', problem)) }
}

/**
 * Makes sure that a caller may act in a team. Throws `not_found` if the caller does not belong to the team,
 * so that strangers do not learn which teams exist, and `forbidden` if the role is not sufficient.
 */
export function requireRole(caller: Caller, team: string, needed: Role): void {
  // Rule: a key works only in the teams that it names, unless it names all.
  const role = roleIn(caller, foldName(team)) ?? roleIn(caller, everyTeam)
  if (role === undefined)
    throw new TrackwayError('not_found', `This API key does not belong to a team ${team}`)
  if (ranks[role] >= ranks[needed]) return
  throw new TrackwayError(
    'forbidden',
    `The API key may ${role} in team ${team}; this requires the role '${needed}'`,
    {
      details: { team, role, needed },
    },
  )
}

/**
 * A team's name may be that of an inherited property, such as `constructor`, so only own properties count.
 */
function roleIn({ roles }: Caller, team: string): Role | undefined {
  return Object.hasOwn(roles, team) ? roles[team] : undefined
}

/** What the server tells callers about themselves. */
export function describeCaller({ user, roles }: Caller): Me {
  const team = Object.keys(roles).find((name) => name !== everyTeam) ?? defaultTeam
  return { user, team, roles }
}
