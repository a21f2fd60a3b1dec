import { parseManifest, routePath, sha256, type Manifest, type VersionRecord } from '@trackway/protocol'
import { Artifact, login } from '@trackway/sdk'
import { createApp, createMemoryStore } from '@trackway/server'
import { createRandom } from '@trackway/simulation'

export type Answer = (request: Request) => Promise<Response>

/** A store of two artifacts with some versions, an alias and a run, and what is known of it. */
export interface HonestStore {
  answer: Answer
  /** The version that is pinned, the one after it, and one of another artifact with the same paths. */
  pinned: Known
  next: Known
  foreign: Known
}

export interface Known {
  record: VersionRecord
  manifest: Manifest
  /** The manifest as it is stored. */
  text: string
}

export const experiment = 'demo'
const random = createRandom(7)
const large = random.bytes(4_500_000)
const middle = random.bytes(300_000)
/** The content of a referenced file. */
export const elsewhere = random.bytes(100_000)

/** Files of a version: small ones in a bundle, one that is a blob of its own, one in chunks. */
function filesOf(word: string): Record<string, Uint8Array> {
  const encode = (text: string) => new TextEncoder().encode(text)
  return {
    'data.json': encode(JSON.stringify({ word, numbers: [1, 2, 3] })),
    'folder/large.bin': large,
    'folder/middle.bin': middle,
    'notes.txt': encode(`The word is ${word}.\n`),
  }
}

export async function fillHonestStore(addressElsewhere: string): Promise<HonestStore> {
  const app = await createApp({ store: createMemoryStore(), access: { user: 'tester' } })
  const answer: Answer = async (request) => app.fetch(request)
  const session = await login({
    host: 'http://test',
    apiKey: 'tw_x',
    team: 'team',
    fetch: answer,
    quiet: true,
  })
  const run = await session.init({ experiment, run: 'first', config: { rate: 0.1 }, quiet: true })
  const upload = async (name: string, files: Record<string, Uint8Array>) => {
    const artifact = new Artifact(name, 'dataset')
    for (const [path, bytes] of Object.entries(files)) await artifact.add(bytes, { name: path })
    await session.uploadArtifact(artifact)
  }
  for (const name of ['sample', 'base', 'other'])
    for (const word of ['one', 'two']) await upload(name, filesOf(name === 'other' ? `evil ${word}` : word))
  const referring = new Artifact('referring', 'dataset')
  await referring.addReference(addressElsewhere, {
    name: 'far.bin',
    digest: sha256(elsewhere),
    size: elsewhere.length,
  })
  await session.uploadArtifact(referring)
  await session.setAlias('sample', 'dataset', 'best', 'V1')
  for (let step = 0; step < 20; step += 1) await run.log({ loss: 1 / (step + 1) }, { step })
  await run.finish()
  return {
    answer,
    pinned: await read(answer, 'sample', 'V1'),
    next: await read(answer, 'sample', 'V2'),
    foreign: await read(answer, 'other', 'V1'),
  }
}

async function read(answer: Answer, name: string, revision: string): Promise<Known> {
  const parameters = { team: 'team', experiment, type: 'dataset', name, revision }
  const get = async (route: 'getVersion' | 'getManifest') =>
    answer(new Request(`http://test${routePath(route, parameters)}`))
  // The response of the real app.
  const record = (await (await get('getVersion')).json()) as VersionRecord
  const bytes = new Uint8Array(await (await get('getManifest')).arrayBuffer())
  return { record, manifest: parseManifest(bytes), text: new TextDecoder().decode(bytes) }
}
