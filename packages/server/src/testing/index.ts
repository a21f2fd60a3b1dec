// For authors of an object store, and for tests that try to break one.
export { describeObjectStore, type OpenedStore, type TestFramework } from './describe-object-store.ts'
export { type UnsuitableStore, unsuitableStores } from './unsuitable-stores.ts'
export { createFaultStore, type FaultStore, type StoreFault, type StoreOperation } from './fault-store.ts'
export {
  type BucketFlaw,
  type BucketRequest,
  createSigningStore,
  type SigningStore,
  type SigningStoreOptions,
} from './signing-store.ts'
export { createRandom, type Random } from './random.ts'
export {
  createScheduler,
  type Choose,
  type Scheduler,
  type SchedulerOptions,
  type Waiting,
} from './scheduler.ts'
export { commitFiles, manifestOf, storedManifest, type CommitRequest, type Files } from './engine-client.ts'
export { playGlobals } from './virtual-globals.ts'
export { createOracle, type Oracle } from './oracle.ts'
export { createCrashFileSystem, type CrashFileSystem } from './crash-file-system.ts'
export { createEngine, openEngine, type Engine, type EngineOptions } from '../engine/engine.ts'
export { quotasKind } from '../http/quota-options.ts'
