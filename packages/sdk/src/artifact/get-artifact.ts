import { parseArtifactName, parseName, parseReference, type VersionRecord } from '@trackway/protocol'
import type { Place } from '../session/place.ts'
import { artifactOf, type Artifact } from './artifact.ts'
import { readEntries, readRecord } from './stored-version.ts'

export interface GetArtifactOptions {
  /** Ends the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/**
 * A version of an artifact, with its list of entries; their bytes are fetched when they are read. Within a run it is
 * recorded that the run read this version. `reference` is a tag, an alias, `latest` or a digest.
 */
export async function getArtifact(
  place: Place,
  name: string,
  type: string,
  reference = 'latest',
  { signal }: GetArtifactOptions = {},
): Promise<Artifact> {
  parseReference(reference)
  const spec = { name: parseArtifactName(name), type: parseName('type', type), reference }
  const record = await readRecord(place, { ...spec, signal })
  const [version] = await Promise.all([readEntries(place, record, signal), addInput(place, record, signal)])
  return artifactOf(version)
}

async function addInput(
  { connection, team, run }: Place,
  record: VersionRecord,
  signal?: AbortSignal,
): Promise<void> {
  if (run === undefined) return
  const { experiment, type, name, tag } = record
  await connection.call('addInput', {
    attempted: `Recording that the run ${run.run} read ${type}/${name}:${tag}`,
    parameters: { team, experiment: run.experiment, run: run.run },
    body: { experiment, type, name, tag },
    signal,
  })
}
