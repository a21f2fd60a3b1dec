import { checkNode, TrackwayError } from '@trackway/protocol'
import { callback, checkOptions, text, type KindsOf } from '@trackway/protocol/options'
import {
  createApiKey,
  createApp,
  createMemoryStore,
  createPageAccess,
  type App,
  type Quotas,
} from '@trackway/server'
import { quotasKind } from '@trackway/server/internals'
import { createFaultStore, type StoreFault, type StoreOperation } from '@trackway/server/testing'
import { createFaults, DroppedConnection, misbehave, type Faults } from './faults.ts'
import { seedArtifacts, type SeedArtifacts, type SeedScope } from './seed.ts'

/** Options of a mock. */
export interface MockOptions {
  /** The URL that it pretends to have. Default: `http://trackway.test`. */
  url?: string | undefined
  /** The key that it accepts, which may do everything in every team. Default: `tw_mock`. */
  apiKey?: string | undefined
  /**
   * Chooses the fault of an operation of the mock's store, once the store is open: `after`, for instance,
   * loses the reply of an operation that had its effect. Default: none.
   */
  storeFault?: ((operation: StoreOperation) => StoreFault | undefined) | undefined
  /**
   * Quotas of teams and API keys, as a server enforces them: `{ team: { bytes: 1_000_000 } }`. Default: none.
   */
  quotas?: Quotas | undefined
}

/** A request to a mock. */
export interface MockRequest {
  /** The HTTP method. */
  method: string
  /** With its query, as it was sent. */
  path: string
  /** The status of the answer; 0 if the connection was cut. Undefined before the answer. */
  status: number | undefined
}

/** A Trackway server in memory: the real app, with faults on demand. Pages of every origin may use it. */
export interface Mock {
  /** Its URL, for `login({ host })`. */
  readonly url: string
  /** Its API key, for `login({ apiKey })`. */
  readonly apiKey: string
  /** The requests so far, in order, without CORS preflight requests. */
  readonly requests: readonly MockRequest[]
  /** The faults to inject. */
  readonly faults: Faults
  /** Adds versions: `await mock.seed({ 'dataset/sample': { 'a.csv': '1,2' } })`. */
  seed(artifacts: SeedArtifacts, scope?: SeedScope): Promise<void>
  /** Forgets everything: the stored data, the requests and the faults. */
  reset(): void
  /** Answers a request. Rejects with a `TypeError`, as `fetch` does, if a fault cuts the connection. */
  fetch(request: Request): Promise<Response>
}

// This comes first, so that an old Node gets a clear error and not an obscure one.
checkNode('@trackway/mock-server')

const pages = createPageAccess(['*'])
/** A request from a page, with headers that a test's DOM (happy-dom) hides: every page may do everything. */
const fromPage = (method: string) => ({
  method,
  headers: new Headers({ origin: 'http://page.test', 'access-control-request-method': method }),
})

const optionKinds = {
  url: text('http://trackway.test'),
  apiKey: text('tw_mock'),
  storeFault: callback("() => 'after'"),
  quotas: quotasKind,
} satisfies KindsOf<MockOptions>

/**
 * Creates a mock. It does not listen on a port: pass it to `trackwayHandlers`, or to `login({ fetch:
 * mock.fetch })`. Throws `option_invalid`.
 */
export function createMock(options: MockOptions = {}): Mock {
  checkOptions('createMock', options, optionKinds)
  const { url = 'http://trackway.test', apiKey = 'tw_mock', storeFault = () => undefined, quotas } = options
  const faults = createFaults()
  const requests: MockRequest[] = []
  let app: Promise<App> | undefined

  async function open(): Promise<App> {
    let isOpen = false
    const { store } = createFaultStore(createMemoryStore(), (operation) =>
      isOpen ? storeFault(operation) : undefined,
    )
    await createApiKey(store, { user: 'mock', roles: { '*': 'admin' }, key: apiKey })
    const opened = await createApp({
      store,
      quotas,
      onRequest({ method, path, error }) {
        if (error !== undefined && !TrackwayError.isInstance(error)) tellDefect(method, path, error)
      },
    })
    isOpen = true
    return opened
  }

  async function answer(request: Request): Promise<Response> {
    app ??= open()
    return (await app).fetch(request)
  }

  async function answerOrMisbehave(request: Request, path: string): Promise<Response> {
    const fault = faults.take(request.method, path)
    return fault === undefined ? answer(request) : misbehave(fault, () => answer(request))
  }

  return {
    url,
    apiKey,
    requests,
    faults,
    seed: (artifacts, scope = {}) =>
      seedArtifacts(
        (path, init) => {
          const headers = new Headers(init.headers)
          headers.set('authorization', `Bearer ${apiKey}`)
          return answer(new Request(url + path, { ...init, headers }))
        },
        artifacts,
        scope,
      ),
    reset() {
      app = undefined
      requests.length = 0
      faults.clear()
    },
    async fetch(request) {
      const asking = fromPage(request.method)
      const preflight = pages.answerPreflight(asking)
      if (preflight !== undefined) {
        pages.open(asking, preflight)
        return preflight
      }
      const { pathname, search } = new URL(request.url)
      const entry: MockRequest = { method: request.method, path: pathname + search, status: undefined }
      requests.push(entry)
      try {
        const response = await answerOrMisbehave(request, pathname)
        pages.open(asking, response)
        entry.status = response.status
        return response
      } catch (error) {
        entry.status = 0
        if (!(error instanceof DroppedConnection)) tellDefect(request.method, pathname, error)
        throw error
      }
    },
  }
}

/** Reports a failure of the mock itself, or of a test's callback: the client sees only a 500, or retries. */
function tellDefect(method: string, path: string, error: unknown): void {
  // oxlint-disable-next-line no-console -- Test runners show it with the test.
  console.error(`The mock server failed to answer ${method} ${path}:`, error)
}
