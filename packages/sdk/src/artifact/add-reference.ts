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
import { plainElsewhere, type Elsewhere } from '../client/elsewhere.ts'
import { checkCall } from '../calls/calls.ts'
import { throwIfAborted } from '../concurrency/abort.ts'
import { readAddress } from '../read/read-address.ts'
import { addEntries } from './add-entries.ts'
import type { Draft } from './draft.ts'
import type { AddedReference } from '../read/draft-entry.ts'

/** How a reference is added. */
export interface AddReferenceOptions {
  /** The path of the entry. Default: the last segment of the URL's path, percent-decoded. */
  name?: string | undefined
  /** The SHA-256 of the content, as `sha256:<64 hex digits>`. Default: computed by reading the content. */
  digest?: string | undefined
  /** The size of the content in bytes. Default: determined by reading the content. */
  size?: number | undefined
  /** Cancels the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/** Milliseconds within which an address must send something before it counts as wrong. */
const patienceMs = 30_000

/**
 * Adds the entry for an address. If its digest or size is not given, its content is read once.
 *
 * @internal
 */
export async function addReference(
  draft: Draft,
  address: string | URL,
  options: AddReferenceOptions,
): Promise<void> {
  checkCall('addReference', options)
  // By the session that the artifact came from or, for a new one, with the platform's fetch.
  const elsewhere = draft.version?.scope.connection.elsewhere ?? plainElsewhere
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
  const located = { path, size, digest, executable: false, slices: [], reference }
  return { kind: 'reference', path, located, elsewhere }
}

function checkAddress(text: string): URL {
  const url = parseDataAddress(text)
  const secret = secretIn(url)
  if (secret === undefined) return url
  throw new TrackwayError(
    'option_invalid',
    `The address '${withoutSecrets(text)}' contains a secret (${secret}): addresses are kept for years and shown to the whole team, and signatures expire. Use an address that can be read without a secret, refer to an object in a bucket as s3://bucket/key, which readers open with their own credentials, or add the bytes themselves`,
  )
}

function pathOf(url: URL, name: string | undefined): string {
  const path = name ?? lastSegmentOf(url)
  if (path !== undefined) return parsePath(path.normalize('NFC'))
  throw new TrackwayError(
    'option_invalid',
    `The path of ${url.href} does not end with a name; pass the path of the entry`,
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

/** Reads the content at an address and compares it with what was given. Stores nothing. */
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
