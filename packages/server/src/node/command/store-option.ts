import { isAddress, type FormatDocument } from '@trackway/protocol'
import { isAbsent, localPath } from '@trackway/protocol/node'
import type { Command } from 'commander'
import { noStore, openStore, type ProbeWhen } from '../../engine/open-store.ts'
import type { ObjectStore } from '../../stores/object-store.ts'
import { openObjectStore } from '../open-object-store.ts'
import { adapterOf, bucketFormsInFull } from '../store-schemes.ts'

interface OpenedStore {
  store: ObjectStore
  format: FormatDocument
}

/** Every command works on a folder or a bucket that a server serves, or could serve. */
export function withStore(command: Command): Command {
  return command.requiredOption(
    '--store <store>',
    `the folder that the server serves, or the bucket: ${bucketFormsInFull}`,
  )
}

/** Opens a store that exists: a misspelled location does not create one. */
export async function openExisting(location: string, probe?: ProbeWhen): Promise<OpenedStore> {
  if (isMissingFolder(location)) throw noStore({ description: `the folder ${location}` })
  const store = await openForCommand(location)
  return { store, format: await openStore(store, { create: false, probe }) }
}

/** Whether a text names a folder that does not exist. */
export function isMissingFolder(location: string): boolean {
  return !isAddress(location) && isAbsent(localPath(location))
}

/** Opens a store, and creates it if it does not exist. */
export async function openOrCreate(location: string): Promise<OpenedStore> {
  const store = await openForCommand(location)
  return { store, format: await openStore(store) }
}

/**
 * Opens a store for a command that writes while servers do, which a store with a single writer does not
 * allow.
 */
async function openForCommand(location: string): Promise<ObjectStore> {
  if (adapterOf(location)?.needsExclusiveWriter(location)) {
    process.stderr.write(
      'exclusiveWriter: stop the server and everything else that writes to this bucket while this command runs.\n',
    )
  }
  return await openObjectStore(location)
}
