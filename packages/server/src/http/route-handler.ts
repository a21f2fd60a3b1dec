import {
  digestHex,
  sha256,
  type routeParameters,
  type Route,
  type RouteName,
  type routes,
} from '@trackway/protocol'
import type * as z from 'zod/mini'
import type { Caller } from '../auth/caller.ts'
import type { Engine } from '../engine/engine.ts'
import type { RequestQuotas } from './quotas.ts'
import { matchesTag } from './bytes-response.ts'
import { encodeJson } from './json-text.ts'
import type { Receive } from './receive-body.ts'

type RouteOf<Name extends RouteName> = (typeof routes)[Name]
type Inferred<Schema, Otherwise> = Schema extends z.ZodMiniType ? z.infer<Schema> : Otherwise
type Field<R, Key extends keyof Route> = R extends Record<Key, infer Value> ? Value : undefined
type ParameterName<Path> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterName<Rest>
  : never

/** The parameters of a route's path, parsed. */
export type ParametersOf<Name extends RouteName> = {
  [Key in ParameterName<RouteOf<Name>['path']> & keyof typeof routeParameters]: ReturnType<
    (typeof routeParameters)[Key]['parse']
  >
}

/** The input of a handler: everything is parsed, and the caller has the role that the route requires. */
export interface RouteRequest<Name extends RouteName> {
  engine: Engine
  caller: Caller
  /** Undefined if there are none. */
  quotas: RequestQuotas | undefined
  parameters: ParametersOf<Name>
  query: Inferred<Field<RouteOf<Name>, 'query'>, undefined>
  /** The JSON body. */
  body: Inferred<Field<RouteOf<Name>, 'body'>, undefined>
  /** Yields a body that is not JSON. */
  receive: Receive
  request: Request
  /** Called with the reason why an answer broke off after it began. */
  onBroken: (error: unknown) => void
}

/** Answers one route. */
export type RouteHandler<Name extends RouteName> = (request: RouteRequest<Name>) => Promise<Response>

/** Handlers of some routes, by route name. */
export type RouteHandlers<Names extends RouteName = RouteName> = { [Name in Names]: RouteHandler<Name> }

/** A JSON answer. */
export async function json(body: object, status = 200): Promise<Response> {
  return jsonResponse(await encodeJson(body), { 'cache-control': 'no-store' }, status)
}

/** JSON, its headers, and its ETag, once that was needed. */
export interface EtaggedJson {
  bytes: Uint8Array<ArrayBuffer>
  headers: Record<string, string>
  etag?: string
}

/** A JSON answer with an ETag; or 304 if the caller has this answer already. */
export async function jsonUnlessSame(request: Request, body: object): Promise<Response> {
  const headers = { 'cache-control': 'private, no-cache', vary: 'Authorization' }
  return withEtag(request, { bytes: await encodeJson(body), headers })
}

/** Like `jsonUnlessSame`, for JSON that exists already. */
export function withEtag(request: Request, answer: EtaggedJson): Response {
  const etag = (answer.etag ??= `"${digestHex(sha256(answer.bytes))}"`)
  const headers = { ...answer.headers, etag }
  const isSame = matchesTag(request.headers.get('if-none-match'), etag)
  return isSame ? new Response(null, { status: 304, headers }) : jsonResponse(answer.bytes, headers)
}

/** An answer that states its length, so that its memory can be counted. */
function jsonResponse(
  bytes: Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
  status = 200,
): Response {
  const own = { 'content-type': 'application/json', 'content-length': String(bytes.length) }
  return new Response(bytes, { status, headers: { ...headers, ...own } })
}
