/**
 * How a request checks whether anything answers at an origin: a redirect is an answer, and is not followed.
 */
export const originProbe: RequestInit = { redirect: 'manual' }
