/**
 * Not followed. With any other value the runtime would buffer the whole body, to send it elsewhere as well.
 */
export const redirect: RequestRedirect = 'error'
