import { join } from 'node:path'
import { createMock } from '@trackway/mock-server'
import { beforeEach, vi } from 'vitest'
import { Artifact, login, type LoginOptions, type Session, type UploadResult } from '../src/index.ts'
import { pass } from './clock.ts'
import { temporaryFolder, writeFiles } from './test-server.ts'

const retry = { firstDelayMs: 1, maxDelayMs: 5, budgetMs: 5_000 }

/** Gives each test of a file an assets directory of its own; returns a function for its path. */
export function useAssetsDirectory(): () => string {
  let folder = ''
  beforeEach(async () => {
    vi.unstubAllEnvs()
    folder = join(await temporaryFolder(), 'assets')
    vi.stubEnv('TRACKWAY_ASSETS_DIR', folder)
  })
  return () => folder
}

/** A server within the test that can be disconnected. */
export interface CableServer {
  url: string
  /** Whether requests arrive. */
  online: boolean
  /** Method and path of each that did. */
  requests: string[]
  /** Called for each request before it is answered; the answer waits until the promise resolves. */
  before(request: Request): Promise<void> | void
  login(options?: LoginOptions): Promise<Session>
}

export function startCableServer(options: { url?: string } = {}): CableServer {
  const mock = createMock(options)
  const server: CableServer = {
    url: mock.url,
    online: true,
    requests: [],
    before() {},
    login: (more) => login({ host: mock.url, apiKey: mock.apiKey, quiet: true, fetch, retry, ...more }),
  }
  async function fetch(request: Request): Promise<Response> {
    if (!server.online) throw unreachable()
    server.requests.push(`${request.method} ${new URL(request.url).pathname}`)
    await server.before(request)
    if (!server.online) throw unreachable()
    return mock.fetch(request)
  }
  return server
}

/** What a request fails with, after a while. */
export function unreachable(): TypeError {
  pass(2_000)
  return new TypeError('fetch failed')
}

/** Makes the next version of a dataset. */
export async function uploadVersion(
  session: Session,
  files: Record<string, Uint8Array | string>,
  name = 'sample',
): Promise<UploadResult> {
  const artifact = new Artifact(name, 'dataset')
  const folder = await temporaryFolder()
  await writeFiles(folder, files)
  await artifact.add(folder)
  return session.uploadArtifact(artifact, { experiment: 'uncategorized' })
}

/** How many requests fetched blobs. */
export function blobRequests(requests: readonly string[]): string[] {
  return requests.filter((request) => request.startsWith('GET') && request.includes('/blobs/'))
}
