import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { routePath, sha256, TrackwayError, type RouteName } from '@trackway/protocol'
import { createApp, type ObjectStore } from '@trackway/server'
import type { Counts } from '../../campaign.ts'
import { files, openSession, sample, type SmallStore } from './small-store.ts'

/** Bytes by what they are called: a route, and what of it. Undefined: an error came. */
export type Readings = ReadonlyMap<string, string | undefined>

/** Reads all contents of a store by every route of the server: whole ones, and ranges. */
export async function readByRoutes(store: ObjectStore, { apiKey, objects }: SmallStore): Promise<Readings> {
  const app = await createApp({ store })
  const readings = new Map<string, string | undefined>()
  const get = async (name: string, route: RouteName, parameters: Record<string, string>, range?: string) => {
    const headers = { authorization: `Bearer ${apiKey}`, ...(range !== undefined && { range }) }
    const url = `http://test${routePath(route, { ...sample, revision: 'V1', ...parameters })}`
    try {
      const response = await app.fetch(new Request(url, { headers }))
      const bytes = new Uint8Array(await response.arrayBuffer())
      const isArchive = route === 'getArchive'
      readings.set(name, response.ok ? (isArchive ? filesIn(bytes) : sha256(bytes)) : undefined)
    } catch {
      readings.set(name, undefined) // It broke off.
    }
  }
  for (const key of objects.keys()) {
    const [, shard, rest] = /^t\/team\/b\/(..)\/(.+)$/.exec(key) ?? []
    if (shard === undefined) continue
    const digest = `sha256:${shard}${rest}`
    await get(`/blobs/ ${digest}`, 'getBlob', { digest })
    await get(`/blobs/, a range: ${digest}`, 'getBlob', { digest }, 'bytes=2-9')
  }
  for (const path of Object.keys(files)) {
    await get(`/files/ ${path}`, 'getFile', { path })
    await get(`/files/, all of it as a range: ${path}`, 'getFile', { path }, 'bytes=0-')
    await get(`/files/, a range: ${path}`, 'getFile', { path }, 'bytes=2-9')
  }
  await get('.tar', 'getArchive', {})
  await get('manifest', 'getManifest', {})
  return readings
}

/** The names and contents of the files of an archive: when they were made is what the record says. */
function filesIn(archive: Uint8Array): string {
  const text = (start: number, length: number) =>
    new TextDecoder().decode(archive.subarray(start, start + length)).replace(/\0.*/, '')
  const found: string[] = []
  for (let at = 0; at < archive.length && text(at, 100) !== ''; ) {
    const size = Number.parseInt(text(at + 124, 12), 8)
    found.push(`${text(at, 100)} ${sha256(archive.slice(at + 512, at + 512 + size))}`)
    at += 512 + 512 * Math.ceil(size / 512)
  }
  return found.join('\n')
}

/** Reads all contents of a version by the SDK, and has it look at a folder that holds them. */
export async function readBySdk(
  store: ObjectStore,
  { apiKey }: SmallStore,
  folder: string,
): Promise<Readings> {
  const readings = new Map<string, string | undefined>()
  const scratch = await mkdtemp(join(tmpdir(), 'trackway-flips-'))
  process.env['XDG_CACHE_HOME'] = join(scratch, 'cache')
  process.env['TRACKWAY_ASSETS_DIR'] = join(scratch, 'assets')
  const note = async (name: string, read: () => Promise<unknown>) => {
    try {
      readings.set(name, JSON.stringify(await read()))
    } catch (error) {
      if (!TrackwayError.isInstance(error)) throw error
      readings.set(name, undefined)
    }
  }
  try {
    const session = await openSession(store, apiKey)
    const get = async () => session.getArtifact('sample', 'dataset', 'V1', { experiment: sample.experiment })
    for (const path of Object.keys(files))
      await note(`entry.bytes ${path}`, async () => sha256(await (await get()).entry(path).bytes()))
    await note('download', async () => contentsOf(await (await get()).download(join(scratch, 'target'))))
    await note('download as an archive', async () => sha256(await buffer((await get()).archive().stream())))
    await note('fetchAsset', async () =>
      contentsOf(await session.fetchAsset('dataset/sample:V1', { experiment: sample.experiment })),
    )
    await note('verify', async () => (await get()).verify(folder))
    return readings
  } finally {
    await rm(scratch, { recursive: true, maxRetries: 10 })
  }
}

async function contentsOf(folder: string) {
  const items = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = items.filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name))
  return Promise.all(
    paths.toSorted().map(async (path) => [relative(folder, path), sha256(await readFile(path))]),
  )
}

/** The outcome of reading a damaged store. Throws if whole contents are wrong without an error. */
export function compare(readings: Readings, right: Readings, flip: string): Counts {
  const counts: Counts = { 'right bytes': 0, errors: 0, 'ranges of a blob that are wrong': 0 }
  for (const [name, value] of readings) {
    const isRange = name.includes(', a range: ')
    const came =
      value === undefined
        ? 'errors'
        : value === right.get(name)
          ? 'right bytes'
          : 'ranges of a blob that are wrong'
    if (came.startsWith('ranges') && !isRange) throw new Error(`${flip}: ${name} gives wrong bytes`)
    counts[came] = (counts[came] ?? 0) + 1
  }
  return counts
}
