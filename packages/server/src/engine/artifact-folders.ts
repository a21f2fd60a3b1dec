import { foldName } from '@trackway/protocol'
import { layout, nameOfKey, type ExperimentScope } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { listFolders } from './listing.ts'

/** An artifact as named by its folder: in lower case. */
export interface ArtifactFolder {
  type: string
  name: string
}

/** The artifacts of an experiment in the order of their keys, of one type or all, after a given one. */
export async function* listArtifactFolders(
  store: ObjectStore,
  scope: ExperimentScope,
  { type: only, after }: { type?: string | undefined; after?: ArtifactFolder | undefined } = {},
): AsyncGenerator<ArtifactFolder> {
  for await (const folder of listFolders(store, { prefix: layout.artifactTypes(scope) })) {
    const type = nameOfKey(folder)
    if (only !== undefined && type !== foldName(only)) continue
    if (after !== undefined && folder < layout.artifactNames(scope, after.type)) continue
    const behind = after?.type === type ? { after: layout.artifact({ ...scope, ...after }) } : {}
    for await (const nameFolder of listFolders(store, { prefix: folder, ...behind })) {
      yield { type, name: nameOfKey(nameFolder) }
    }
  }
}
