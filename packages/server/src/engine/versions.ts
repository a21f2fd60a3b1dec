import {
  tagNumber,
  type CreateVersion,
  type ListedVersion,
  type Tag,
  type Tombstone,
  type VersionRecord,
} from '@trackway/protocol'
import type { ArtifactPlace } from '../layout.ts'
import { createVersion, type Commit, type CreateContext } from './create-version.ts'
import { deleteVersion, restoreVersion, type DeleteContext } from './delete-version.ts'
import { resolveVersion, type ResolveContext } from './resolve-version.ts'
import { first, listRecords, type VersionFilter } from './version-records.ts'

/** The versions of artifacts. */
export interface Versions {
  /** Makes the next version, or finds the one that this commit made before. */
  create(
    place: ArtifactPlace,
    author: Commit['author'],
    request: CreateVersion,
  ): Promise<{ record: VersionRecord; created: boolean }>
  /** The version that a reference means. Throws `not_found`, `version_deleted`, `reference_invalid`. */
  resolve(place: ArtifactPlace, reference: string): Promise<VersionRecord>
  /** The newest version that is not deleted; undefined where there is none. */
  latest(place: ArtifactPlace): Promise<VersionRecord | undefined>
  /** Deletes a version; its data stays for a week at least. Throws `not_found`, `alias_in_use`. */
  delete(place: ArtifactPlace, tag: Tag, author: Commit['author']): Promise<Tombstone>
  /** Takes back that a version was deleted. Throws `not_found`, `version_deleted` where its data is gone. */
  restore(place: ArtifactPlace, tag: Tag, author: Commit['author']): Promise<VersionRecord>
  /** Versions, the newest first, without deleted ones unless these are asked for. */
  list(place: ArtifactPlace, filter?: VersionFilter): AsyncGenerator<ListedVersion>
}

export function createVersions(context: CreateContext & ResolveContext & DeleteContext): Versions {
  const { store } = context
  const deletion = (place: ArtifactPlace, tag: Tag, { user }: Commit['author']) => ({
    place,
    number: tagNumber(tag) ?? 0,
    user,
  })
  return {
    create: (place, author, request) => createVersion(context, place, { author, request }),
    resolve: (place, reference) => resolveVersion(context, place, reference),
    latest: (place) => first(listRecords(store, place)),
    delete: (place, tag, author) => deleteVersion(context, deletion(place, tag, author)),
    restore: (place, tag, author) => restoreVersion(context, deletion(place, tag, author)),
    list: (place, filter) => listRecords(store, place, filter),
  }
}
