import { statSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import { isAddress, isBucketAddress } from '@trackway/server/command'
import { usageError } from '../errors/usage-error.ts'

/**
 * Parses a word that names either a server or a store; `title` says in errors what the word is for. A bare
 * name could be a host or a folder, so it is taken for a folder only if that folder exists.
 */
export function hostOrStore(word: string, title: string): { host: string } | { store: string } {
  if (isBucketAddress(word)) return { store: word }
  if (isAddress(word)) return { host: word }
  // Shells do not expand ~ after `--to=`, but login does.
  const isWritten = /^([./\\]|~[/\\]|~$|[a-z]:[/\\])/i.test(word)
  if (isWritten || isFolder(word)) return { store: word }
  throw usageError(
    `${title} '${word}' is not a server or a store; write http://name:9111, https://name or s3://bucket/prefix, or ./${word} for a folder`,
  )
}

/** A store as an absolute path, or unchanged if it is not a path. */
export function absoluteStore(store: string): string {
  return isPath(store) ? resolve(store) : store
}

/** A store relative to a folder; an absolute path stays absolute. */
export function storeFrom(folder: string, store: string): string {
  if (!isPath(store) || isAbsolute(store)) return store
  const path = relative(folder, resolve(store))
  return path.startsWith('..') ? path : `./${path}`
}

/** Whether a store is a path: not a bucket, and not below ~, which login expands. */
function isPath(store: string): boolean {
  return !isAddress(store) && !store.startsWith('~')
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    // If it cannot be read, it is not known to be a folder.
    return false
  }
}
