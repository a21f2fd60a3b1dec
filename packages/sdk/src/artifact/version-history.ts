import {
  formatSpec,
  parseArtifactName,
  parseName,
  parseRevision,
  TrackwayError,
  type AliasMove,
  type Lineage,
  type VersionDescription,
  type VersionRecord,
} from '@trackway/protocol'
import { checkCall } from '../options/calls.ts'
import type { Place } from '../session/place.ts'
import type { ArtifactOptions } from './artifact.ts'
import { askVersion } from './ask-version.ts'

/** What is asked about an artifact. */
export interface Asked {
  name: string
  type: string
  signal?: AbortSignal | undefined
}

/** Changes what a version is described as. */
export async function updateVersion(
  place: Place,
  { revision, signal, ...artifact }: Asked & { revision: string },
  change: ArtifactOptions,
): Promise<VersionRecord> {
  checkCall('updateVersion, the change', change)
  const attempted = `Describing ${formatSpec({ ...artifact, revision })}`
  const { description, metadata } = { ...change }
  if (description === undefined && metadata === undefined) {
    throw new TrackwayError('option_invalid', `${attempted}: nothing says what to change`, {
      hint: { kind: 'option', options: ['description', 'metadata'] },
    })
  }
  const parameters = parametersOf(place, artifact)
  const { kind } = parseRevision(revision)
  // What may move is looked up once, so that a request that is sent again means the same version.
  const { tag } =
    kind === 'tag'
      ? { tag: revision }
      : (await askVersion(place, { ...artifact, attempted, revision, signal })).version
  return place.connection.call('updateVersion', {
    attempted,
    parameters: { ...parameters, tag },
    body: { ...(description !== undefined && { description }), ...(metadata !== undefined && { metadata }) },
    signal,
  })
}

/** What a version was described as, the newest first. */
export async function getVersionHistory(
  place: Place,
  { revision, signal, ...artifact }: Asked & { revision: string },
): Promise<VersionDescription[]> {
  parseRevision(revision)
  const { history } = await place.connection.call('getVersionHistory', {
    attempted: `Reading the history of ${formatSpec({ ...artifact, revision })}`,
    parameters: { ...parametersOf(place, artifact), revision },
    signal,
  })
  return history
}

/** Which run made a version, and which runs read it. */
export async function getLineage(
  place: Place,
  { revision, signal, ...artifact }: Asked & { revision: string },
): Promise<Lineage> {
  parseRevision(revision)
  const parameters = { ...parametersOf(place, artifact), revision }
  await place.run?.flushInputs(signal)
  return place.connection.call('getLineage', {
    attempted: `Reading the lineage of ${formatSpec({ ...artifact, revision })}`,
    parameters,
    signal,
  })
}

/** Where an alias pointed, the newest move first. */
export async function getAliasHistory(
  place: Place,
  { alias, signal, ...artifact }: Asked & { alias: string },
): Promise<AliasMove[]> {
  const { history } = await place.connection.call('getAlias', {
    attempted: `Reading the history of the alias ${alias} of ${formatSpec(artifact)}`,
    parameters: { ...parametersOf(place, artifact), alias: parseName('alias', alias) },
    signal,
  })
  return history
}

function parametersOf({ team, experiment }: Place, { name, type }: Asked) {
  return { team, experiment, name: parseArtifactName(name), type: parseName('type', type) }
}
