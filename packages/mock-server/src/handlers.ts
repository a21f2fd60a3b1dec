import { http, HttpResponse, type HttpHandler } from 'msw'
import { DroppedConnection } from './faults.ts'
import { createMock, type Mock } from './mock.ts'

/**
 * Handlers for msw's `setupServer` and `setupWorker`: everything under the mock's address is answered by the mock.
 * Put handlers of your own before them to answer a route otherwise.
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
