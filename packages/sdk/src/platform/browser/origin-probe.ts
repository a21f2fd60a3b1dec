/**
 * How a request asks whether anybody answers at an origin. Without CORS the answer cannot be read, which it need not be,
 * and a store need not be set up to allow the question; such a request can do nothing but follow redirects.
 */
export const originProbe: RequestInit = { mode: 'no-cors', redirect: 'follow' }
