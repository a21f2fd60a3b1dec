// What other packages of this repository use of the server beyond its public names. It may change
// in any release.
export { createEngine, openEngine, type Engine, type EngineOptions } from './engine/engine.ts'
export { putStoredRecord } from './engine/stored-record.ts'
export { layout, type ArtifactScope } from './layout.ts'
export type { FileStats, FileSystem, FolderEntry, OpenFile } from './node/directory/file-system.ts'
export { quotasKind } from './http/quota-options.ts'

// For mounts: routes that are served beside those of the protocol.
export { requireRole, type Caller } from './auth/caller.ts'
export {
  bytesResponse,
  toReadableStream,
  type BytesRequest,
  type BytesSource,
} from './http/bytes-response.ts'
export { handle, type HandleOptions, type RouteHandler, type RouteRequest } from './http/handle.ts'
export { json, jsonUnlessSame } from './http/json-response.ts'
export type { Mount, MountedRoute, RoutedRequest } from './http/mount.ts'
export { problemResponse } from './http/problem-response.ts'
export { openService, type Service, type ServiceOptions } from './http/service.ts'
