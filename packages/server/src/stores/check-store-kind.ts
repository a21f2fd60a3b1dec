import { having } from '@trackway/protocol/options'

/** Recognizes an object store by its methods. */
export const storeKind = having(
  'an object store',
  'createMemoryStore()',
  'get',
  'head',
  'putIfAbsent',
  'list',
  'delete',
)
