import { http, HttpResponse, type HttpHandler } from 'msw'
import { DroppedConnection } from './faults.ts'
import { createMock, type Mock } from './mock.ts'

/**
 * Handlers for msw's `setupServer` and `setupWorker`: the mock answers every request below its URL.
 * Put your own handlers first to answer a route differently.
 */
export function trackwayHandlers(mock: Mock = createMock()): HttpHandler[] {
  return [
    http.all(`${mock.url}/*`, async ({ request }) => {
      try {
        return await mock.fetch(request)
      } catch (error) {
        if (error instanceof DroppedConnection) return HttpResponse.error()
        throw error
      }
    }),
  ]
}
