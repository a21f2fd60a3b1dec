import { parseDigest, TrackwayError, type Limits } from '@trackway/protocol'
import {
  getMultipartBoundary,
  MaxFileSizeExceededError,
  MaxPartsExceededError,
  MaxTotalSizeExceededError,
  MultipartParseError,
  MultipartParser,
} from '@remix-run/multipart-parser'
import type { ClaimedBlob } from '../engine/blobs.ts'
import { readBody, requireMediaType } from './request-body.ts'

const maxParts = 1024

/** The parts of a multipart body as blobs, each as soon as it has arrived. A part's name is its digest. */
export async function* readBlobParts(request: Request, limits: Limits): AsyncGenerator<ClaimedBlob> {
  requireMediaType(request, 'multipart/form-data')
  const boundary = getMultipartBoundary(request.headers.get('content-type') ?? '')
  if (boundary === null) throw new TrackwayError('request_invalid', 'The type of the body names no boundary')
  const parser = new MultipartParser(boundary, {
    maxFileSize: limits.blobBytes,
    maxTotalSize: limits.requestBytes,
    maxParts,
  })
  let isFinished = false
  try {
    for await (const piece of readBody(request, { name: 'requestBytes', bytes: limits.requestBytes })) {
      if (isFinished) continue
      try {
        for (const part of parser.write(piece))
          yield { digest: parseDigest(part.name ?? ''), pieces: part.content }
      } catch (error) {
        // What comes behind the last boundary, be it a line end, is to be ignored (RFC 2046, section 5.1.1).
        isFinished = error instanceof MultipartParseError && hasEnded(parser)
        if (!isFinished) throw error
      }
    }
    parser.finish()
  } catch (error) {
    throw explain(error, limits)
  }
}

/** Whether the last boundary was read: only then the parser may be finished. */
function hasEnded(parser: MultipartParser): boolean {
  try {
    parser.finish()
    return true
  } catch {
    return false
  }
}

function explain(error: unknown, limits: Limits): unknown {
  if (error instanceof MaxFileSizeExceededError) return tooLarge('A blob', 'blobBytes', limits.blobBytes)
  if (error instanceof MaxTotalSizeExceededError)
    return tooLarge('The body', 'requestBytes', limits.requestBytes)
  if (error instanceof MaxPartsExceededError) return tooLarge('The body', 'parts', maxParts)
  if (!(error instanceof MultipartParseError)) return error
  return new TrackwayError('request_invalid', `The multipart body cannot be read: ${error.message}`, {
    cause: error,
  })
}

function tooLarge(what: string, limit: string, maximum: number): TrackwayError {
  return new TrackwayError('too_large', `${what} is larger than this server takes (${limit}: ${maximum})`, {
    details: { limit, maximum },
  })
}
