import { isAddress, isBucketAddress, type FormatDocument } from '@trackway/protocol'
import { isAbsent, localPath } from '@trackway/protocol/node'
import type { Command } from 'commander'
import { noStore, openStore, type ProbeWhen } from '../../engine/open-store.ts'
import type { ObjectStore } from '../../stores/object-store.ts'
import { openData } from '../open-data.ts'
import { parseS3Location } from '../s3/s3-location.ts'

interface OpenedStore {
  store: ObjectStore
  format: FormatDocument
}

/** Every command works on a folder or a bucket that a server serves, or could. */
export function withData(command: Command): Command {
  return command.requiredOption(
    '--data <place>',
    'the folder that the server serves, or the bucket: s3://bucket/prefix?endpoint=…&region=…',
  )
}

/** Opens a store that is there: a misspelt place does not become one. */
export async function openExisting(data: string, probe?: ProbeWhen): Promise<OpenedStore> {
  if (isMissingFolder(data)) throw noStore({ description: `the folder ${data}` })
  const store = await openForCommand(data)
  return { store, format: await openStore(store, { create: false, probe }) }
}

/** Whether a text names a folder that is not there. */
export function isMissingFolder(data: string): boolean {
  return !isAddress(data) && isAbsent(localPath(data))
}

/** Opens a store, which is made where there is none. */
export async function openOrCreate(data: string): Promise<OpenedStore> {
  const store = await openForCommand(data)
  return { store, format: await openStore(store) }
}

/** Opens a place for a command that writes beside servers, which one with a single writer has to do without. */
async function openForCommand(data: string): Promise<ObjectStore> {
  if (isBucketAddress(data) && parseS3Location(data).exclusiveWriter) {
    process.stderr.write(
      'exclusiveWriter: stop the server and all else that writes to this bucket while this command runs.\n',
    )
  }
  return await openData(data)
}
