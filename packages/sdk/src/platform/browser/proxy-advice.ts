/** A browser's proxies are set up by its user, and it reveals nothing about them. */
export const proxyAdvice: (url: URL) => string | undefined = () => undefined
