import {
  apiBase,
  defaultLimits,
  routeParameters,
  routes,
  TrackwayError,
  withoutUndefined,
  type Limits,
  type Route,
  type RouteName,
} from '@trackway/protocol'
import {
  amount,
  callback,
  checkOptions,
  flag,
  having,
  listOfTexts,
  nested,
  oneOf,
  required,
  whole,
  type KindsOf,
} from '@trackway/protocol/options'
import { Hono, type Context } from 'hono'
import * as z from 'zod/mini'
import {
  authenticateByKey,
  requireRole,
  trustEverybody,
  type Authenticate,
  type Caller,
} from '../auth/caller.ts'
import { authenticateBySignedUrl, type AuthenticateSignedUrl } from '../auth/signed-urls.ts'
import { openEngine, type Engine } from '../engine/engine.ts'
import type { ProbeWhen } from '../engine/open-store.ts'
import type { ClockAndIds } from '../engine/clock-and-ids.ts'
import type { SweepPatience } from '../engine/sweep-marker.ts'
import { storeKind } from '../stores/check-store-kind.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { artifactHandlers } from './handlers/artifacts.ts'
import { blobHandlers } from './handlers/blobs.ts'
import { experimentHandlers } from './handlers/experiments.ts'
import { fileHandlers } from './handlers/files.ts'
import { manifestHandlers } from './handlers/manifests.ts'
import { runHandlers } from './handlers/runs.ts'
import { serviceHandlers } from './handlers/service.ts'
import { versionHandlers } from './handlers/versions.ts'
import { createPageAccess } from './page-access.ts'
import { quotasKind, type Quotas } from './quota-options.ts'
import { createQuotas, type QuotasFor, type RequestQuotas } from './quotas.ts'
import { withinQuotas } from './within-quotas.ts'
import { problemResponse } from './problem-response.ts'
import { createBodyBudget, type BodyBudget } from './body-budget.ts'
import { defaultBodyLimits, requestLimits, type BodyLimits } from './limits.ts'
import { createReception, type LimitOf, type Receive } from './receive-body.ts'
import { checkInput, readJson, readQuery } from './request-body.ts'
import type { RouteHandlers, RouteRequest } from './route-handler.ts'

/** A Trackway server as a function from requests to responses. It does not listen on a port. */
export interface App {
  /** Answers one request. It never rejects: failures are problems. */
  fetch(request: Request): Promise<Response>
  /** The name of the store that it serves. */
  readonly storeId: string
}

/** Options of an app. */
export interface AppOptions {
  /** Where everything is stored. If it has `signing`, clients get presigned URLs to it. */
  store: ObjectStore
  /**
   * `keys`: callers need an API key of the store. A user: every caller is that user and may do everything,
   * for a store that only this process reaches. Default: `keys`.
   */
  access?:
    | 'keys'
    | {
        /** The user that every caller is. */
        user: string
      }
    | undefined
  /**
   * Whether each opening tests the store's promises with about 300 requests, or only the first one: later
   * ones then test conditions with a dozen. Default: `always`.
   */
  probe?: ProbeWhen | undefined
  /**
   * Whether to create a store if the location does not hold one; otherwise throws `not_found`. Default: true.
   */
  create?: boolean | undefined
  /** The server's limits. Default: those of the format. */
  limits?: Partial<Limits> | undefined
  /** Limits on the memory and the pace of bodies that arrive at the same time. */
  bodies?: Partial<BodyLimits> | undefined
  /** What teams and API keys may use. Default: no quotas. */
  quotas?: Quotas | undefined
  /** Host names, without ports, that requests may use. Default: any. */
  hosts?: readonly string[] | undefined
  /**
   * Origins, such as `https://app.example.org`, whose pages may use the server, or `*` for all. Default:
   * none.
   */
  origins?: readonly string[] | undefined
  /** How long writers wait for a sweep that is about to delete what they need. Default: 20 s. */
  patience?: SweepPatience | undefined
  /** The clock and random ids. Default: the machine's. */
  clockAndIds?: ClockAndIds | undefined
  /** Called after every answered request. */
  onRequest?: ((event: RequestEvent) => void) | undefined
  /** Called for every answer that breaks off after its status was sent, as over a damaged blob. */
  onBroken?: ((event: RequestEvent) => void) | undefined
}

/** The details of an answered request. */
export interface RequestEvent {
  /** The id of the request, which errors carry. */
  requestId: string
  /** The HTTP method. */
  method: string
  /** Without its query. */
  path: string
  /** The status of the answer. */
  status: number
  /** Milliseconds until the answer began. */
  durationMs: number
  /** The error, if the status reports one. */
  error?: unknown
}

const storeCodes = ['store_unavailable', 'store_unsuitable', 'insufficient_storage'] as const

const handlers: RouteHandlers = {
  ...serviceHandlers,
  ...blobHandlers,
  ...manifestHandlers,
  ...experimentHandlers,
  ...runHandlers,
  ...artifactHandlers,
  ...versionHandlers,
  ...fileHandlers,
}

const optionKinds = {
  store: required(storeKind),
  access: {
    expected: "'keys' or an object with a user",
    example: "{ user: 'ada' }",
    accepts: (value) => value === 'keys' || typeof Object(value).user === 'string',
  },
  probe: oneOf('always', 'new'),
  create: flag,
  limits: nested({
    requestBytes: whole(1_000_000, 1),
    blobBytes: whole(1_000_000, 1),
    digests: whole(1000, 1),
    entries: whole(1000, 1),
    manifestBytes: whole(1_000_000, 1),
  } satisfies KindsOf<Limits>),
  bodies: nested({
    heldBytes: amount(1_000_000),
    bytesPerSecond: amount(1024),
    windowMs: amount(30_000),
  } satisfies KindsOf<BodyLimits>),
  quotas: quotasKind,
  hosts: listOfTexts('localhost'),
  origins: listOfTexts('https://app.example.org'),
  patience: nested({ waitMs: amount(20_000), pollMs: amount(200) } satisfies KindsOf<SweepPatience>),
  clockAndIds: having('an object with a clock and ids', 'clockAndIds', 'now', 'sleep', 'newId'),
  onRequest: callback('(event) => console.log(event)'),
  onBroken: callback('(event) => console.log(event)'),
} satisfies KindsOf<AppOptions>

/**
 * Opens a store and creates the app that serves it. Throws `store_unsuitable`, `format_unsupported`,
 * `option_invalid`.
 */
export async function createApp(options: AppOptions): Promise<App> {
  checkOptions('createApp', options, optionKinds)
  const { store, access = 'keys', hosts, origins = [], onRequest, onBroken } = options
  const pages = createPageAccess(origins)
  const limits = { ...defaultLimits, ...withoutUndefined(options.limits ?? {}) }
  const engine = await openEngine({
    store,
    limits,
    probe: options.probe,
    create: options.create,
    patience: options.patience,
    clockAndIds: options.clockAndIds,
  })
  const authenticate = access === 'keys' ? authenticateByKey(store) : trustEverybody(access.user)
  const bodies = { ...defaultBodyLimits, ...withoutUndefined(options.bodies ?? {}) }
  const router = createRouter({
    engine,
    authenticate,
    authenticateSignedUrl: access === 'keys' ? authenticateBySignedUrl(store) : undefined,
    bodies,
    budget: createBodyBudget(bodies.heldBytes),
    quotasFor: options.quotas && createQuotas(options.quotas, options),
  })

  return {
    storeId: engine.format.storeId,
    async fetch(request) {
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
    },
  }

  async function answer(
    request: Request,
    requestId: string,
    broken: Environment['Bindings']['onBroken'],
  ): Promise<{ response: Response; error?: unknown }> {
    try {
      checkHost(request, hosts)
      return {
        response: pages.answerPreflight(request) ?? (await router.fetch(request, { onBroken: broken })),
      }
    } catch (error) {
      const shown = access === 'keys' ? withoutLocation(error) : error
      return { response: problemResponse(shown, requestId), error }
    }
  }
}

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

/** Registers every route of the protocol. Errors are rethrown, to where answers are made from them. */
function createRouter(service: Service): Hono<Environment> {
  const router = new Hono<Environment>()
  for (const [name, route] of inMatchingOrder()) {
    router.on(route.method, honoPath(route), (context) => handle(context, name, service))
  }
  router.notFound((context) => {
    throw noRoute(context.req.raw)
  })
  router.onError((error) => {
    throw error
  })
  return router
}

/** A route whose last segment ends in fixed text must come before one that accepts any segment. */
function inMatchingOrder(): [RouteName, Route][] {
  const all = Object.entries(routes) as [RouteName, Route][] // The keys of the table are its names.
  return all.sort(([, a], [, b]) => Number(b.path.endsWith('.tar')) - Number(a.path.endsWith('.tar')))
}

/** One or more of any characters: a dot excludes line separators, which file names may contain. */
const anyText = String.raw`[\s\S]+`

function honoPath({ path }: Route): string {
  return (
    apiBase +
    path
      .replace('{revision}.tar', ':archive{[^/]+\\.tar}')
      .replace('{path}', `:path{${anyText}}`)
      .replace(/\{(\w+)\}/g, ':$1')
  )
}

/** What Hono passes to the handlers of a request. */
interface Environment {
  Bindings: { onBroken: (error: unknown) => void }
}

interface Service {
  engine: Engine
  authenticate: Authenticate
  /** Undefined if no key is required. */
  authenticateSignedUrl: AuthenticateSignedUrl | undefined
  bodies: BodyLimits
  budget: BodyBudget
  /** Undefined without quotas. */
  quotasFor: QuotasFor | undefined
}

async function handle(context: Context<Environment>, name: RouteName, service: Service): Promise<Response> {
  const route: Route = routes[name]
  const caller = await admit(route, context, service)
  const parameters = parseParameters(context.req.param())
  const quotas = route.access === 'public' ? undefined : service.quotasFor?.(caller, parameters['team'])
  return withinQuotas(quotas, name, () => answerRoute(context, name, { service, caller, parameters, quotas }))
}

interface Admitted {
  service: Service
  caller: Caller
  parameters: Record<string, string>
  quotas: RequestQuotas | undefined
}

async function answerRoute(
  context: Context<Environment>,
  name: RouteName,
  { service, caller, parameters, quotas }: Admitted,
): Promise<Response> {
  const { engine, bodies, budget } = service
  const route: Route = routes[name]
  const request = context.req.raw
  const { receive, end } = createReception(request, budget, bodies)
  try {
    const routeRequest = {
      engine,
      caller,
      quotas,
      request,
      onBroken: context.env.onBroken,
      receive,
      parameters,
      query: route.query === undefined ? undefined : checkInput(route.query, readQuery(request), 'query'),
      body: await parseBody(route, request, receive, engine.limits),
    }
    // One table describes the routes and types their handlers, so the handler with this name accepts the
    // parsed input.
    return await handlers[name](routeRequest as RouteRequest<RouteName> as never)
  } finally {
    end()
  }
}

async function admit(
  { access, signable = false }: Route,
  context: Context,
  { authenticate, authenticateSignedUrl }: Service,
): Promise<Caller> {
  if (access === 'public') return { user: 'anonymous', roles: {} }
  const request = context.req.raw
  // A signed URL counts alone, so that it works the same for everyone who follows it.
  const isSigned = signable && new URL(request.url).searchParams.has('signature')
  const caller =
    isSigned && authenticateSignedUrl !== undefined
      ? await authenticateSignedUrl(readQuery(request), parseParameters(context.req.param()))
      : await authenticate(request)
  if (access !== 'key') requireRole(caller, context.req.param('team') ?? '', access)
  return caller
}

function parseParameters(texts: Record<string, string>): Record<string, string> {
  const { archive, ...rest } = texts
  const all = archive === undefined ? rest : { ...rest, revision: archive.slice(0, -'.tar'.length) }
  return Object.fromEntries(
    Object.entries(all).map(([name, text]) => {
      const parameter = Object.entries(routeParameters).find(([key]) => key === name)?.[1]
      return [name, parameter === undefined ? text : parameter.parse(text)]
    }),
  )
}

/** The JSON body of a route that takes one; handlers receive other bodies themselves. */
async function parseBody(
  { body }: Route,
  request: Request,
  receive: Receive,
  { requestBytes }: Limits,
): Promise<unknown> {
  if (!(body instanceof z.ZodMiniType)) return undefined
  const limit: LimitOf =
    requestBytes < requestLimits.jsonBytes
      ? { name: 'requestBytes', bytes: requestBytes }
      : { name: 'jsonBytes', bytes: requestLimits.jsonBytes }
  return readJson(request, body, { receive, limit })
}

/** A browser that was lured to a name that points at this machine must not reach a server that trusts the machine. */
function checkHost(request: Request, hosts: readonly string[] | undefined): void {
  if (hosts === undefined) return
  const { hostname } = new URL(request.url)
  if (hosts.includes(hostname)) return
  throw new TrackwayError(
    'host_not_allowed',
    `This server does not serve the host name ${hostname}; use ${hosts.join(', ')}`,
  )
}

function noRoute(request: Request): TrackwayError {
  const { pathname } = new URL(request.url)
  const allow = Object.values<Route>(routes).flatMap((route) =>
    pathPattern(route).test(pathname) ? methodsOf(route) : [],
  )
  if (allow.length === 0) {
    return new TrackwayError(
      'not_found',
      `There is no route ${request.method} ${pathname}; ${apiBase}/openapi.json lists them`,
    )
  }
  return new TrackwayError(
    'method_not_allowed',
    `${pathname} does not support ${request.method}; use ${[...new Set(allow)].join(', ')}`,
    {
      details: { allow: [...new Set(allow)] },
    },
  )
}

function methodsOf({ method }: Route): string[] {
  return method === 'GET' ? ['GET', 'HEAD'] : [method]
}

function pathPattern({ path }: Route): RegExp {
  const pattern = path
    .replace(/\./g, '\\.')
    .replace('{path}', anyText)
    .replace(/\{\w+\}/g, '[^/]+')
  return new RegExp(`^${apiBase}${pattern}$`)
}
