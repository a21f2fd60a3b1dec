import { callback, checkOptions, text, whole, type KindsOf } from '@trackway/protocol/options'
import { quotasKind } from '@trackway/server/internals'
import { DroppedConnection } from './faults.ts'
import { createMock, type Mock, type MockOptions } from './mock.ts'

/** Options of a mock on a port. */
export interface MockServerOptions extends Pick<MockOptions, 'apiKey' | 'storeFault' | 'quotas'> {
  /** Default: 0, a free one. */
  port?: number | undefined
  /** Default: 127.0.0.1. */
  host?: string | undefined
}

/** A mock on a port. */
export interface MockServer extends Mock {
  /** Stops it, like a server that goes down. May be called twice. */
  close(): Promise<void>
  /** `await using mock = await startMockServer()` stops it at the end of the block. */
  [Symbol.asyncDispose](): Promise<void>
}

const optionKinds = {
  port: whole(9111, 0, 65_535),
  host: text('127.0.0.1'),
  apiKey: text('tw_mock'),
  storeFault: callback("() => 'after'"),
  quotas: quotasKind,
} satisfies KindsOf<MockServerOptions>

/**
 * Starts a mock on a port, for programs in other languages or tests that need a real connection. Needs Node,
 * Deno or Bun. Throws `option_invalid`.
 */
export async function startMockServer(given: MockServerOptions = {}): Promise<MockServer> {
  checkOptions('startMockServer', given, optionKinds)
  const { port = 0, host, ...options } = given
  // Loaded only here, so that the mock itself runs in browsers.
  const { serve } = await import('@trackway/server/node')
  const mock = createMock(options)
  const server = await serve({
    port,
    ...(host !== undefined && { host }),
    app: {
      async fetch(request, connection) {
        try {
          return await mock.fetch(request)
        } catch (error) {
          if (!(error instanceof DroppedConnection)) throw error
          connection.destroy()
          return new Response(null)
        }
      },
    },
  })
  return { ...mock, url: server.url, close: server.close, [Symbol.asyncDispose]: server.close }
}
