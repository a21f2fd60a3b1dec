import { demandText } from './demand-text.ts'
import { TrackwayError } from './errors.ts'
import { parseArtifactName, parseName } from './names.ts'
import { parsePath } from './paths.ts'
import { parseReference, type Spec } from './reference.ts'

// A path may hold brackets, and U+2028, which a dot only meets under the flag s.
const specPattern = /^([^/:[\]]+)\/([^:[\]]+)(?::([^[\]]+))?(?:\[(.+)\])?$/s

/** Takes a spec apart: `dataset/sample:V2[train.csv]`. Throws `reference_invalid`, `name_invalid`, `path_invalid`. */
export function parseSpec(text: string): Spec {
  const [, type, name, reference, path] =
    specPattern.exec(demandText(text, 'A spec', 'dataset/sample:V2')) ?? []
  if (type === undefined || name === undefined) {
    throw new TrackwayError(
      'reference_invalid',
      `'${text}' is not a spec; write type/name, type/name:V2 or type/name:V2[path]`,
    )
  }
  if (reference !== undefined) parseReference(reference)
  return {
    type: parseName('type', type),
    name: parseArtifactName(name),
    ...(reference !== undefined && { reference }),
    ...(path !== undefined && { path: parsePath(path.normalize('NFC')) }),
  }
}
