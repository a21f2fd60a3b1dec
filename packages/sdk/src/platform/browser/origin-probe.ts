/**
 * How a request checks whether anything answers at an origin. Without CORS the answer cannot be read, which
 * is not needed, and the store does not have to allow the request, which can do nothing but follow redirects.
 */
export const originProbe: RequestInit = { mode: 'no-cors', redirect: 'follow' }
