import type { Manifest } from '@trackway/protocol'
import { artifactOf, draftOf } from '../artifact/artifact.ts'
import { sortedEntries } from '../artifact/draft.ts'
import { createUpload } from '../artifact/upload.ts'
import { locateEntries } from '../version/located-entry.ts'
import { commitVersion } from '../upload/commit-version.ts'
import type { CopiedVersion, VersionCopying } from './copy-version.ts'

/** Reads the files of a version at the source, and lays them into blobs that the target accepts. */
export async function reupload(
  { source, target, record, base, request, concurrency, progress, signal }: VersionCopying,
  manifest: Manifest,
): Promise<CopiedVersion> {
  const { scope, type, name } = target
  const artifact = artifactOf({ record, entries: locateEntries(manifest), scope: source.scope })
  let told = { bytes: 0, reusedBytes: 0 }
  const upload = await createUpload({
    scope,
    artifact,
    contents: sortedEntries(draftOf(artifact)),
    base: undefined,
    concurrency,
    reusesBase: false,
    hashCache: false,
    signal,
    onProgress({ bytes, reusedBytes }) {
      progress.add({ bytes: bytes - told.bytes, reusedBytes: reusedBytes - told.reusedBytes })
      told = { bytes, reusedBytes }
    },
    quiet: true,
  })
  const version = await upload.run(async () => {
    const entries = await upload.pack()
    await upload.sendRest()
    progress.enter('commit')
    const supply = upload.supply
    return commitVersion({ scope, type, name, entries, base, request, supply, signal })
  })
  return { record: version, uploadedBytes: upload.sentBytes() }
}
