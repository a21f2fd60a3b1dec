import { parseName, type ArtifactSummary } from '@trackway/protocol'
import { flag, oneOf, text, type KindsOf } from '@trackway/protocol/options'
import { showInNotebooks } from '#platform'
import type { Artifact } from '../artifact/artifact.ts'
import { contentsOf } from '../artifact/draft.ts'
import type { UploadOptions } from '../artifact/upload-artifact.ts'
import { longCallKinds } from '../calls/long-call-options.ts'
import { scopeKinds, type ScopeOptions } from '../calls/scope-options.ts'
import { readAll } from '../client/read-all.ts'
import type { Scope } from '../client/scope.ts'
import { loadReading, loadUploading } from '../parts/load.ts'
import type { UploadResult } from '../progress/upload-result.ts'
import type { Subject, VersionArguments } from './call-arguments.ts'
import { performIn, performOn, type Caller } from './perform.ts'

/** Which artifacts are listed. */
export interface ListArtifactsOptions extends ScopeOptions {
  /** Default: all types. */
  type?: string | undefined
}

/** The methods of a session for artifacts. */
export interface ArtifactCalls {
  /**
   * A version of an artifact with its entries, whose bytes are fetched when they are read. Identified by its
   * spec, such as `'dataset/sample:V2'`, or by name, type and revision, which is a tag, an alias, `latest`
   * (default), or `sha256:` with at least 12 hex digits. Within a run, it is recorded as an input of the run.
   * Throws `not_found`, naming similar names, `revision_invalid`.
   */
  getArtifact(...given: VersionArguments): Promise<Artifact>

  /**
   * Makes the next version of an artifact: see `UploadOptions` for what happens if somebody else was faster.
   * If the content equals that of the version that it started from, or of one made since, no version is made
   * and the existing one is returned.
   */
  uploadArtifact(artifact: Artifact, options?: UploadOptions & ScopeOptions): Promise<UploadResult>

  /** The artifacts of the experiment, each with its newest version and its aliases; of one type or of all. */
  listArtifacts(options?: ListArtifactsOptions): Promise<ArtifactSummary[]>
}

const listKinds = { type: text('dataset'), ...scopeKinds } satisfies KindsOf<ListArtifactsOptions>
const uploadKinds = {
  onConflict: oneOf('next', 'merge', 'fail'),
  tag: text('V3'),
  hashCache: flag,
  ...scopeKinds,
  ...longCallKinds,
} satisfies KindsOf<UploadOptions & ScopeOptions>

/** @internal */
export function artifactCalls(caller: Caller): ArtifactCalls {
  return {
    getArtifact: (...given) =>
      performOn(
        caller,
        { call: 'getArtifact', follows: ['revision'], kinds: scopeKinds, given },
        getArtifact,
      ),
    async uploadArtifact(artifact, options = {}) {
      const contents = contentsOf(artifact) // As they are now, whatever is added while this waits.
      return performIn(caller, { call: 'uploadArtifact', kinds: uploadKinds, options }, async (scope) => {
        const { uploadArtifact } = await loadUploading()
        return uploadArtifact(scope, artifact, options, contents)
      })
    },
    listArtifacts: (options = {}) =>
      performIn(caller, { call: 'listArtifacts', kinds: listKinds, options }, listArtifacts),
  }
}

async function getArtifact(
  scope: Scope,
  { name, type, revision }: Subject,
  options: ScopeOptions,
): Promise<Artifact> {
  const reading = await loadReading()
  return reading.getArtifact(scope, name, type, revision, options)
}

async function listArtifacts(
  { connection, team, experiment }: Scope,
  { type, signal }: ListArtifactsOptions,
): Promise<ArtifactSummary[]> {
  const asked = {
    attempted: `Listing the artifacts of ${team}/${experiment}`,
    parameters: { team, experiment },
    query: { type: type === undefined ? undefined : parseName('type', type) },
    signal,
  }
  const artifacts = await readAll(asked, (page) => connection.call('listArtifacts', page))
  showInNotebooks?.('artifacts', artifacts, (list) => list)
  return artifacts
}
