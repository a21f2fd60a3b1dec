import {
  tagNumber,
  type Digest,
  type FormatDocument,
  type Limits,
  type VersionRecord,
} from '@trackway/protocol'
import { layout } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { createAliases, type Aliases } from './aliases.ts'
import { createArtifacts, type Artifacts } from './artifacts.ts'
import { createBlobs, type Blobs } from './blobs.ts'
import { createDocumentCache } from './document-cache.ts'
import { putDocument } from './documents.ts'
import { createExperiments, type Experiments } from './experiments.ts'
import { createFiles, type FilesOf } from './files.ts'
import { createLineage, type LineageEdges } from './lineage.ts'
import { createPresignedUrls, type PresignedUrls } from './presigned-urls.ts'
import { createManifests, type Manifests } from './manifests.ts'
import { openStore, type ProbeWhen } from './open-store.ts'
import { createRetention, type Retention } from './retention.ts'
import { createRuns, type Runs } from './runs.ts'
import { systemClockAndIds, type ClockAndIds } from './clock-and-ids.ts'
import { defaultSweepPatience, type SweepPatience } from './sweep-marker.ts'
import { createVersions, type Versions } from './versions.ts'

/**
 * The rules of Trackway over an object store: everything that a server does, without HTTP and permissions.
 */
export interface Engine {
  readonly format: FormatDocument
  readonly limits: Limits
  readonly blobs: Blobs
  readonly presignedUrls: PresignedUrls
  readonly manifests: Manifests
  readonly files: FilesOf
  readonly versions: Versions
  readonly aliases: Aliases
  readonly artifacts: Artifacts
  readonly experiments: Experiments
  readonly runs: Runs
  readonly lineage: LineageEdges
  readonly retention: Retention
}

export interface EngineOptions {
  store: ObjectStore
  limits: Limits
  /** Default: `always`. */
  probe?: ProbeWhen | undefined
  /** Whether to create a store if the location does not hold one. Default: true. */
  create?: boolean | undefined
  /** How long writers wait for a sweep. */
  patience?: SweepPatience | undefined
  /** Called when work that follows a version failed and can be done again later. */
  onLeftover?: ((error: unknown) => void) | undefined
  /** Default: the machine's. */
  clockAndIds?: ClockAndIds | undefined
}

/** Opens a store and creates the engine. Throws `store_unsuitable`, `format_unsupported`. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  return createEngine(options, await openStore(options.store, options))
}

/** Creates the engine over an open store. */
export function createEngine(options: EngineOptions, format: FormatDocument): Engine {
  const { store, limits, onLeftover, clockAndIds = systemClockAndIds } = options
  const watch = {
    store,
    patience: options.patience ?? defaultSweepPatience,
    clockAndIds,
    lists: new Map<string, ReadonlySet<Digest>>(),
  }
  const blobs = createBlobs(watch)
  const manifests = createManifests({ watch, blobs, limits })
  const aliases = createAliases(store, clockAndIds)
  const experiments = createExperiments(store, clockAndIds)
  const lineage = createLineage(store, clockAndIds)

  // The version exists by now. What follows can be done again, so its failure must not make the request fail.
  async function afterCreate(record: VersionRecord, reservation: string): Promise<void> {
    const hint = layout.digestHint(record, record.digest, tagNumber(record.tag) ?? 0)
    const outcomes = await Promise.allSettled([
      putDocument(store, hint, {}),
      lineage.addOutput(record),
      manifests.release(record.team, reservation),
    ])
    for (const outcome of outcomes) if (outcome.status === 'rejected') onLeftover?.(outcome.reason)
  }

  const versions = createVersions({
    store,
    blobs,
    manifests,
    aliases,
    experiments,
    clockAndIds,
    readCommit: createDocumentCache(clockAndIds),
    afterCreate,
  })
  return {
    format,
    limits,
    blobs,
    presignedUrls: createPresignedUrls(store.signing, limits),
    manifests,
    files: createFiles(blobs, manifests),
    versions,
    aliases,
    artifacts: createArtifacts(store, versions, aliases),
    experiments,
    runs: createRuns(store, experiments, clockAndIds),
    lineage,
    retention: createRetention({ store, versions, aliases, manifests }),
  }
}
