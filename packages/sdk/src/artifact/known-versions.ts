import { foldName, formatTag, parseReference, recordSchema, type VersionRecord } from '@trackway/protocol'
import * as z from 'zod/mini'
import { textCache } from '#platform'
import type { Place } from '../session/place.ts'

/** A version as the server answered, and what tells that answer from a later one. */
export interface KnownVersion {
  etag: string | undefined
  record: VersionRecord
}

/** What a version is asked for by. */
export interface VersionSpec {
  type: string
  name: string
  /** A tag, an alias, `latest` or a digest. */
  reference: string
}

const folder = 'versions'
const knownSchema = z.object({ etag: z.optional(z.string()), record: recordSchema })

/** Whether a reference means the same version for ever. */
export function isPinned(reference: string): boolean {
  const { kind } = parseReference(reference)
  return kind === 'tag' || (kind === 'digest' && reference.length === 'sha256:'.length + 64)
}

/** What the server answered the last time. */
export async function readKnown(place: Place, spec: VersionSpec): Promise<KnownVersion | undefined> {
  const text = await textCache.read(folder, keyOf(place, spec))
  const known = text === undefined ? undefined : knownSchema.safeParse(JSON.parse(text))
  return known?.success ? { etag: known.data.etag, record: known.data.record } : undefined
}

export async function keepKnown(place: Place, spec: VersionSpec, known: KnownVersion): Promise<void> {
  await textCache.keep(folder, keyOf(place, spec), JSON.stringify(known))
}

/** The version of a tag was deleted: the server says so from now on. Other machines find out when they ask for its bytes. */
export async function forgetKnown(
  place: Place,
  { type, name, tag }: Pick<VersionRecord, 'type' | 'name' | 'tag'>,
): Promise<void> {
  const known = await readKnown(place, { type, name, reference: tag })
  const references = known === undefined ? [tag] : [tag, known.record.digest]
  for (const reference of references) await textCache.forget(folder, keyOf(place, { type, name, reference }))
}

/** A tag may be written `v1` as well. */
function spelled(reference: string): string {
  const parsed = parseReference(reference)
  return parsed.kind === 'tag' ? formatTag(parsed.number) : reference
}

function keyOf({ connection, team, experiment }: Place, { type, name, reference }: VersionSpec): string {
  const parts = [
    connection.storeId,
    foldName(team),
    foldName(experiment),
    foldName(type),
    foldName(name),
    spelled(reference),
  ]
  return JSON.stringify(parts)
}
