import {
  apiKeyDocumentSchema,
  brandOf,
  digestHex,
  foldName,
  parseName,
  roleSchema,
  sha256,
  TrackwayError,
  type ApiKeyDocument,
  type Role,
} from '@trackway/protocol'
import { checkOptions, date, required, text, type KindsOf } from '@trackway/protocol/options'
import { publicAddressKey, toBase64Url } from './url-signing-keys.ts'
import { putDocument, readDocument } from '../engine/documents.ts'
import { listObjects } from '../engine/listing.ts'
import { layout } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'

const mostNameLength = 200

/** Options of `createApiKey`. */
export interface NewApiKey {
  /** The user whose key it is. */
  user: string
  /** Team to role; `*` means every team. */
  roles: Record<string, Role>
  /** A note for people on what the key is for. Default: none. */
  name?: string | undefined
  /** When the key expires. Default: never. */
  expiresAt?: Date | undefined
  /** The key itself, for tests that need to know it beforehand. Default: `tw_` and 256 random bits. */
  key?: string | undefined
}

const requestKinds = {
  user: required(text('ada')),
  roles: required({
    expected: 'an object from a team to read, write or admin',
    example: "{ vision: 'write' }",
    accepts: (value) =>
      brandOf(value) === 'Object' &&
      Object.values(Object(value)).every((role) => roleSchema.safeParse(role).success),
  }),
  name: text('the training machines'),
  expiresAt: date,
  key: text('tw_…'),
} satisfies KindsOf<NewApiKey>

/**
 * Creates an API key. Only the result holds the key: the store keeps its SHA-256, which reveals nothing about
 * 256 random bits. Throws `name_invalid`, and `option_invalid` for an expiry in the past
 * or a name that is not a short line.
 */
export async function createApiKey(
  store: ObjectStore,
  request: NewApiKey,
): Promise<{
  /** The key itself, which is stored nowhere. */
  key: string
  /** The stored details. */
  document: ApiKeyDocument
}> {
  checkOptions('createApiKey', request, requestKinds)
  const { expiresAt } = request
  if (expiresAt !== undefined && !(expiresAt.getTime() > Date.now()))
    throw new TrackwayError('option_invalid', 'An API key must expire in the future; give a later time')
  const name = request.name ?? ''
  if (name.length > mostNameLength || /\p{Cc}/u.test(name))
    throw new TrackwayError(
      'option_invalid',
      `The name of an API key must be one line of at most ${mostNameLength} characters`,
    )
  const key = request.key ?? generateKey()
  const hex = hashKey(key)
  const document: ApiKeyDocument = {
    formatVersion: 1,
    id: hex.slice(0, 12),
    user: parseName('user', request.user),
    note: name,
    roles: Object.fromEntries(Object.entries(request.roles).map(([team, role]) => [teamKey(team), role])),
    createdAt: new Date().toISOString(),
    ...(expiresAt !== undefined && { expiresAt: expiresAt.toISOString() }),
    addressKey: await publicAddressKey(key),
  }
  await putDocument(store, layout.apiKey(hex), document)
  return { key, document }
}

/** Every key of a store, without the keys themselves. */
export async function listApiKeys(store: ObjectStore): Promise<ApiKeyDocument[]> {
  const documents: ApiKeyDocument[] = []
  for await (const { key } of listObjects(store, { prefix: layout.apiKeys })) {
    const document = await readDocument(store, key, apiKeyDocumentSchema)
    if (document !== undefined) documents.push(document)
  }
  return documents
}

/** Revokes a key. Servers stop accepting it within a minute. Throws `not_found`, `request_invalid`. */
export async function revokeApiKey(store: ObjectStore, id: string): Promise<void> {
  // Messages go to terminals and logs, which must not hold a key.
  if (id.startsWith('tw_'))
    throw new TrackwayError(
      'request_invalid',
      'This is an API key; give its id, which the list of keys shows',
    )
  const page = await store.list({ prefix: `${layout.apiKeys}${id}`, limit: 2 })
  const [found, second] = page.objects
  if (found === undefined || id === '')
    throw new TrackwayError('not_found', `There is no API key with the id '${id}'; list them to see the ids`)
  if (second !== undefined)
    throw new TrackwayError('request_invalid', `More than one API key begins with '${id}'; give the whole id`)
  await store.delete(found.key)
}

/**
 * The details of a key; undefined if it is not valid. The lookup uses the key's SHA-256, so its timing
 * reveals nothing about the keys that exist.
 */
export function readApiKey(store: ObjectStore, key: string): Promise<ApiKeyDocument | undefined> {
  return readApiKeyByHash(store, hashKey(key))
}

/** The details of a key by its SHA-256 (64 hex digits), for callers who do not have the key. */
export async function readApiKeyByHash(store: ObjectStore, hex: string): Promise<ApiKeyDocument | undefined> {
  const document = await readDocument(store, layout.apiKey(hex), apiKeyDocumentSchema)
  // One key must never get another's permissions, whatever happened to the store.
  return document !== undefined && hex.startsWith(document.id) && document.id.length === 12
    ? document
    : undefined
}

/** Makes sure that a key has not expired, whenever it was read. Throws `unauthorized`. */
export function demandUnexpired({ id, expiresAt }: Pick<ApiKeyDocument, 'id' | 'expiresAt'>): void {
  if (expiresAt === undefined || Date.parse(expiresAt) > Date.now()) return
  throw new TrackwayError(
    'unauthorized',
    `The API key ${id} expired on ${expiresAt.slice(0, 10)}; ask the operator of the server for a new one`,
    { details: { id, expiresAt } },
  )
}

/** Whether a store has any key, or one with this id. */
export async function hasApiKeys(store: ObjectStore, id = ''): Promise<boolean> {
  return (await store.list({ prefix: layout.apiKeys + id, limit: 1 })).objects.length > 0
}

/** How many keys a store has, without reading them. */
export async function countApiKeys(store: ObjectStore): Promise<number> {
  let count = 0
  for await (const _ of listObjects(store, { prefix: layout.apiKeys })) count += 1
  return count
}

function teamKey(team: string): string {
  return team === '*' ? team : foldName(parseName('team', team))
}

/** The SHA-256 of a key, in hex, which identifies it. */
export function hashKey(key: string): string {
  return digestHex(sha256(new TextEncoder().encode(key)))
}

function generateKey(): string {
  return `tw_${toBase64Url(crypto.getRandomValues(new Uint8Array(32)))}`
}
