import { parseArtifactName, parseName, parseRevision } from '@trackway/protocol'
import type { Scope } from '../client/scope.ts'
import { Artifact } from './artifact.ts'
import { createDraft, keepDraft } from './draft.ts'
import { readEntries, readRecord } from '../version/stored-version.ts'

/** How a version is read. */
export interface GetArtifactOptions {
  /** Cancels the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/**
 * A version of an artifact with its list of entries, whose bytes are fetched when they are read. Within a
 * run, it is recorded as an input of the run. `revision` is a tag, an alias, `latest` or a digest.
 */
export async function getArtifact(
  scope: Scope,
  name: string,
  type: string,
  revision = 'latest',
  { signal }: GetArtifactOptions = {},
): Promise<Artifact> {
  parseRevision(revision)
  const spec = { name: parseArtifactName(name), type: parseName('type', type), revision }
  const record = await readRecord(scope, { ...spec, signal })
  const { experiment, tag } = record
  scope.run?.addInput({ experiment, type: record.type, name: record.name, tag })
  const { description, metadata } = record
  const artifact = new Artifact(record.name, record.type, { description, metadata })
  keepDraft(artifact, createDraft(await readEntries(scope, record, signal)))
  return artifact
}
