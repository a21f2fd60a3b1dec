// Several users who share artifacts, in one process: each repeatedly uploads, moves an alias and downloads,
// until the process is sent `stop`. Every line that it prints is something that was acknowledged. On any
// failure it exits with 1.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TrackwayError, versionDigest, type Digest } from '@trackway/protocol'
import { createRandom, type Random } from '@trackway/simulation'
import { Artifact, login, type Session } from '@trackway/sdk'
import { sharedContents } from './shared-contents.ts'

export interface WriterOrder {
  host: string
  apiKey: string
  /** The number of users. */
  writers: number
  /** The number of artifacts that they share. */
  artifacts: number
  /** The folder that they download to. */
  folder: string
  seed: number
}

/** Something that was acknowledged. `id` is the content of `id.txt` in this version, and in no other. */
export type Acknowledged =
  | { did: 'upload'; name: string; tag: string; digest: Digest; id: string }
  | { did: 'alias'; name: string; tag: string }
  | { did: 'download'; name: string; tag: string }

/** Long enough for any restart: no call may fail. */
const retry = { budgetMs: 120_000, maxDelayMs: 1000 }
const alias = 'best'

// The order is what `startWriters` wrote.
const order = JSON.parse(process.argv[2] ?? '{}') as WriterOrder
let round = 0
const stop = new AbortController()
process.on('message', (message) => {
  if (message === 'stop') stop.abort()
  else round = Number(message)
})
await Promise.all(Array.from({ length: order.writers }, (_, index) => write(index)))
process.exit(0)

async function write(index: number): Promise<void> {
  const { host, apiKey, seed } = order
  const random = createRandom(seed * 1000 + index)
  const session = await login({ host, apiKey, retry, quiet: true })
  await session.init({ experiment: 'demo', quiet: true })
  const own: Extract<Acknowledged, { did: 'upload' }>[] = []
  for (let count = 0; !stop.signal.aborted; count += 1) {
    const name = `shared-${random.below(order.artifacts)}`
    const uploaded = await upload(session, { random, name, id: `${seed}.${index}.${count}` })
    own.push(uploaded)
    tell(uploaded)
    if (random.chance(0.25)) {
      await session.setAlias(name, 'dataset', alias, uploaded.tag)
      tell({ did: 'alias', name, tag: uploaded.tag })
    }
    if (random.chance(0.4)) await download(session, random.pick(own))
  }
  await session.run?.finish()
}

function tell(acknowledged: Acknowledged): void {
  process.stdout.write(`${JSON.stringify(acknowledged)}\n`)
}

async function upload(
  session: Session,
  { random, name, id }: { random: Random; name: string; id: string },
): Promise<Extract<Acknowledged, { did: 'upload' }>> {
  const isNext = random.chance(0.3)
  const artifact = isNext ? await startFromLatest(session, name) : new Artifact(name, 'dataset')
  await put(artifact, 'id.txt', new TextEncoder().encode(id))
  for (let file = random.below(3); file > 0; file -= 1)
    await put(artifact, `own-${file}`, random.bytes(1 + random.below(20_000)))
  if (random.chance(0.5)) await put(artifact, 'shared', random.pick(sharedContents(round)))
  const { tag, digest } = await session.uploadArtifact(artifact, { quiet: true })
  return { did: 'upload', name, tag, digest, id }
}

/** The latest version to start from, if there is one. */
async function startFromLatest(session: Session, name: string): Promise<Artifact> {
  try {
    return await session.getArtifact(name, 'dataset')
  } catch (error) {
    if (TrackwayError.hasCode(error, 'not_found')) return new Artifact(name, 'dataset')
    throw error
  }
}

async function put(artifact: Artifact, name: string, bytes: Uint8Array): Promise<void> {
  if (artifact.entryList.some(({ path }) => path === name)) artifact.remove(name)
  await artifact.add(bytes, { name })
}

/** Downloads an acknowledged version, and compares it with what was acknowledged. */
async function download(
  session: Session,
  { name, tag, digest, id }: Extract<Acknowledged, { did: 'upload' }>,
): Promise<void> {
  const folder = await mkdtemp(join(order.folder, 'download-'))
  const artifact = await session.getArtifact(name, 'dataset', tag)
  await artifact.download(join(folder, 'target'), { quiet: true })
  const found = await readFile(join(folder, 'target', 'id.txt'), 'utf8')
  await rm(folder, { recursive: true })
  const entries = artifact.entryList.map(({ path, digest: of }) => ({ path, digest: of ?? digest }))
  if (found !== id) throw new Error(`${name}:${tag} is the version ${found}, and ${id} was acknowledged`)
  if (versionDigest(entries) !== digest)
    throw new Error(`${name}:${tag} has other entries than were uploaded`)
  tell({ did: 'download', name, tag })
}
