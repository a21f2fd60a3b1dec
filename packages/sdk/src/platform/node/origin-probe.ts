/** How a request asks whether anybody answers at an origin: a redirect is an answer, and is not followed. */
export const originProbe: RequestInit = { redirect: 'manual' }
