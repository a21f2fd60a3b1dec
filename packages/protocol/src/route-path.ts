import { TrackwayError } from './errors.ts'
import { routes, type RouteName } from './resources.ts'
import { apiBase } from './route.ts'

/**
 * The path of a request, including the base: every parameter is percent-encoded as one segment, except
 * `path`, whose slashes stay. Throws a `TypeError` if a parameter is missing, and `request_invalid` if a
 * parameter cannot be part of a URL.
 */
export function routePath(name: RouteName, parameters: Record<string, string> = {}): string {
  const path = routes[name].path.replace(/\{(\w+)\}/g, (_, key: string) => {
    const value = parameters[key]
    if (value === undefined) throw new TypeError(`The route ${name} needs the parameter ${key}`)
    const segments = key === 'path' ? value.split('/') : [value]
    return segments.map((segment) => encodeSegment(key, segment)).join('/')
  })
  return apiBase + path
}

/** URLs drop `.` and `..` even percent-encoded: such a segment would change the request. */
function encodeSegment(key: string, segment: string): string {
  if (/^\.{0,2}$/.test(segment) || !segment.isWellFormed()) {
    throw new TrackwayError(
      'request_invalid',
      `A URL cannot contain ${JSON.stringify(segment)} as ${key}; use another one`,
    )
  }
  return encodeURIComponent(segment)
}
