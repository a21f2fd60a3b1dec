import { checkOptions, flag, type KindsOf } from '@trackway/protocol/options'
import pLimit from 'p-limit'
import { layout } from '../../layout.ts'
import type { ObjectInfo, ObjectStore } from '../../stores/object-store.ts'
import { listFolders, listObjects } from '../listing.ts'
import { createManifestsOf } from '../manifests.ts'
import { systemClockAndIds, type ClockAndIds } from '../clock-and-ids.ts'
import { checkBlobs } from './check-blobs.ts'
import type { CheckContext } from './check-context.ts'
import { checkSequences } from './check-sequences.ts'
import { checkVersions } from './check-versions.ts'
import { describeFailure, emptyReport, type CheckOptions, type CheckReport, type Damage } from './report.ts'
import { documentKind, isOtherKey } from './stored-documents.ts'

const concurrentReads = 32

const optionKinds = {
  readData: {
    expected: 'true, false, or an object with a part and how many there are',
    example: '{ part: 1, of: 7 }',
    accepts: (value) => typeof value === 'boolean' || isPart(Object(value)),
  },
  repair: flag,
} satisfies KindsOf<CheckOptions>

function isPart({ part, of }: { part?: unknown; of?: unknown }): boolean {
  return Number.isInteger(part) && Number.isInteger(of) && Number(part) >= 1 && Number(part) <= Number(of)
}

/**
 * Checks a store against docs/format.md: every document, that sequences have no gaps, that every version has
 * its manifest and its blobs; and, if `readData` is set, every byte. A blob whose bytes are wrong is moved to
 * `quarantine/`, so that the next upload of the right bytes repairs it. Readers and writers can continue.
 */
export async function checkStore(
  store: ObjectStore,
  options: CheckOptions = {},
  clockAndIds: ClockAndIds = systemClockAndIds,
): Promise<CheckReport> {
  checkOptions('checkStore', options, optionKinds)
  // A cache of its own: earlier reads do not tell what is stored now.
  const manifests = createManifestsOf(store, clockAndIds)
  const report = emptyReport()
  const damaged = new Map<string, Damage>()
  const found = (damage: Damage) => {
    const known = damaged.get(damage.key)
    const versions = [...new Set([...(known?.versions ?? []), ...damage.versions])].sort()
    damaged.set(damage.key, { ...(known ?? damage), versions })
  }
  const common = { store, manifests, clockAndIds, report, options, found }
  await checkDocuments({ ...common, team: '' }, [
    ...(await collect(listObjects(store, { prefix: layout.format }))),
    ...(await collect(listObjects(store, { prefix: layout.apiKeys }))),
  ])
  for await (const folder of listFolders(store, { prefix: layout.teams })) {
    report.teams += 1
    await checkTeam({ ...common, team: folder.split('/')[1] ?? '' }, folder)
  }
  report.damages = [...damaged.values()]
  report.ok = report.damages.length === 0
  return report
}

async function checkTeam(context: CheckContext, folder: string): Promise<void> {
  const infos = await collect(listObjects(context.store, { prefix: folder }))
  const keys = new Set(infos.map(({ key }) => key))
  await checkDocuments(context, infos)
  await checkSequences(context, keys)
  const versions = await checkVersions(context, { infos, keys })
  await checkBlobs(context, { infos, keys, ...versions })
}

async function checkDocuments(
  { store, found, report }: CheckContext,
  infos: readonly ObjectInfo[],
): Promise<void> {
  const limit = pLimit(concurrentReads)
  const documents = infos.flatMap(({ key }) => {
    const kind = documentKind(key)
    if (kind === undefined && !isOtherKey(key))
      report.notes.push(`${key} is not a key of the format; it is left alone`)
    return kind === undefined ? [] : [{ key, kind }]
  })
  await Promise.all(
    documents.map(({ key, kind }) =>
      limit(async () => {
        try {
          const problem = await kind.problemOf(store, key)
          if (problem !== undefined) found({ kind: 'damaged', key, problem, versions: [] })
        } catch (error) {
          found(describeFailure(key, error))
        }
      }),
    ),
  )
}

async function collect(infos: AsyncIterable<ObjectInfo>): Promise<ObjectInfo[]> {
  const all: ObjectInfo[] = []
  for await (const info of infos) all.push(info)
  return all
}
