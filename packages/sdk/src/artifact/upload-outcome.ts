import { equalJson, type Metadata, type VersionRecord } from '@trackway/protocol'
import { showInNotebooks } from '#platform'
import { labelOf } from '../version/stored-version.ts'
import type { UploadResult } from '../progress/upload-result.ts'
import type { StoredVersion } from '../version/version.ts'

/** How a version is described. */
interface Words {
  description: string
  metadata: Metadata
}

/** How an upload ended. */
export interface UploadOutcome {
  version: StoredVersion
  created: boolean
  sentBytes: number
  /** What was given with the content. */
  given: Words
  /** What the artifact had before anything was given. Default: nothing. */
  startedFrom: VersionRecord | undefined
}

/** The result of an upload, as users see it. */
export function uploadResult(outcome: UploadOutcome): UploadResult {
  const { version, created, sentBytes: uploadedBytes } = outcome
  const { tag, digest, base, fileCount, size } = version.record
  const reusedBytes = Math.max(0, size - uploadedBytes)
  const numbers = { fileCount, size, uploadedBytes, reusedBytes }
  const dropped = droppedOf(outcome)
  const result = { tag, digest, created, dropped, base: base ?? undefined, ...numbers }
  showInNotebooks?.('upload', result, () => ({ label: labelOf(version.record), ...result }))
  return result
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
