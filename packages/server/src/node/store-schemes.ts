import { storeSchemeOf, type StoreScheme } from '@trackway/protocol'
import { s3Adapter } from './s3/adapter.ts'
import type { StoreAdapter } from './store-adapter.ts'

/** One line for each kind of store that a URL names. Any other location is a folder. */
const adapters: Record<StoreScheme, StoreAdapter> = {
  's3:': s3Adapter,
}

/** The adapter for a location; undefined: a folder. */
export function adapterOf(location: string): StoreAdapter | undefined {
  const scheme = storeSchemeOf(location)
  return scheme && adapters[scheme]
}

/** How locations that are not folders are written, for people. */
export const bucketForms = Object.values(adapters)
  .map(({ form }) => form)
  .join(' or ')

/** The same with the parameters that most need. */
export const bucketFormsInFull = Object.values(adapters)
  .map(({ form, parameters }) => form + parameters)
  .join(' or ')
