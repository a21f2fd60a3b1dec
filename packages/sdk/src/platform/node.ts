// What Node, Deno and Bun have and browsers do not. browser.ts exports the same names.
import { environment as machine } from './node/environment.ts'
import { proxyAdvice as adviceForProxies } from './node/proxy-advice.ts'
import { openProgressDisplay as openDisplay } from './node/progress-display.ts'
import { openBucketObject as openObject } from './node/server-package.ts'
import { showEverywhere as showAnywhere, showInNotebooks as showInCells } from './node/showable.ts'
import { textCache as texts } from './node/text-cache.ts'
import { userCache as cache } from './node/user-cache.ts'
import type { Platform } from './platform.ts'

export { blobBody, multipartBody } from './node/request-bodies.ts'
export { openCrew } from '../disk/threads/crew.ts'
export { createSpool } from '../disk/files/spool.ts'

// Browsers lack these, so that each user of them says what happens without.
export const environment: Platform['environment'] = machine
export const loadRunKeeper: Platform['loadRunKeeper'] = async () =>
  (await import('./node/runs/keeper.ts')).runKeeper
export const userCache: Platform['userCache'] = cache
export const textCache: Platform['textCache'] = texts
export const openBucketObject: Platform['openBucketObject'] = openObject
export const openProgressDisplay: Platform['openProgressDisplay'] = openDisplay
export const showInNotebooks: Platform['showInNotebooks'] = showInCells
export const showEverywhere: Platform['showEverywhere'] = showAnywhere
export const proxyAdvice: Platform['proxyAdvice'] = adviceForProxies

/** With any other value the runtime would buffer the whole body, to send it elsewhere as well. */
export const redirect: Platform['redirect'] = 'error'

/** `fetch` adds these itself; happy-dom's `fetch`, in tests, does not, and fails on the answer. */
export const revalidation: Platform['revalidation'] = { 'cache-control': 'no-cache' }

/** A redirect is an answer, and is not followed. */
export const originProbe: Platform['originProbe'] = { redirect: 'manual' }
