/** Not followed. With any other word the runtime would keep the whole body, to send it elsewhere as well. */
export const redirect: RequestRedirect = 'error'
