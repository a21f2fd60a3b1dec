// What stands in for node.ts in browsers. Both export the same names.
export { fileSystem } from './browser/files.ts'
export { environment } from './browser/environment.ts'
export { blobBody } from './browser/blob-body.ts'
export { multipartBody } from './browser/multipart.ts'
export { originProbe } from './browser/origin-probe.ts'
export { openCrew } from './browser/tasks.ts'
export { userCache } from './browser/user-cache.ts'
export { openProgressDisplay } from './browser/progress-display.ts'
