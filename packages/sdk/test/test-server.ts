import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { problemMediaType, toProblem, TrackwayError, type ErrorCode } from '@trackway/protocol'
import { createApp, createMemoryStore, type AppOptions } from '@trackway/server'
import { expect, onTestFinished } from 'vitest'
import { login, type Session } from '../src/index.ts'

/** A server within the test, a session with it, and what it was asked. */
export interface TestServer {
  session: Session
  /** Method and path of each request since the last `forget`. */
  requests: string[]
  /** Bytes of all blob uploads since the last `forget`, with what their requests need besides. */
  sentBytes(): number
  forget(): void
  /** Answers requests instead of the server; undefined lets one through. */
  intercept(answer: (request: Request) => Promise<Response | undefined> | Response | undefined): void
  /** Handles a request like one of the connected client. */
  answer(request: Request): Promise<Response>
  /** Sends a request past all counting. */
  fetch(request: Request): Promise<Response>
}

export interface TestServerOptions extends Partial<AppOptions> {
  /** Answers requests to other origins. Default: they fail. */
  elsewhere?: (request: Request) => Promise<Response>
}

/** The key that clients of a test have, which its server does not ask for. */
export const testKey = `tw_${'k'.repeat(43)}`
/** The URL of a test's server. */
export const testHost = 'http://test'

/** Starts a server over memory, or over the store given, and logs in. */
export async function startServer({ elsewhere, ...options }: TestServerOptions = {}): Promise<TestServer> {
  const app = await createApp({ store: createMemoryStore(), access: { user: 'tester' }, ...options })
  const requests: string[] = []
  let sent = 0
  let answer: Parameters<TestServer['intercept']>[0] = () => undefined
  const fetch = async (request: Request) => {
    const { pathname, origin } = new URL(request.url)
    if (origin !== testHost) {
      if (elsewhere === undefined) throw new TypeError(`Nobody answers at ${origin}`)
      return elsewhere(request)
    }
    requests.push(`${request.method} ${pathname}`)
    if (request.method === 'POST' && pathname.endsWith('/blobs')) {
      const { byteLength } = await request.clone().arrayBuffer()
      sent += byteLength
    }
    return (await answer(request)) ?? app.fetch(request)
  }
  const retry = { budgetMs: 60_000, firstDelayMs: 1, maxDelayMs: 5 }
  const server: TestServer = {
    session: await login({ host: testHost, apiKey: testKey, team: 'tests', fetch, retry }),
    requests,
    sentBytes: () => sent,
    forget() {
      requests.length = 0
      sent = 0
    },
    intercept(next) {
      answer = next
    },
    answer: fetch,
    fetch: (request) => app.fetch(request),
  }
  server.forget()
  return server
}

/** The answer of a server that does not allow something. */
export function refusal(): Response {
  const problem = toProblem(new TrackwayError('forbidden', 'The test says no'), 'request-1')
  return Response.json(problem, { status: problem.status, headers: { 'content-type': problemMediaType } })
}

/** A folder that goes with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-test-'))
  // A run may still record in the background which versions it read: then a folder is not empty at once.
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))
  return folder
}

/** Writes files, and the folders that they need. */
export async function writeFiles(folder: string, files: Record<string, Uint8Array | string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
}

/** The error that a promise is rejected with, which has to be Trackway's own and of this code. */
export async function errorOf(code: ErrorCode, promise: Promise<unknown>): Promise<TrackwayError> {
  const error: unknown = await promise.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  )
  if (!TrackwayError.isInstance(error)) throw error
  expect(error).toMatchObject({ code })
  return error
}

/** Bytes that look random and are the same in every run. */
export function noise(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4))
  let state = seed * 2_654_435_761
  for (let index = 0; index < words.length; index += 1) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[index] = state
  }
  return new Uint8Array(words.buffer, 0, length)
}
