import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import { TrackwayError } from '@trackway/protocol'
import type { ListOptions, ListPage } from '../../stores/object-store.ts'
import type { Bucket } from './bucket.ts'
import { ageOf } from './get-object.ts'
import { sendAgain } from './send-again.ts'

const mostKeys = 1000

/**
 * One page of a listing. If an empty page is not the last and has no cursor, the store's own token continues.
 */
export async function listObjects(bucket: Bucket, options: ListOptions): Promise<ListPage> {
  for (let token: string | undefined; ; ) {
    const { page, isLast, token: following } = await ask(bucket, options, token)
    if (isLast) return page
    const next = [page.objects.at(-1)?.key ?? '', page.prefixes.at(-1) ?? ''].toSorted().at(-1)
    if (next) return { ...page, next }
    token = following
    if (token === undefined) {
      throw new TrackwayError(
        'store_unavailable',
        `${bucket.description} reports more objects in a listing of ${options.prefix}, but not where to continue`,
      )
    }
  }
}

function ask(
  bucket: Bucket,
  { prefix, after, delimiter, limit = mostKeys }: ListOptions,
  token: string | undefined,
): Promise<{ page: ListPage; isLast: boolean; token: string | undefined }> {
  const input = {
    Bucket: bucket.name,
    Prefix: bucket.prefix + prefix,
    MaxKeys: Math.min(limit, mostKeys),
    ...(delimiter !== undefined && { Delimiter: delimiter }),
    ...(after !== undefined && { StartAfter: bucket.prefix + behind(after, delimiter) }),
    ...(token !== undefined && { ContinuationToken: token }),
  }
  return sendAgain(bucket, `list ${prefix === '' ? 'all' : prefix}`, async () => {
    const answer = await bucket.client.send(new ListObjectsV2Command(input))
    // Any other answer with status 200, such as a login page, would read as an empty listing.
    if (answer.IsTruncated === undefined || (answer.Prefix ?? input.Prefix) !== input.Prefix) {
      throw new Error('the answer is not the requested listing')
    }
    return {
      page: readPage(bucket, answer),
      isLast: !answer.IsTruncated,
      token: answer.NextContinuationToken,
    }
  })
}

/** A cursor after all keys that begin with a folded prefix: no key has a `~`, which follows all letters. */
function behind(after: string, delimiter: '/' | undefined): string {
  return delimiter !== undefined && after.endsWith(delimiter) ? `${after}~` : after
}

function readPage(bucket: Bucket, answer: ListObjectsV2CommandOutput): ListPage {
  const now = bucket.timeOf(answer)
  const own = (key: string) => key.slice(bucket.prefix.length)
  return {
    objects: (answer.Contents ?? []).map(({ Key: key, Size: size, LastModified: stored }) => {
      if (key === undefined || size === undefined) throw new Error('the listing lacks a key or a size')
      return { key: own(key), size, ageMs: ageOf(now, stored) }
    }),
    prefixes: (answer.CommonPrefixes ?? []).map(({ Prefix: prefix = '' }) => own(prefix)),
  }
}
