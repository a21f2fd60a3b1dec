import { routeParameters, type Limits, type Route } from '@trackway/protocol'
import * as z from 'zod/mini'
import { requireRole, type Caller } from '../auth/caller.ts'
import type { Engine } from '../engine/engine.ts'
import { requestLimits } from './limits.ts'
import type { MountedRoute, RoutedRequest } from './mount.ts'
import type { RequestQuotas } from './quotas.ts'
import type { LimitOf, Receive } from './receive-body.ts'
import { checkInput, readJson, readQuery } from './request-body.ts'
import type { Service } from './service.ts'
import { withinQuotas } from './within-quotas.ts'

type Inferred<Schema, Otherwise> = Schema extends z.ZodMiniType ? z.infer<Schema> : Otherwise
type Field<R, Key extends keyof Route> = R extends Record<Key, infer Value> ? Value : undefined
type ParameterName<Path> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterName<Rest>
  : never

type Parameters = typeof routeParameters
type ParametersOf<R extends Route> = {
  [Key in ParameterName<R['path']> & keyof Parameters]: ReturnType<Parameters[Key]['parse']>
}

/** What a request brings, parsed as its route says. */
interface Input<R extends Route> {
  /** The parameters of the path. */
  parameters: ParametersOf<R>
  query: Inferred<Field<R, 'query'>, undefined>
  /** The JSON body. */
  body: Inferred<Field<R, 'body'>, undefined>
}

/** The input of a handler: everything is parsed, and the caller has the role that the route requires. */
export interface RouteRequest<R extends Route> extends Input<R> {
  engine: Engine
  caller: Caller
  /** Undefined if there are none. */
  quotas: RequestQuotas | undefined
  /** Yields a body that is not JSON. */
  receive: Receive
  request: Request
  /** Called with the reason why an answer broke off after it began. */
  onBroken: (error: unknown) => void
}

/** Answers one route. */
export type RouteHandler<R extends Route> = (request: RouteRequest<R>) => Response | Promise<Response>

/** A handler for each route of a table. */
export type RouteHandlers<Table extends Record<string, Route>> = {
  [Name in keyof Table]: RouteHandler<Table[Name]>
}

/** How a route is mounted. */
export interface HandleOptions {
  /** What comes before the route's path. */
  base: string
  /** Whether what the route stores is so small that it is stored whatever a quota says. Default: false. */
  isExempt?: boolean
}

/** Mounts a route: its handler gets requests of callers who may send them, within their quotas, parsed. */
export function handle<R extends Route>(
  service: Service,
  route: R,
  handler: RouteHandler<R>,
  { base, isExempt = false }: HandleOptions,
): MountedRoute {
  const { engine, quotasFor, receive: open } = service
  const demandsDocuments = route.access === 'write' && !isExempt

  async function answer({ request, parameters: texts, onBroken }: RoutedRequest): Promise<Response> {
    const caller = await admit(route, { request, texts }, service)
    const parameters = parseParameters(texts)
    const quotas = route.access === 'public' ? undefined : quotasFor?.(caller, parameters['team'])
    return withinQuotas(quotas, demandsDocuments, async () => {
      const { receive, end } = open(request)
      try {
        const input = await parseInput(route, { request, parameters, receive, limits: engine.limits })
        return await handler({ ...input, engine, caller, quotas, request, onBroken, receive })
      } finally {
        end()
      }
    })
  }

  return { method: route.method, path: base + route.path, answer }
}

async function admit(
  { access, signable = false }: Route,
  { request, texts }: { request: Request; texts: Record<string, string> },
  { authenticate, authenticateSignedUrl }: Service,
): Promise<Caller> {
  if (access === 'public') return { user: 'anonymous', roles: {} }
  // A signed URL counts alone, so that it works the same for everyone who follows it.
  const isSigned = signable && new URL(request.url).searchParams.has('signature')
  const caller =
    isSigned && authenticateSignedUrl !== undefined
      ? await authenticateSignedUrl(readQuery(request), parseParameters(texts))
      : await authenticate(request)
  if (access !== 'key') requireRole(caller, texts['team'] ?? '', access)
  return caller
}

function parseParameters(texts: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => {
      const parameter = Object.entries(routeParameters).find(([key]) => key === name)?.[1]
      return [name, parameter === undefined ? text : parameter.parse(text)]
    }),
  )
}

interface Unparsed {
  request: Request
  parameters: Record<string, string>
  receive: Receive
  limits: Limits
}

async function parseInput<R extends Route>(
  route: R,
  { request, parameters, receive, limits }: Unparsed,
): Promise<Input<R>> {
  const { query, body }: Route = route
  const input = {
    parameters,
    query: query && checkInput(query, readQuery(request), 'query'),
    // Handlers receive other bodies than JSON themselves.
    body:
      body instanceof z.ZodMiniType
        ? await readJson(request, body, { receive, limit: jsonLimit(limits) })
        : undefined,
  }
  return input as Input<R> // The path and the schemas that parsed it are those that its type is made of.
}

function jsonLimit({ requestBytes }: Limits): LimitOf {
  return requestBytes < requestLimits.jsonBytes
    ? { name: 'requestBytes', bytes: requestBytes }
    : { name: 'jsonBytes', bytes: requestLimits.jsonBytes }
}
