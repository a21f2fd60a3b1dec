import { routes, TrackwayError } from '@trackway/protocol'

/** What pages of other origins may do in a browser: the CORS protocol of the Fetch standard, without credentials. */
export interface PageAccess {
  /**
   * Answers what a browser asks before a page's request (a preflight), for which nobody has to show a key; undefined for
   * every other request. Throws `origin_not_allowed`.
   */
  answerPreflight(request: Pick<Request, 'method' | 'headers'>): Response | undefined
  /** Lets the page that asked read an answer. */
  open(request: Pick<Request, 'method' | 'headers'>, response: Response): void
}

/** Seconds that a browser remembers what it was told. Chromium remembers nothing for longer. */
const maxAge = 7200
const methods = [...new Set(['HEAD', ...Object.values(routes).map(({ method }) => method)])].join(', ')
const requestHeaders = 'Authorization, Content-Type, If-Match, If-None-Match, If-Range, Range'
const responseHeaders =
  'Accept-Ranges, Allow, Content-Disposition, Content-Length, Content-Range, ETag, Retry-After, WWW-Authenticate, X-Request-Id'

/**
 * Opens a server to the pages of these origins, such as `https://app.example.org`, or of all (`*`). Throws
 * `option_invalid` for what no browser would send as an origin.
 */
export function createPageAccess(origins: readonly string[]): PageAccess {
  for (const origin of origins) checkOrigin(origin)
  const isOpenToAll = origins.includes('*')
  const allowed = new Set(origins)
  const isAllowed = (origin: string) => isOpenToAll || allowed.has(origin)
  return {
    answerPreflight(request) {
      const origin = request.headers.get('origin')
      const isPreflight = request.method === 'OPTIONS' && request.headers.has('access-control-request-method')
      if (origin === null || !isPreflight) return undefined
      if (!isAllowed(origin)) throw originNotAllowed(origin)
      const headers = {
        'access-control-allow-methods': methods,
        'access-control-allow-headers': requestHeaders,
        'access-control-max-age': String(maxAge),
      }
      return new Response(null, { status: 204, headers })
    },
    open(request, { headers }) {
      if (allowed.size === 0) return
      if (!isOpenToAll) headers.append('vary', 'Origin')
      const origin = request.headers.get('origin')
      if (origin === null || !isAllowed(origin)) return
      headers.set('access-control-allow-origin', isOpenToAll ? '*' : origin)
      headers.set('access-control-expose-headers', responseHeaders)
    },
  }
}

/** Scheme, name and port, as browsers write them. `null`, which anybody's sandboxed page has, is none. */
function checkOrigin(origin: string): void {
  if (origin === '*') return
  // Of the web, what the standard writes differently is never sent: upper case, the usual port, a name with a `*`.
  const isOfWeb = /^https?:/i.test(origin)
  if (isOfWeb && URL.canParse(origin) && new URL(origin).origin === origin && !origin.includes('*')) return
  if (!isOfWeb && /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s*]+$/.test(origin)) return
  throw new TrackwayError(
    'option_invalid',
    `'${origin}' is no origin; write it as https://app.example.org or http://localhost:5173, in lower case, without a path, a slash behind it or the usual port, or * for pages of all origins`,
  )
}

function originNotAllowed(origin: string): TrackwayError {
  return new TrackwayError(
    'origin_not_allowed',
    `Pages of ${origin} may not ask this server; whoever runs it allows them by --allowed-origin ${origin}`,
  )
}
