import { TrackwayError } from '@trackway/protocol'
import { loadGlobs } from '../parts/load.ts'

/** Which entries are selected: globs for paths, in which `*` also matches names that begin with a dot. */
export interface Selection {
  /** Default: all. */
  include?: string | readonly string[] | undefined
  /** Default: none. */
  exclude?: string | readonly string[] | undefined
}

/**
 * The items whose paths are selected. Throws `not_found` if there are none.
 *
 * @internal
 */
export async function selectEntries<Item extends { path: string }>(
  items: readonly Item[],
  { include, exclude }: Selection,
): Promise<readonly Item[]> {
  if (include === undefined && exclude === undefined) return items
  const included = (await matcher(include)) ?? (() => true)
  const excluded = (await matcher(exclude)) ?? (() => false)
  const selected = items.filter(({ path }) => included(path) && !excluded(path))
  if (selected.length > 0) return selected
  throw new TrackwayError(
    'not_found',
    `No entry matches ${describe({ include, exclude })}; the globs are matched against whole paths, such as '**/*.csv'`,
    {
      details: { include, exclude },
    },
  )
}

async function matcher(
  globs: string | readonly string[] | undefined,
): Promise<((path: string) => boolean) | undefined> {
  if (globs === undefined) return undefined
  const { default: picomatch } = await loadGlobs()
  return picomatch(
    [globs].flat().map((glob) => glob.normalize('NFC')),
    { dot: true },
  )
}

function describe({ include = '**', exclude }: Selection): string {
  const quote = (globs: string | readonly string[]) =>
    [globs]
      .flat()
      .map((glob) => `'${glob}'`)
      .join(', ')
  return quote(include) + (exclude === undefined ? '' : ` without ${quote(exclude)}`)
}
