// What Node, Deno and Bun have and browsers have not. browser.ts exports the same names.
export { fileSystem } from './node/files.ts'
export { environment } from './node/environment.ts'
export { blobBody } from './node/blob-body.ts'
export { multipartBody } from './node/multipart.ts'
export { originProbe } from './node/origin-probe.ts'
export { openCrew } from './node/threads/crew.ts'
export { userCache } from './node/user-cache.ts'
export { openProgressDisplay } from './node/progress-display.ts'
