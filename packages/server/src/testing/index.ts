export { describeObjectStore, type OpenedStore, type TestFramework } from './describe-object-store.ts'
export { type UnsuitableStore, unsuitableStores } from './unsuitable-stores.ts'
