/** Not followed. With `error` a page would not be told from a server that is away, and would try again. */
export const redirect: RequestRedirect = 'manual'
