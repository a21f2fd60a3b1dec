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
import { publicAddressKey, toBase64Url } from './address-keys.ts'
import { putDocument, readDocument } from '../engine/documents.ts'
import { listObjects } from '../engine/listing.ts'
import { layout } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'

const mostNameLength = 200

/** Who a key is for and what it may do. */
export interface NewApiKey {
  /** Whose key it is. */
  user: string
  /** Team to role; `*` stands for every team. */
  roles: Record<string, Role>
  /** Its name, for people: what the key is for. Default: none. */
  name?: string | undefined
  /** When servers begin to refuse it. Default: never. */
  expiresAt?: Date | undefined
  /** The key itself, for tests that want to know it beforehand. Default: `tw_` and 256 random bits. */
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
 * Makes an API key. The key is in the answer and nowhere else: only its SHA-256 is stored, which for 256 random bits
 * gives nothing away. Throws `name_invalid`, and `option_invalid` for an end in the past
 * or a name that is not a short line.
 */
export async function createApiKey(
  store: ObjectStore,
  request: NewApiKey,
): Promise<{
  /** The key itself, which nothing keeps. */
  key: string
  /** What is stored of it. */
  document: ApiKeyDocument
}> {
  checkOptions('createApiKey', request, requestKinds)
  const { expiresAt } = request
  if (expiresAt !== undefined && !(expiresAt.getTime() > Date.now()))
    throw new TrackwayError('option_invalid', 'The end of an API key has to be a time in the future')
  const name = request.name ?? ''
  if (name.length > mostNameLength || /\p{Cc}/u.test(name))
    throw new TrackwayError(
      'option_invalid',
      `The name of an API key has to be one line of at most ${mostNameLength} characters`,
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

/** Takes a key out of use. Servers that knew it forget it within a minute. Throws `not_found`, `request_invalid`. */
export async function revokeApiKey(store: ObjectStore, id: string): Promise<void> {
  // What is said goes to terminals and logs, where a key is not to be.
  if (id.startsWith('tw_'))
    throw new TrackwayError('request_invalid', 'This is a key; give its id, which the list of keys shows')
  const page = await store.list({ prefix: `${layout.apiKeys}${id}`, limit: 2 })
  const [found, second] = page.objects
  if (found === undefined || id === '')
    throw new TrackwayError('not_found', `There is no API key with the id '${id}'; list them to see the ids`)
  if (second !== undefined)
    throw new TrackwayError('request_invalid', `More than one API key begins with '${id}'; give the whole id`)
  await store.delete(found.key)
}

/**
 * What is known of a key; undefined where it is not valid. The look-up goes by the key's SHA-256, so how long it takes
 * tells nothing about the keys that exist.
 */
export function readApiKey(store: ObjectStore, key: string): Promise<ApiKeyDocument | undefined> {
  return readApiKeyByHash(store, hashKey(key))
}

/** What is known of a key by its SHA-256, in 64 hex digits, which whoever asks need not have the key for. */
export async function readApiKeyByHash(store: ObjectStore, hex: string): Promise<ApiKeyDocument | undefined> {
  const document = await readDocument(store, layout.apiKey(hex), apiKeyDocumentSchema)
  // The rights of one key must not come to be another's, whatever happened to the store.
  return document !== undefined && hex.startsWith(document.id) && document.id.length === 12
    ? document
    : undefined
}

/** Makes sure that a key is still good, whenever it was read. Throws `unauthorized`. */
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

/** How many keys a store has. None of them is read. */
export async function countApiKeys(store: ObjectStore): Promise<number> {
  let count = 0
  for await (const _ of listObjects(store, { prefix: layout.apiKeys })) count += 1
  return count
}

function teamKey(team: string): string {
  return team === '*' ? team : foldName(parseName('team', team))
}

/** The SHA-256 of a key, in hex: what it is known by. */
export function hashKey(key: string): string {
  return digestHex(sha256(new TextEncoder().encode(key)))
}

function generateKey(): string {
  return `tw_${toBase64Url(crypto.getRandomValues(new Uint8Array(32)))}`
}
