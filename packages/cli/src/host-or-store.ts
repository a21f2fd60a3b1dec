import { statSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import { usageError } from './usage-error.ts'

/**
 * A server or a store, as one word names either. The title says what the word is for. A name alone could be a host as well as a folder, so that it is a folder
 * only where there is one.
 */
export function hostOrStore(word: string, title: string): { host: string } | { store: string } {
  if (/^s3:/i.test(word)) return { store: word }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(word)) return { host: word }
  // No shell expands what follows `--to=`; login does.
  const isWritten = /^([./\\]|~[/\\]|~$|[a-z]:[/\\])/i.test(word)
  if (isWritten || isFolder(word)) return { store: word }
  throw usageError(
    `${title} '${word}' is not an address; write it as http://name:9111, https://name or s3://bucket/prefix, or ./${word} for a folder`,
  )
}

/** A store as it is found from anywhere. */
export function absoluteStore(store: string): string {
  return isPath(store) ? resolve(store) : store
}

/** A store as it is found from a folder: a relative path stays one. */
export function storeFrom(folder: string, store: string): string {
  if (!isPath(store) || isAbsolute(store)) return store
  const path = relative(folder, resolve(store))
  return path.startsWith('..') ? path : `./${path}`
}

/** Neither a bucket nor a folder of one's home, which login finds. */
function isPath(store: string): boolean {
  return !/^(s3:|[a-z][a-z0-9+.-]+:\/\/|~)/i.test(store)
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    // What cannot be looked at is not known to be one.
    return false
  }
}
