import type { Elsewhere } from './connection.ts'
import { defaultRetryPolicy } from './retry-policy.ts'

/** The platform's `fetch`, as it is at the time of each request. */
export const platformFetch = (request: Request): Promise<Response> => globalThis.fetch(request)

/** Access to data on the web, without a session. */
export const plainElsewhere: Elsewhere = { fetch: platformFetch, retry: defaultRetryPolicy }
