import {
  tagNumber,
  type CreateVersion,
  type ListedVersion,
  type Tag,
  type Tombstone,
  type VersionDescription,
  type VersionRecord,
} from '@trackway/protocol'
import type { ArtifactPlace } from '../layout.ts'
import { createVersion, type Commit, type CreateContext } from './create-version.ts'
import { deleteVersion, restoreVersion, type DeleteContext } from './delete-version.ts'
import { describe, editVersion, listDescriptions, type Change } from './edits.ts'
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
  /** The version that a revision means, as it was made. Throws `not_found`, `version_deleted`, `revision_invalid`. */
  resolve(place: ArtifactPlace, revision: string): Promise<VersionRecord>
  /** A version as it is described now. */
  describe(record: VersionRecord): Promise<VersionRecord>
  /** Changes what a version is described as. Throws `not_found`, `version_deleted`. */
  update(place: ArtifactPlace, tag: Tag, change: Change): Promise<VersionRecord>
  /** What a version was described as, the newest first. */
  history(record: VersionRecord): Promise<VersionDescription[]>
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
    async create(place, author, request) {
      const { record, created } = await createVersion(context, place, { author, request })
      return { record: created ? record : await describe(store, record), created }
    },
    resolve: (place, revision) => resolveVersion(context, place, revision),
    describe: (record) => describe(store, record),
    update: async (place, tag, change) =>
      editVersion(context, await resolveVersion(context, place, tag), change),
    history: (record) => listDescriptions(store, record),
    latest: (place) => first(listRecords(store, place)),
    delete: (place, tag, author) => deleteVersion(context, deletion(place, tag, author)),
    restore: async (place, tag, author) =>
      describe(store, await restoreVersion(context, deletion(place, tag, author))),
    list: (place, filter) => listRecords(store, place, filter),
  }
}
