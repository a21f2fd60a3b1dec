import type { Platform } from './platform.ts'
import { formOf } from './request-body.ts'

// What browsers lack.
export const loadRunKeeper: Platform['loadRunKeeper'] = undefined
export const userCache: Platform['userCache'] = undefined
export const textCache: Platform['textCache'] = undefined
export const openBucketObject: Platform['openBucketObject'] = undefined
export const openProgressDisplay: Platform['openProgressDisplay'] = undefined
export const showInNotebooks: Platform['showInNotebooks'] = undefined
export const showEverywhere: Platform['showEverywhere'] = undefined
export const proxyAdvice: Platform['proxyAdvice'] = undefined

/** `error` would not let a page distinguish a redirect from an unreachable server, and it would retry. */
export const redirect: Platform['redirect'] = 'manual'

/** None: `fetch` adds its own, and a server would have to allow ours for pages. */
export const revalidation: Platform['revalidation'] = {}

/**
 * Without CORS the answer cannot be read, which is not needed, and the store does not have to allow the
 * request, which can do nothing but follow redirects.
 */
export const originProbe: Platform['originProbe'] = { mode: 'no-cors', redirect: 'follow' }

/** The browser sets the length. */
export const blobBody: Platform['blobBody'] = ({ bytes }) => ({
  body: new Blob([...bytes] as BlobPart[]), // None is in shared memory.
  headers: {},
})

export const multipartBody: Platform['multipartBody'] = (blobs) => Promise.resolve(formOf(blobs))

export const environment: Platform['environment'] = {
  // oxlint-disable-next-line no-console -- Messages of a page go to the console.
  print: (text) => console.info(text),
}
