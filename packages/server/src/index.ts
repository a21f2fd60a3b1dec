// The server: a function from requests to responses over an object store.
export { createApp, type App } from './http/create-app.ts'
export type { AppOptions, RequestEvent } from './http/app-options.ts'
export { createPageAccess, type PageAccess } from './http/page-access.ts'
export type { ProbeWhen } from './engine/open-store.ts'
export type { BodyLimits } from './http/limits.ts'
export type { Quota, Quotas } from './http/quota-options.ts'
export { checkStore } from './engine/check/check-store.ts'
export type { CheckOptions, CheckReport, Damage } from './engine/check/report.ts'
export { sweepTeam, type SweepOptions, type SweepResult } from './engine/sweep/sweep.ts'
export type { ClockAndIds } from './engine/clock-and-ids.ts'
export type { SweepPatience } from './engine/sweep-marker.ts'
export type { ApiKeyDocument, Role } from '@trackway/protocol'
export { createApiKey, hasApiKeys, listApiKeys, revokeApiKey, type NewApiKey } from './auth/api-keys.ts'
export { createMemoryStore, type MemoryStoreOptions } from './stores/memory-store.ts'

// For authors of other object stores.
export { probeSigning } from './stores/probe-signing.ts'
export { probeStore } from './stores/probe-store.ts'
export type {
  ByteRange,
  ByteStream,
  ListOptions,
  ListPage,
  ObjectBody,
  ObjectInfo,
  ObjectStore,
  SignedPutOptions,
  SignedRequest,
  Signing,
  SigningOptions,
  StoredObject,
} from './stores/object-store.ts'
