// The one place of the SDK that names every resource of a session.
import { aliasCalls, type AliasCalls } from './aliases.ts'
import { artifactCalls, type ArtifactCalls } from './artifacts.ts'
import { assetCalls, type AssetCalls } from './assets.ts'
import { experimentCalls, type ExperimentCalls } from './experiments.ts'
import { lineageCalls, type LineageCalls } from './lineage.ts'
import { retentionCalls, type RetentionCalls } from './retention.ts'
import { runCalls, type RunCalls } from './runs.ts'
import { syncCalls, type SyncCalls } from './sync.ts'
import { versionCalls, type VersionCalls } from './versions.ts'
import type { Caller } from './perform.ts'

/** The methods of a session for what a store holds. */
export interface SessionCalls
  extends AliasCalls,
    ArtifactCalls,
    AssetCalls,
    ExperimentCalls,
    LineageCalls,
    RetentionCalls,
    RunCalls,
    SyncCalls,
    VersionCalls {}

/** @internal */
export function sessionCalls(caller: Caller): SessionCalls {
  return Object.assign(
    {},
    aliasCalls(caller),
    artifactCalls(caller),
    assetCalls(caller),
    experimentCalls(caller),
    lineageCalls(caller),
    retentionCalls(caller),
    runCalls(caller),
    syncCalls(caller),
    versionCalls(caller),
  )
}
