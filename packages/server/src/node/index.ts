// What needs Node, Deno or Bun: folders and ports.
export { openDirectoryStore } from './directory-store.ts'
export { openData } from './open-data.ts'
export {
  isLoopback,
  loopbackHosts,
  serve,
  type Connection,
  type RunningServer,
  type ServeOptions,
} from './serve.ts'
