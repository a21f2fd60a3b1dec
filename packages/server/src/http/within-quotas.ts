import { wholeBytes } from './bytes-response.ts'
import type { RequestQuotas } from './quotas.ts'

/**
 * Answers a request that counts until its answer was read or abandoned. Throws `rate_limited`,
 * `quota_exceeded`.
 */
export async function withinQuotas(
  quotas: RequestQuotas | undefined,
  demandsDocuments: boolean,
  answer: () => Promise<Response>,
): Promise<Response> {
  if (quotas === undefined) return answer()
  const leave = quotas.enter()
  try {
    if (demandsDocuments) await quotas.demandDocuments()
    return leaveWhenRead(await answer(), leave)
  } catch (error) {
    leave()
    throw error
  }
}

/** An answer that is streamed from the store is under way until its end; any other is over at once. */
function leaveWhenRead(response: Response, leave: () => void): Response {
  const { headers, status } = response
  const isWhole = Number(headers.get('content-length') ?? Number.POSITIVE_INFINITY) <= wholeBytes
  if (!isWhole && response.body !== null)
    return new Response(untilRead(response.body, leave), { status, headers })
  leave()
  return response
}

/** The same bytes. `onEnd` is called when they are no longer read. */
function untilRead(body: ReadableStream<Uint8Array>, onEnd: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!done) return controller.enqueue(value)
          onEnd()
          controller.close()
        } catch (error) {
          onEnd()
          throw error
        }
      },
      async cancel(reason) {
        onEnd()
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
