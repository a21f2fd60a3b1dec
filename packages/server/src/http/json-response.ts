import { digestHex, sha256 } from '@trackway/protocol'
import { matchesTag, mayMove } from './bytes-response.ts'
import { encodeJson } from './json-text.ts'

/** A JSON answer. */
export async function json(body: object, status = 200): Promise<Response> {
  return jsonResponse(await encodeJson(body), { 'cache-control': 'no-store' }, status)
}

/** JSON, its headers, and its ETag, once that was needed. */
export interface EtaggedJson {
  bytes: Uint8Array<ArrayBuffer>
  headers: Record<string, string>
  etag?: string
}

/** A JSON answer with an ETag; or 304 if the caller has this answer already. */
export async function jsonUnlessSame(request: Request, body: object): Promise<Response> {
  const headers = { ...mayMove, vary: 'Authorization' }
  return withEtag(request, { bytes: await encodeJson(body), headers })
}

/** Like `jsonUnlessSame`, for JSON that exists already. */
export function withEtag(request: Request, answer: EtaggedJson): Response {
  const etag = (answer.etag ??= `"${digestHex(sha256(answer.bytes))}"`)
  const headers = { ...answer.headers, etag }
  const isSame = matchesTag(request.headers.get('if-none-match'), etag)
  return isSame ? new Response(null, { status: 304, headers }) : jsonResponse(answer.bytes, headers)
}

/** An answer that states its length, so that its memory can be counted. */
function jsonResponse(
  bytes: Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
  status = 200,
): Response {
  const own = { 'content-type': 'application/json', 'content-length': String(bytes.length) }
  return new Response(bytes, { status, headers: { ...headers, ...own } })
}
