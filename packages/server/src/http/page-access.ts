import { TrackwayError } from '@trackway/protocol'

/** What pages of other origins may do in a browser: CORS (Fetch standard), without credentials. */
export interface PageAccess {
  /**
   * Answers CORS preflights, which need no key; undefined for
   * every other request. Throws `origin_not_allowed`.
   */
  answerPreflight(request: Pick<Request, 'method' | 'headers'>): Response | undefined
  /** Lets the page that sent the request read the answer. */
  open(request: Pick<Request, 'method' | 'headers'>, response: Response): void
}

/** Seconds that a browser caches a preflight. Chromium does not cache it for longer. */
const maxAge = 7200
const methods = 'HEAD, GET, POST, PUT, DELETE'
const requestHeaders = 'Authorization, Content-Type, If-Match, If-None-Match, If-Range, Range'
const responseHeaders =
  'Accept-Ranges, Allow, Content-Disposition, Content-Length, Content-Range, ETag, Retry-After, WWW-Authenticate, X-Request-Id'

/**
 * Opens a server to pages of these origins, such as `https://app.example.org`, or of all (`*`). Throws
 * `option_invalid` for a text that no browser would send as an origin.
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

/**
 * Scheme, name and port, as browsers write them. `null`, the origin of any sandboxed page, is not accepted.
 */
function checkOrigin(origin: string): void {
  if (origin === '*') return
  // For web origins, browsers never send other spellings: upper case, the default port, a name with a `*`.
  const isOfWeb = /^https?:/i.test(origin)
  if (isOfWeb && URL.canParse(origin) && new URL(origin).origin === origin && !origin.includes('*')) return
  if (!isOfWeb && /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s*]+$/.test(origin)) return
  throw new TrackwayError(
    'option_invalid',
    `'${origin}' is not a valid origin; write it as https://app.example.org or http://localhost:5173, in lower case, without a path, a trailing slash or the default port, or * for pages of all origins`,
  )
}

function originNotAllowed(origin: string): TrackwayError {
  return new TrackwayError(
    'origin_not_allowed',
    `Pages of ${origin} may not use this server; its operator can allow them with --allowed-origin ${origin}`,
  )
}
