/// <reference lib="esnext.disposable" preserve="true" />
// The mock comes first: it reports a Node that is too old.
export { createMock, type Mock, type MockOptions, type MockRequest } from './mock.ts'
export { trackwayHandlers } from './handlers.ts'
export { startMockServer, type MockServer, type MockServerOptions } from './start-mock-server.ts'
export type { Fault, FaultAction, FaultMatch, Faults } from './faults.ts'
export type { SeedArtifacts, SeedFiles, SeedScope } from './seed.ts'
export type { Quota, Quotas } from '@trackway/server'
export type { StoreFault, StoreOperation } from '@trackway/server/testing'
