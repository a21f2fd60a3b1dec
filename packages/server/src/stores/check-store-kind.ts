import { having } from '@trackway/protocol/options'

/** What is an object store, by what it can do. */
export const storeKind = having(
  'an object store',
  'createMemoryStore()',
  'get',
  'head',
  'putIfAbsent',
  'list',
  'delete',
)
