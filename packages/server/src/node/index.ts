// What needs Node, Deno or Bun: folders, ports and buckets.
export { openDirectoryStore } from './directory-store.ts'
export { openData } from './open-data.ts'
export { openS3Object, type S3Object } from './s3-object.ts'
export {
  isLoopback,
  loopbackHosts,
  serve,
  type Connection,
  type RunningServer,
  type ServeOptions,
} from './serve.ts'
