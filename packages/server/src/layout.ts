import {
  digestHex,
  foldName,
  isDigest,
  maxTagNumber,
  tagNumber,
  type Digest,
  type Tag,
} from '@trackway/protocol'

/** The names that identify an experiment, in any case. */
export interface ExperimentScope {
  team: string
  experiment: string
}

/** The names that identify an artifact, in any case. */
export interface ArtifactScope extends ExperimentScope {
  type: string
  name: string
}

/** The names that identify a run, in any case. */
export interface RunScope extends ExperimentScope {
  run: string
}

/**
 * Every key of a store: the one place that knows where things are stored. docs/format.md has the same table.
 */
export const layout = {
  format: 'format.json',
  apiKeys: 'auth/keys/',
  apiKey: (hex: string) => `auth/keys/${hex}.json`,

  teams: 't/',
  team: (team: string) => teamFolder(team),
  blobs: (team: string) => `${teamFolder(team)}b/`,
  // Rule: each team has its own blobs.
  blob: (team: string, digest: Digest) => `${teamFolder(team)}b/${shard(digest)}`,
  manifests: (team: string) => `${teamFolder(team)}m/`,
  manifest: (team: string, digest: Digest) => `${teamFolder(team)}m/${shard(digest)}`,
  quarantine: (team: string) => `${teamFolder(team)}quarantine/`,
  quarantined: (team: string, digest: Digest, id: string) =>
    `${layout.quarantine(team)}${digestHex(digest)}/${id}`,
  reservations: (team: string) => `${teamFolder(team)}i/`,
  reservation: (team: string, id: string) => `${teamFolder(team)}i/${id}.json`,
  reservationAnswer: (team: string, id: string) => `${teamFolder(team)}i/${id}.missing`,
  sweepMarkers: (team: string) => `${teamFolder(team)}gc/markers/`,
  sweepMarker: (team: string, id: string) => `${layout.sweepMarkers(team)}${id}.json`,
  sweepLists: (team: string) => `${teamFolder(team)}gc/lists/`,
  sweepList: (team: string, id: string) => `${teamFolder(team)}gc/lists/${id}.json`,

  experiments: (team: string) => `${teamFolder(team)}e/`,
  experiment: ({ team, experiment }: ExperimentScope) => `${teamFolder(team)}e/${segment(experiment)}.json`,

  artifactExperiments: (team: string) => `${teamFolder(team)}a/`,
  artifactTypes: ({ team, experiment }: ExperimentScope) => `${teamFolder(team)}a/${segment(experiment)}/`,
  artifactNames: (scope: ExperimentScope, type: string) => `${layout.artifactTypes(scope)}${segment(type)}/`,
  artifact: (scope: ArtifactScope) => `${layout.artifactNames(scope, scope.type)}${segment(scope.name)}/`,
  versions: (scope: ArtifactScope) => `${layout.artifact(scope)}v/`,
  record: (scope: ArtifactScope, number: number) => `${layout.versions(scope)}${inverted(number)}.json`,
  tombstone: (scope: ArtifactScope, number: number) => `${layout.versions(scope)}${inverted(number)}.deleted`,
  /**
   * Deletions and restorations of a version in turn: the first deletion, its restoration, the next deletion.
   */
  deletion: (scope: ArtifactScope, number: number, sequence: number) =>
    layout.tombstone(scope, number) + (sequence === 1 ? '' : `.${sequence}`),
  /** Edits of a version's description and metadata: the first edit, the second. */
  edit: (scope: ArtifactScope, number: number, sequence: number) =>
    `${layout.edits(scope, number)}${sequence}`,
  edits: (scope: ArtifactScope, number: number) => `${layout.versions(scope)}${inverted(number)}.edited.`,
  aliases: (scope: ArtifactScope) => `${layout.artifact(scope)}alias/`,
  aliasMoves: (scope: ArtifactScope, alias: string) => `${layout.aliases(scope)}${segment(alias)}/`,
  aliasMove: (scope: ArtifactScope, alias: string, sequence: number) =>
    `${layout.aliasMoves(scope, alias)}${inverted(sequence)}.json`,
  digestHints: (scope: ArtifactScope, hexPrefix: string) => `${layout.artifact(scope)}d/${hexPrefix}`,
  digestHint: (scope: ArtifactScope, digest: Digest, number: number) =>
    `${layout.artifact(scope)}d/${digestHex(digest)}/${number}`,
  readers: (scope: ArtifactScope, number: number) => `${layout.artifact(scope)}u/${number}/`,
  reader: (scope: ArtifactScope, number: number, run: RunScope) =>
    `${layout.readers(scope, number)}${segment(run.experiment)}/${segment(run.run)}.json`,

  runs: ({ team, experiment }: ExperimentScope) => `${teamFolder(team)}r/${segment(experiment)}/`,
  run: (scope: RunScope) => `${layout.runs(scope)}${segment(scope.run)}/`,
  runStates: (scope: RunScope) => `${layout.run(scope)}state/`,
  runState: (scope: RunScope, sequence: number) => `${layout.runStates(scope)}${inverted(sequence)}.json`,
  log: (scope: RunScope) => `${layout.run(scope)}log/`,
  logSegment: (scope: RunScope, segmentName: string) => `${layout.log(scope)}${segmentName}.ndjson`,
  edges: (scope: RunScope, direction: EdgeDirection) => `${layout.run(scope)}${direction}/`,
  edge: (scope: RunScope, direction: EdgeDirection, version: ArtifactScope & { number: number }) =>
    `${layout.edges(scope, direction)}${segment(version.experiment)}/${segment(version.type)}/` +
    `${segment(version.name)}/${version.number}.json`,
}

/** Whether a run read a version or made it. */
export type EdgeDirection = 'inputs' | 'outputs'

/** The digest at the end of the key of a blob or manifest; undefined if it has none. */
export function digestOfKey(key: string): Digest | undefined {
  const hex = key.split('/').slice(-2).join('')
  return isDigest(`sha256:${hex}`) ? `sha256:${hex}` : undefined
}

/** How many times a version had been deleted or restored at the time of a key: 0 for a record's own key. */
export function deletionOfKey(key: string): number {
  const [, deleted, sequence] = /\.(deleted)(?:\.(\d+))?$/.exec(key) ?? []
  return deleted === undefined ? 0 : Number(sequence ?? 1)
}

/** How many times a version had been edited at the time of a key: 0 for a key that is not an edit's. */
export function editOfKey(key: string): number {
  return Number(/\.edited\.([1-9]\d*)$/.exec(key)?.[1] ?? 0)
}

/** Whether a key is that of a record, and not of a deletion or an edit beside it. */
export function isRecordKey(key: string): boolean {
  return /\/v\/\d{10}\.json$/.test(key)
}

/** The name that the last segment of a key or folded prefix stands for. */
export function nameOfKey(key: string): string {
  // A folder's segment is a name, even if it ends as documents do.
  const isFolder = key.endsWith('/')
  const last = key.split('/').at(isFolder ? -2 : -1) ?? ''
  return decodeURIComponent(isFolder ? last : last.replace(/\.json$/, ''))
}

/** The key of a version's record, according to its content. */
export function keyOfRecord(record: ArtifactScope & { tag: Tag }): string {
  return layout.record(record, tagNumber(record.tag) ?? 0)
}

/** The number after the last slash of a key whose numbers count down, so that the newest is listed first. */
export function numberOfKey(key: string): number {
  return ceiling - Number.parseInt(key.slice(key.lastIndexOf('/') + 1), 10)
}

const ceiling = maxTagNumber + 1

/** A number as written in keys, so that the newest is listed first. */
export function inverted(number: number): string {
  return String(ceiling - number).padStart(10, '0')
}

function teamFolder(team: string): string {
  return `t/${segment(team)}/`
}

/** A name as a segment of a key: in lower case, and with its own slashes written %2F. */
function segment(name: string): string {
  return foldName(name).replaceAll('/', '%2F')
}

function shard(digest: Digest): string {
  const hex = digestHex(digest)
  return `${hex.slice(0, 2)}/${hex.slice(2)}`
}
