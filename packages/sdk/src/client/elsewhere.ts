import { defaultRetryPolicy, type RetryPolicy } from './retry.ts'

/**
 * Access to data on the web: not by way of the server, and without the user's credentials, in particular the
 * API key.
 */
export interface Elsewhere {
  fetch: (request: Request) => Promise<Response>
  retry: RetryPolicy
}

/** The platform's `fetch`, as it is at the time of each request. */
export const platformFetch = (request: Request): Promise<Response> => globalThis.fetch(request)

/** Access to data on the web, without a session. */
export const plainElsewhere: Elsewhere = { fetch: platformFetch, retry: defaultRetryPolicy }
