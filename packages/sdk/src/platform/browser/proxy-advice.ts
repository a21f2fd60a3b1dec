/** A browser's proxies are the user's affair, and it says nothing of them. */
export const proxyAdvice: (url: URL) => string | undefined = () => undefined
