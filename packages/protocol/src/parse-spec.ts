import { demandText } from './demand-text.ts'
import { TrackwayError } from './errors.ts'
import { parseArtifactName, parseName } from './names.ts'
import { parsePath } from './paths.ts'
import { parseRevision, type Spec } from './revision.ts'

// A path may contain brackets, and U+2028, which a dot matches only with the flag s.
const specPattern = /^([^/:[\]]+)\/([^:[\]]+)(?::([^[\]]+))?(?:\[(.+)\])?$/s

/**
 * Parses a spec: `dataset/sample:V2[train.csv]`. Throws `revision_invalid`, `name_invalid`, `path_invalid`.
 */
export function parseSpec(text: string): Spec {
  const [, type, name, revision, path] =
    specPattern.exec(demandText(text, 'A spec', 'dataset/sample:V2')) ?? []
  if (type === undefined || name === undefined) {
    throw new TrackwayError(
      'revision_invalid',
      `'${text}' is not a valid spec; write type/name, type/name:V2 or type/name:V2[path]`,
    )
  }
  if (revision !== undefined) parseRevision(revision)
  return {
    type: parseName('type', type),
    name: parseArtifactName(name),
    ...(revision !== undefined && { revision }),
    ...(path !== undefined && { path: parsePath(path.normalize('NFC')) }),
  }
}
