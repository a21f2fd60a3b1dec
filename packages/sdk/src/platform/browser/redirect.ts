/**
 * Not followed. With `error` a page could not distinguish a redirect from an unreachable server, and would
 * retry.
 */
export const redirect: RequestRedirect = 'manual'
