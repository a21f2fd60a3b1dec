import { parseDigest, TrackwayError, type Limits } from '@trackway/protocol'
import {
  getMultipartBoundary,
  MaxFileSizeExceededError,
  MaxHeaderSizeExceededError,
  MaxPartsExceededError,
  MaxTotalSizeExceededError,
  MultipartParseError,
  MultipartParser,
  type MultipartPart,
} from '@remix-run/multipart-parser'
import type { ClaimedBlob } from '../engine/blobs.ts'
import { requestLimits } from './limits.ts'
import type { Receive } from './receive-body.ts'
import { requireMediaType } from './request-body.ts'

const { parts: maxParts, partHeaderBytes, boundaryCharacters } = requestLimits
// The characters that RFC 2046 allows in a boundary; a longer one would make every search for it slow.
const boundaryPattern = new RegExp(
  String.raw`^[0-9A-Za-z'()+_,\-./:=? ]{0,${boundaryCharacters - 1}}[0-9A-Za-z'()+_,\-./:=?]$`,
)

/** The parts of a multipart body as blobs, each as soon as it arrives. A part's name is its digest. */
export async function* readBlobParts(
  request: Request,
  receive: Receive,
  limits: Limits,
): AsyncGenerator<ClaimedBlob> {
  requireMediaType(request, 'multipart/form-data')
  const parser = new MultipartParser(boundaryOf(request), {
    maxFileSize: limits.blobBytes,
    maxTotalSize: limits.requestBytes,
    maxParts,
    maxHeaderSize: partHeaderBytes,
  })
  let isFinished = false
  try {
    for await (const piece of receive({ name: 'requestBytes', bytes: limits.requestBytes })) {
      if (isFinished) continue
      try {
        for (const part of parser.write(piece))
          yield { digest: parseDigest(nameOf(part)), pieces: part.content }
      } catch (error) {
        // Anything after the last boundary, such as a line end, must be ignored (RFC 2046, section 5.1.1).
        isFinished = error instanceof MultipartParseError && hasEnded(parser)
        if (!isFinished) throw error
      }
    }
    parser.finish()
  } catch (error) {
    throw explain(error, limits)
  }
}

function boundaryOf(request: Request): string {
  const boundary = getMultipartBoundary(request.headers.get('content-type') ?? '')?.trim()
  if (boundary === undefined)
    throw new TrackwayError('request_invalid', 'The type of the body lacks a boundary')
  if (boundaryPattern.test(boundary)) return boundary
  throw new TrackwayError(
    'request_invalid',
    `The boundary of the body is not allowed: it has 1 to ${boundaryCharacters} letters, digits or '()+_,-./:=? (boundaryCharacters)`,
    { details: { limit: 'boundaryCharacters', maximum: boundaryCharacters } },
  )
}

/** A part's name. Headers that are not UTF-8 have none. */
function nameOf(part: MultipartPart): string {
  try {
    return part.name?.slice(0, 200) ?? ''
  } catch (cause) {
    throw new TrackwayError('request_invalid', 'The headers of a part cannot be read', { cause })
  }
}

/** Whether the last boundary was read: only then may the parser be finished. */
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
  if (error instanceof MaxHeaderSizeExceededError)
    return tooLarge('The headers of a part', 'partHeaderBytes', partHeaderBytes)
  if (!(error instanceof MultipartParseError)) return error
  return new TrackwayError('request_invalid', `The multipart body cannot be read: ${error.message}`, {
    cause: error,
  })
}

function tooLarge(what: string, limit: string, maximum: number): TrackwayError {
  return new TrackwayError('too_large', `${what} is larger than this server allows (${limit}: ${maximum})`, {
    details: { limit, maximum },
  })
}
