import { formatSpec, type Manifest } from '@trackway/protocol'
import { commitVersion } from '../upload/commit-version.ts'
import { selectNew } from '../upload/select-new.ts'
import { stageEntries } from '../upload/stage-entries.ts'
import { sendRest, withUpload } from '../upload/upload.ts'
import { locateEntries } from '../version/located-entry.ts'
import type { CopiedVersion, VersionCopying } from './copy-version.ts'

/** Reads the files of a version at the source, and lays them into blobs that the target accepts. */
export async function reupload(
  { source, target, record, base, request, concurrency, meter, signal }: VersionCopying,
  manifest: Manifest,
): Promise<CopiedVersion> {
  const { scope, type, name } = target
  const contents = locateEntries(manifest).map(
    (located) => ({ kind: 'stored', located, scope: source.scope, record }) as const,
  )
  const attempted = `Uploading ${formatSpec({ type, name })}`
  const how = { concurrency, reusesBase: false, hashCache: false, meter, signal }
  return withUpload({ scope, attempted, contents, base: undefined, ...how }, async (upload) => {
    const entries = await stageEntries(upload, selectNew(upload, contents))
    await sendRest(upload)
    const version = await commitVersion(upload, entries, { type, name, base, request })
    return { record: version, uploadedBytes: upload.sent.bytes }
  })
}
