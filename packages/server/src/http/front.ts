import { TrackwayError } from '@trackway/protocol'
import type { AppOptions } from './app-options.ts'
import type { PageAccess } from './page-access.ts'
import { problemResponse } from './problem-response.ts'
import type { Router } from './router.ts'

/** What an app consists of. */
interface FrontParts {
  route: Router
  pages: PageAccess
  /** Whether problems do not tell where the store is. */
  hidesStore: boolean
}

/**
 * Answers requests, whatever they are for: checks their host, answers pages of other origins, gives each
 * answer its id, makes problems of errors, and reports events.
 */
export function createFront(
  { route, pages, hidesStore }: FrontParts,
  { hosts, onRequest, onBroken }: Pick<AppOptions, 'hosts' | 'onRequest' | 'onBroken'>,
): (request: Request) => Promise<Response> {
  async function answer(
    request: Request,
    requestId: string,
    broken: (error: unknown) => void,
  ): Promise<{ response: Response; error?: unknown }> {
    try {
      checkHost(request, hosts)
      return { response: pages.answerPreflight(request) ?? (await route(request, broken)) }
    } catch (error) {
      return { response: problemResponse(hidesStore ? withoutLocation(error) : error, requestId), error }
    }
  }

  return async (request) => {
    const event = {
      requestId: crypto.randomUUID(),
      method: request.method,
      path: new URL(request.url).pathname,
    }
    const begin = performance.now()
    const durationMs = () => performance.now() - begin
    const { response, error } = await answer(request, event.requestId, (cause) =>
      onBroken?.({ ...event, status: response.status, durationMs: durationMs(), error: cause }),
    )
    response.headers.set('x-request-id', event.requestId)
    pages.open(request, response)
    onRequest?.({
      ...event,
      status: response.status,
      durationMs: durationMs(),
      ...(error !== undefined && { error }),
    })
    return response
  }
}

const storeCodes = ['store_unavailable', 'store_unsuitable', 'insufficient_storage'] as const

/** The store's location and the cause of its failure are for the operator, who finds them in the log. */
function withoutLocation(error: unknown): unknown {
  if (!TrackwayError.hasCode(error, ...storeCodes)) return error
  const state = error.code === 'insufficient_storage' ? 'is full' : 'does not work as it should'
  const advice = error.retryable ? 'try again later, or ask' : 'ask'
  return new TrackwayError(
    error.code,
    `The server's object store ${state}; ${advice} the administrator of the server, whose log has the details`,
    { retryable: error.retryable },
  )
}

/** A browser lured to a name that points at this machine must not reach a server that trusts the machine. */
function checkHost(request: Request, hosts: readonly string[] | undefined): void {
  if (hosts === undefined) return
  const { hostname } = new URL(request.url)
  if (hosts.includes(hostname)) return
  throw new TrackwayError(
    'host_not_allowed',
    `This server does not serve the host name ${hostname}; use ${hosts.join(', ')}`,
  )
}
