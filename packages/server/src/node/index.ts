// The part that needs Node, Deno or Bun: folders, ports and buckets.
export { openDirectoryStore } from './directory/directory-store.ts'
export { openObjectStore, type OpenObjectStoreOptions } from './open-object-store.ts'
export { openS3Object, type S3Object } from './s3/s3-object.ts'
export type { ConnectionLimits } from '../http/limits.ts'
export {
  isLoopback,
  loopbackHosts,
  serve,
  type Connection,
  type RunningServer,
  type ServedApp,
  type ServeOptions,
} from './serve.ts'
