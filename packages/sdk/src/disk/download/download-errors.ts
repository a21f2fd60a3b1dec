import { formatBytes, isAddress, TrackwayError } from '@trackway/protocol'
import { absolute, isWithin, realPathOf } from '../files/files.ts'

/** Throws `option_invalid` if a download would write into the folder of the store, or replace it. */
export async function checkApart(
  target: string,
  { label, url }: { label: string; url: string },
  overwrite: boolean,
): Promise<void> {
  if (isAddress(url)) return
  const named = absolute(url)
  const store = (await realPathOf(named)) ?? named
  const isInside = isWithin(target, store)
  if (!isInside && !(overwrite && isWithin(store, target))) return
  const why = isInside
    ? `the target is inside the store ${store}`
    : `the target contains the store ${store}, which would be removed`
  throw new TrackwayError(
    'option_invalid',
    `Downloading ${label} to ${target}: ${why}; choose another folder`,
    { details: { target, store } },
  )
}

/** `others` are files at the target that are not part of the version. */
export function targetExists(label: string, target: string, others: string[] = []): TrackwayError {
  const [first] = others
  const what = first === undefined ? 'it has other content' : `it holds other files, such as ${first}`
  return new TrackwayError('target_exists', `Downloading ${label} to ${target}: ${what}`, {
    details: { target },
    hint: { kind: 'option', options: ['overwrite'], value: true, or: 'choose another folder' },
  })
}

interface Unsupported {
  label: string
  target: string
  unsupported: { path: string; reason: string }[]
}

export function targetUnsupported({ label, target, unsupported }: Unsupported): TrackwayError {
  const shown = unsupported.slice(0, 10).map(({ path, reason }) => `${path} ${reason}`)
  const more = unsupported.length > 10 ? `, and ${unsupported.length - 10} more` : ''
  return new TrackwayError(
    'target_unsupported',
    `Downloading ${label} to ${target}: the file system cannot hold all entries: ${shown.join('; ')}${more}`,
    {
      details: { target, entries: unsupported },
      hint: { kind: 'option', options: ['exclude'], or: 'download elsewhere' },
    },
  )
}

/**
 * Adds to the error of a full disk what is left of the download, and where; returns any other error
 * unchanged.
 */
export function diskFull(error: unknown, left: { path: string; bytes: number } | undefined): unknown {
  if (!TrackwayError.isInstance(error)) return error
  if (!['ENOSPC', 'EDQUOT'].includes(String(error.details['systemCode']))) return error
  const { code, reason, details } = error
  const advice =
    left === undefined
      ? 'nothing of the download was kept. Free some space, and download again'
      : `${formatBytes(left.bytes)} of the download are kept in ${left.path}. Free some space and download again, which resumes from there, or remove that folder`
  return new TrackwayError(code, `${reason}; ${advice}`, {
    cause: error,
    details: { ...details, ...(left !== undefined && { leftover: left.path, leftoverBytes: left.bytes }) },
  })
}
