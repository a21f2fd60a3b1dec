import { apiBase, TrackwayError } from '@trackway/protocol'
import { Hono } from 'hono'
import type { MountedRoute, RoutedRequest } from './mount.ts'

/** Finds the route of a request, and answers it. Throws `not_found`, `method_not_allowed`. */
export type Router = (request: Request, onBroken: RoutedRequest['onBroken']) => Response | Promise<Response>

/** What Hono passes to the handlers of a request. */
interface Environment {
  Bindings: Pick<RoutedRequest, 'onBroken'>
}

export function createRouter(routes: readonly MountedRoute[]): Router {
  const hono = new Hono<Environment>()
  for (const { method, path, answer } of inMatchingOrder(routes)) {
    hono.on(method, honoPath(path), (context) =>
      answer({
        request: context.req.raw,
        parameters: withoutArchive(context.req.param()),
        onBroken: context.env.onBroken,
      }),
    )
  }
  hono.notFound((context) => {
    throw noRoute(context.req.raw, routes)
  })
  // Answers are made from errors in one place, for all that a request goes through.
  hono.onError((error) => {
    throw error
  })
  return (request, onBroken) => hono.fetch(request, { onBroken })
}

const archive = '.tar'

/** A route whose last segment ends in fixed text must come before one that accepts any segment. */
function inMatchingOrder(routes: readonly MountedRoute[]): MountedRoute[] {
  return routes.toSorted((a, b) => Number(b.path.endsWith(archive)) - Number(a.path.endsWith(archive)))
}

/** One or more of any characters: a dot excludes line separators, which file names may contain. */
const anyText = String.raw`[\s\S]+`

function honoPath(path: string): string {
  return path
    .replace(`{revision}${archive}`, `:archive{[^/]+\\${archive}}`)
    .replace('{path}', `:path{${anyText}}`)
    .replace(/\{(\w+)\}/g, ':$1')
}

/** The revision in a segment that names an archive. */
function withoutArchive(parameters: Record<string, string>): Record<string, string> {
  const { archive: name, ...others } = parameters
  return name === undefined ? others : { ...others, revision: name.slice(0, -archive.length) }
}

function noRoute(request: Request, routes: readonly MountedRoute[]): TrackwayError {
  const { pathname } = new URL(request.url)
  const methods = routes.flatMap((route) => (pathPattern(route).test(pathname) ? methodsOf(route) : []))
  const allow = [...new Set(methods)]
  if (allow.length > 0) {
    return new TrackwayError(
      'method_not_allowed',
      `${pathname} does not support ${request.method}; use ${allow.join(', ')}`,
      { details: { allow } },
    )
  }
  return new TrackwayError(
    'not_found',
    `There is no route ${request.method} ${pathname}; ${apiBase}/openapi.json lists them`,
  )
}

function methodsOf({ method }: MountedRoute): string[] {
  return method === 'GET' ? ['GET', 'HEAD'] : [method]
}

function pathPattern({ path }: MountedRoute): RegExp {
  const pattern = path
    .replace(/\./g, '\\.')
    .replace('{path}', anyText)
    .replace(/\{\w+\}/g, '[^/]+')
  return new RegExp(`^${pattern}$`)
}
