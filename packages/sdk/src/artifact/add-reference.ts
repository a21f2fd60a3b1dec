import {
  brandOf,
  createSha256,
  demandText,
  lastSegmentOf,
  parseDataAddress,
  parseDigest,
  parsePath,
  secretIn,
  TrackwayError,
  withoutSecrets,
  type Digest,
} from '@trackway/protocol'
import { IntegrityError } from '../errors.ts'
import type { Elsewhere } from '../client/connection.ts'
import { checkCall } from '../calls/calls.ts'
import { throwIfAborted } from '../concurrency/abort.ts'
import { readAddress } from '../read/read-address.ts'
import { addEntries } from './add-entries.ts'
import type { AddedReference, Draft } from './draft.ts'

/** How a reference is added. */
export interface AddReferenceOptions {
  /** The entry's path. Default: the last segment of the address's path, percent-decoded. */
  name?: string | undefined
  /** The SHA-256 of what lies there, as `sha256:<64 hex digits>`. Default: it is read to learn it. */
  digest?: string | undefined
  /** Bytes of what lies there. Default: it is read to learn it. */
  size?: number | undefined
  /** Ends the adding, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/** Milliseconds in which something has to come from an address before it is taken to be wrong. */
const patienceMs = 30_000

/** Adds the entry that an address becomes. Where its digest or its size are not given, what it leads to is read once. */
export async function addReference(
  draft: Draft,
  address: string | URL,
  options: AddReferenceOptions,
  elsewhere: Elsewhere,
): Promise<void> {
  checkCall('addReference', options)
  addEntries(draft, [await referenceOf(address, options, elsewhere)])
}

async function referenceOf(
  address: string | URL,
  options: AddReferenceOptions,
  elsewhere: Elsewhere,
): Promise<AddedReference> {
  const { signal } = options
  const href = brandOf(address) === 'URL' ? String(address) : address
  const url = checkAddress(demandText(href, 'The address', 'https://host/path'))
  const path = pathOf(url, options.name)
  const given = { digest: checkDigest(options.digest), size: options.size }
  throwIfAborted(signal)
  const reference = url.href
  const { digest, size } = isKnown(given) ? given : await learn(elsewhere, { path, reference, given, signal })
  const placed = { path, size, digest, executable: false, slices: [], reference }
  return { kind: 'reference', path, placed, elsewhere }
}

function checkAddress(text: string): URL {
  const url = parseDataAddress(text)
  const secret = secretIn(url)
  if (secret === undefined) return url
  throw new TrackwayError(
    'option_invalid',
    `The address '${withoutSecrets(text)}' has a secret in it (${secret}): addresses are kept for years and shown to the whole team, and what is signed expires. Refer to what can be read without one, refer to an object in a bucket by s3://bucket/key, whose readers have credentials of their own, or add the bytes themselves`,
  )
}

function pathOf(url: URL, name: string | undefined): string {
  const path = name ?? lastSegmentOf(url)
  if (path !== undefined) return parsePath(path.normalize('NFC'))
  throw new TrackwayError(
    'option_invalid',
    `The path of ${url.href} does not end with a name, and the entry needs a path`,
    { hint: { kind: 'option', options: ['name'] } },
  )
}

function checkDigest(digest: string | undefined): Digest | undefined {
  return digest === undefined ? undefined : parseDigest(digest)
}

interface Facts {
  digest: Digest
  size: number
}

function isKnown(given: { digest: Digest | undefined; size: number | undefined }): given is Facts {
  return given.digest !== undefined && given.size !== undefined
}

interface Learning {
  path: string
  reference: string
  given: { digest: Digest | undefined; size: number | undefined }
  signal: AbortSignal | undefined
}

/** Reads what lies at an address, and holds it to what was given. Nothing of it is kept. */
async function learn(elsewhere: Elsewhere, { path, reference, given, signal }: Learning): Promise<Facts> {
  const attempted = `Adding ${path} from ${reference}`
  const differs = (expected: string, actual: string) =>
    new IntegrityError(attempted, { path, expected, actual, reference })
  const hash = createSha256()
  let size = 0
  const pieces = readAddress(elsewhere, {
    attempted,
    address: reference,
    start: 0,
    end: given.size,
    size: given.size,
    changed: (actual) => differs(`${given.size} bytes`, actual),
    patienceMs,
    signal,
  })
  for await (const piece of pieces) {
    hash.update(piece)
    size += piece.length
  }
  const digest = hash.digest()
  if (given.digest !== undefined && digest !== given.digest) throw differs(given.digest, digest)
  return { digest, size }
}
