import { defaultLimits, withoutUndefined } from '@trackway/protocol'
import { authenticateByKey, trustEverybody, type Authenticate } from '../auth/caller.ts'
import { authenticateBySignedUrl, type AuthenticateSignedUrl } from '../auth/signed-urls.ts'
import { openEngine, type Engine } from '../engine/engine.ts'
import type { AppOptions } from './app-options.ts'
import { createBodyBudget } from './body-budget.ts'
import { defaultBodyLimits } from './limits.ts'
import { createQuotas, type QuotasFor } from './quotas.ts'
import { createReception, type Reception } from './receive-body.ts'

/** What every mount serves from: an opened store with its rules, and who may use how much of it. */
export interface Service {
  engine: Engine
  /** Whether callers need an API key. */
  needsKeys: boolean
  authenticate: Authenticate
  /** Undefined if no key is required. */
  authenticateSignedUrl: AuthenticateSignedUrl | undefined
  /** Undefined without quotas. */
  quotasFor: QuotasFor | undefined
  /** Receives the body of a request within the memory that all requests share. */
  receive(request: Request): Reception
}

/** Options of a service: those of an app that are not about requests. */
export type ServiceOptions = Omit<AppOptions, 'hosts' | 'origins' | 'onRequest' | 'onBroken'>

/** Opens a store and what serves it. Throws `store_unsuitable`, `format_unsupported`. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { store, access = 'keys', quotas } = options
  const limits = { ...defaultLimits, ...withoutUndefined(options.limits ?? {}) }
  const bodies = { ...defaultBodyLimits, ...withoutUndefined(options.bodies ?? {}) }
  const budget = createBodyBudget(bodies.heldBytes)
  const needsKeys = access === 'keys'
  return {
    engine: await openEngine({ ...options, limits }),
    needsKeys,
    authenticate: needsKeys ? authenticateByKey(store) : trustEverybody(access.user),
    authenticateSignedUrl: needsKeys ? authenticateBySignedUrl(store) : undefined,
    quotasFor: quotas && createQuotas(quotas, options),
    receive: (request) => createReception(request, budget, bodies),
  }
}
