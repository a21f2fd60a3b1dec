// For authors of an object store or of a client, who test against the faults of stores.
export { describeObjectStore, type OpenedStore, type TestFramework } from './describe-object-store.ts'
export { createFaultStore, type FaultStore, type StoreFault, type StoreOperation } from './fault-store.ts'
export {
  type BucketFlaw,
  type BucketRequest,
  createSigningStore,
  type SigningStore,
  type SigningStoreOptions,
} from './signing-store.ts'
