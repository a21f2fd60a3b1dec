import { equalJson, type Digest, type Metadata, type Tag, type VersionRecord } from '@trackway/protocol'
import { showInNotebooks } from '#platform'
import type { StoredVersion } from './draft.ts'
import { labelOf } from './stored-version.ts'

/** What an upload came to. */
export interface UploadResult {
  /** The tag of the version. */
  tag: Tag
  /** The digest of the version. */
  digest: Digest
  /**
   * False where the content equals the version that it started from, the latest, or one that somebody else made
   * meanwhile: then that is the version.
   */
  created: boolean
  /**
   * What was given with the content and is not the version's: where nothing was created, its description and metadata
   * stay as they are. `session.updateVersion` changes them.
   */
  dropped: ('description' | 'metadata')[]
  /** The version that this one was made from. */
  base: Tag | undefined
  /** Entries. */
  files: number
  /** Bytes of all entries together. */
  bytes: number
  /** Bytes that were sent. */
  uploadedBytes: number
  /** Bytes that did not have to be sent, since the server has them, they occur more than once, or they stay elsewhere. */
  reusedBytes: number
}

/** What people say about a version. */
interface Words {
  description: string
  metadata: Metadata
}

export interface UploadOutcome {
  version: StoredVersion
  created: boolean
  sentBytes: number
  /** What was given with the content. */
  given: Words
  /** What the artifact had before anything was given. Default: nothing. */
  startedFrom: VersionRecord | undefined
}

export function uploadResult(outcome: UploadOutcome): UploadResult {
  const { version, created, sentBytes: uploadedBytes } = outcome
  const { tag, digest, base, files, bytes } = version.record
  const reusedBytes = Math.max(0, bytes - uploadedBytes)
  const numbers = { files, bytes, uploadedBytes, reusedBytes }
  const dropped = droppedOf(outcome)
  const result = { tag, digest, created, dropped, base: base ?? undefined, ...numbers }
  return showInNotebooks('upload', result, () => ({ label: labelOf(version.record), ...result }))
}

function droppedOf({ version: { record }, given, startedFrom }: UploadOutcome): UploadResult['dropped'] {
  const { description, metadata }: Words = startedFrom ?? { description: '', metadata: {} }
  const dropped: UploadResult['dropped'] = []
  if (given.description !== description && given.description !== record.description)
    dropped.push('description')
  if (!equalJson(given.metadata, metadata) && !equalJson(given.metadata, record.metadata))
    dropped.push('metadata')
  return dropped
}
