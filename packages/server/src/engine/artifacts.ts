import { TrackwayError, type ArtifactSummary } from '@trackway/protocol'
import type { ArtifactScope, ExperimentScope } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import type { Aliases } from './aliases.ts'
import { listArtifactFolders } from './artifact-folders.ts'
import { readAhead, takePage, type PageRequest } from './listing.ts'
import type { Versions } from './versions.ts'

/** The artifacts of experiments. */
export interface Artifacts {
  /** An artifact, its newest version and its aliases. Throws `not_found`. */
  get(scope: ArtifactScope): Promise<ArtifactSummary>
  list(
    scope: ExperimentScope,
    page: PageRequest & { type?: string | undefined },
  ): Promise<{ items: ArtifactSummary[]; next?: string }>
}

export function createArtifacts(store: ObjectStore, versions: Versions, aliases: Aliases): Artifacts {
  async function summarize(scope: ArtifactScope): Promise<ArtifactSummary> {
    const [latest, pointers] = await Promise.all([
      versions.latest(scope),
      aliases.all(scope, { skipsDamaged: true }),
    ])
    const { experiment, type, name } = latest ?? scope
    return { experiment, type, name, latest: latest ?? null, aliases: pointers }
  }

  return {
    async get(scope) {
      const summary = await summarize(scope)
      // No version: either all are deleted, and the artifact still exists, or there never was one.
      if (summary.latest === null) await versions.resolve(scope, 'V1').catch(ignoreDeleted)
      return summary
    },
    async list(scope, { cursor, limit, type }) {
      const folders = listArtifactFolders(store, scope, { type, after: parseCursor(cursor) })
      const summaries = readAhead(folders, async (folder) => ({
        folder: `${folder.type}/${folder.name}`,
        summary: await summarize({ ...scope, ...folder }),
      }))
      const { items, ...page } = await takePage(summaries, limit, ({ folder }) => folder)
      return { items: items.map(({ summary }) => summary), ...page }
    },
  }
}

function ignoreDeleted(error: unknown): void {
  if (!TrackwayError.hasCode(error, 'version_deleted')) throw error
}

function parseCursor(cursor: string | undefined) {
  const [, type, name] = /^([^/]+)\/(.+)$/.exec(cursor ?? '') ?? []
  return type === undefined || name === undefined ? undefined : { type, name }
}
