import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createGzip } from 'node:zlib'
import { createApp, createMemoryStore } from '@trackway/server'
import { serve } from '@trackway/server/node'
import { expect, onTestFinished, test } from 'vitest'
import { Artifact, login, type Session } from '../src/index.ts'
import { errorOf } from './test-server.ts'

const mebibyte = 1024 * 1024
const bomb = await makeBomb()

/** A gibibyte of zeros, which is a few mebibytes on the wire. */
async function makeBomb(): Promise<Uint8Array<ArrayBuffer>> {
  const zeros = Buffer.alloc(mebibyte)
  const pieces = Readable.from(Array.from({ length: 1024 }, () => zeros))
  return new Uint8Array(await buffer(pieces.pipe(createGzip({ level: 1 }))))
}

/** A session with a server on a port that returns the bomb on paths that contain `path`, once it is armed. */
async function armedSession(path: string, status: number): Promise<{ session: Session; arm: () => void }> {
  const app = await createApp({ store: createMemoryStore(), access: { user: 'tester' } })
  let isArmed = false
  const fetch = (request: Request) =>
    isArmed && new URL(request.url).pathname.includes(path)
      ? Promise.resolve(new Response(bomb, { status, headers: { 'content-encoding': 'gzip' } }))
      : app.fetch(request)
  const server = await serve({ port: 0, app: { fetch } })
  onTestFinished(() => server.close())
  const retry = { firstDelayMs: 1, maxDelayMs: 1, budgetMs: 30_000 }
  const session = await login({ host: server.url, quiet: true, retry })
  await session.init({ experiment: 'e' })
  const draft = new Artifact('sample', 'dataset')
  await draft.add(new TextEncoder().encode('content'), { name: 'file' })
  await session.uploadArtifact(draft)
  return { session, arm: () => void (isArmed = true) }
}

async function readFile(session: Session): Promise<() => Promise<unknown>> {
  const stored = await session.getArtifact('sample', 'dataset')
  return () => stored.entry('file').text()
}

test.each([
  ['a blob', '/blobs/sha256', 200, 'integrity_error', readFile],
  ['a list', '/versions', 200, 'not_trackway', listVersions],
  ['an error', '/versions', 404, 'not_trackway', listVersions],
] as const)(
  '%s that unpacks to a gibibyte is not unpacked to its end',
  async (_, path, status, code, prepare) => {
    const { session, arm } = await armedSession(path, status)
    const call = await prepare(session)
    arm()
    const before = process.memoryUsage().rss
    await errorOf(code, call())
    expect(process.memoryUsage().rss - before).toBeLessThan(700 * mebibyte)
  },
)

function listVersions(session: Session): Promise<() => Promise<unknown>> {
  return Promise.resolve(() => session.listVersions('sample', 'dataset'))
}
