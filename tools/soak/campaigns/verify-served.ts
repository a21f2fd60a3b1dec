import {
  concatenateBytes,
  defaultLimits,
  sha256,
  versionDigest,
  type Manifest,
  type VersionRecord,
} from '@trackway/protocol'
import { openObjectStore } from '@trackway/server/node'
import { openEngine, type Engine } from '@trackway/server/internals'
import pLimit from 'p-limit'
import type { Counts } from '../campaign.ts'
import { startCommand } from '../../processes/processes.ts'
import type { Acknowledged } from '../processes/writer.ts'

type Upload = Extract<Acknowledged, { did: 'upload' }>

const team = 'default'
const concurrentReads = 16
/** The most moves that a history shows. */
const shownMoves = 100

/**
 * Checks that a store holds exactly what was acknowledged, given that no call failed. Throws an error that
 * lists all differences.
 */
export async function verifyServed(data: string, acknowledged: readonly Acknowledged[]): Promise<Counts> {
  const problems: string[] = []
  const check = startCommand('check', '--store', data, '--read-data')
  if ((await check.ended) !== 0) problems.push(check.output())
  const engine = await openEngine({ store: await openObjectStore(data), limits: defaultLimits })
  const uploads = acknowledged.filter((one) => one.did === 'upload')
  const commits = new Set<string>()
  let versions = 0
  for (const name of new Set(uploads.map((upload) => upload.name))) {
    const records = await readRecords(engine, name)
    for (const { commitId } of records) commits.add(commitId)
    versions += records.length
    const own = acknowledged.filter((one) => one.name === name)
    problems.push(...(await verifyArtifact(engine, records, own)).map((problem) => `${name}: ${problem}`))
  }
  if (commits.size !== versions) problems.push(`${versions} versions are of ${commits.size} commits`)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const count = (did: Acknowledged['did']) => acknowledged.filter((one) => one.did === did).length
  return { versions, 'alias moves': count('alias'), downloads: count('download') }
}

function placeOf(name: string) {
  return { team, experiment: 'demo', type: 'dataset', name }
}

async function readRecords(engine: Engine, name: string): Promise<VersionRecord[]> {
  const records: VersionRecord[] = []
  for await (const record of engine.versions.list(placeOf(name))) records.push(record)
  return records.toReversed()
}

async function verifyArtifact(
  engine: Engine,
  records: readonly VersionRecord[],
  acknowledged: readonly Acknowledged[],
): Promise<string[]> {
  const problems: string[] = []
  const uploads = acknowledged.filter((one) => one.did === 'upload')
  const dense = records.every(({ tag }, index) => tag === `V${index + 1}`)
  if (!dense) problems.push(`its tags are ${records.map(({ tag }) => tag).join(' ')}`)
  if (new Set(uploads.map(({ tag }) => tag)).size !== uploads.length) problems.push('a tag was given twice')
  if (records.length !== uploads.length)
    problems.push(`${uploads.length} versions were acknowledged, and ${records.length} are there`)
  const limit = pLimit(concurrentReads)
  const outcomes = uploads.map((upload) =>
    limit(() =>
      verifyUpload(
        engine,
        records.find(({ tag }) => tag === upload.tag),
        upload,
      ),
    ),
  )
  problems.push(...(await Promise.all(outcomes)).flat(), ...(await verifyAlias(engine, acknowledged)))
  return problems
}

/** Reads a version back, bit for bit: its digest covers its paths and the digests of its files. */
async function verifyUpload(
  engine: Engine,
  record: VersionRecord | undefined,
  { tag, digest, id }: Upload,
): Promise<string[]> {
  if (record === undefined) return [`${tag} was acknowledged and is gone`]
  if (record.digest !== digest) return [`${tag} was acknowledged with other content`]
  try {
    const manifest = await engine.manifests.read(team, record.manifest.digest)
    const read = new Map<string, Uint8Array>()
    for (const entry of manifest.entries) read.set(entry.path, await readEntry(engine, manifest, entry))
    const found = [...read].map(([path, bytes]) => ({ path, digest: sha256(bytes) }))
    if (versionDigest(found) !== digest) return [`${tag} reads back as other bytes`]
    const foundId = new TextDecoder().decode(read.get('id.txt'))
    return foundId === id ? [] : [`${tag} is the version ${foundId}, and ${id} was acknowledged`]
  } catch (error) {
    return [`${tag} cannot be read: ${error instanceof Error ? error.message : String(error)}`]
  }
}

async function readEntry(
  engine: Engine,
  { blobs }: Manifest,
  { parts = [] }: Manifest['entries'][number],
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for (const [index, offset, length] of parts) {
    const blob = blobs[index]
    if (blob === undefined) throw new Error(`there is no blob ${index}`)
    const { body } = await engine.blobs.get(team, blob.digest, { start: offset, end: offset + length })
    for await (const piece of body) pieces.push(piece)
  }
  return concatenateBytes(pieces)
}

/** Every acknowledged move is in the history, unless the alias already pointed there. */
async function verifyAlias(engine: Engine, acknowledged: readonly Acknowledged[]): Promise<string[]> {
  const name = acknowledged[0]?.name ?? ''
  const moved = acknowledged.filter((one) => one.did === 'alias').map(({ tag }) => tag)
  const { tag, history } = await engine.aliases.history(placeOf(name), 'best')
  if (moved.length > 0 && tag === null) return ['the alias points nowhere']
  const lost = moved.filter((wanted) => !history.some((move) => move.tag === wanted))
  const foreign = history.filter((move) => move.tag !== null && !moved.includes(move.tag))
  return [
    ...(history.length < shownMoves ? lost.map((wanted) => `the move to ${wanted} is lost`) : []),
    ...foreign.map((move) => `nobody moved the alias to ${move.tag}`),
  ]
}
