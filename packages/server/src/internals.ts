// What other packages of this repository use of the server beyond its public names. It may change in any release.
export { createEngine, openEngine, type Engine, type EngineOptions } from './engine/engine.ts'
export { putStoredRecord } from './engine/stored-record.ts'
export { quotasKind } from './http/quota-options.ts'
export { layout, type ArtifactScope } from './layout.ts'
export type { FileStats, FileSystem, FolderEntry, OpenFile } from './node/directory/file-system.ts'
