const kibibyte = 1024
const mebibyte = 1024 * kibibyte

/** Limits of a request that the server does not tell its clients. Well-behaved clients never reach them. */
export const requestLimits = {
  /** Bytes of a JSON body. */
  jsonBytes: 4 * mebibyte,
  /** Nesting depth of a JSON body. */
  jsonDepth: 64,
  /**
   * Objects, arrays and commas of a JSON body, which is about its number of values. Ten thousand points have
   * 50,000.
   */
  jsonValues: 60_000,
  /**
   * Keys of one object, which cost far more than other values. 64 KiB of JSON cannot have as many different
   * ones.
   */
  jsonKeys: 10_000,
  /** Parts of one multipart body. */
  parts: 1024,
  /** Bytes of the headers of one part. */
  partHeaderBytes: 8 * kibibyte,
  /** Characters of the boundary between parts (RFC 2046, section 5.1.1). */
  boundaryCharacters: 70,
} as const

/** Limits on bodies that arrive at the same time. */
export interface BodyLimits {
  /** Bytes that all requests together may hold. A single request may exceed it. Default: 512 MiB. */
  heldBytes: number
  /** Bytes per second that a body must bring on average while it is waited for. Default: 1,024. */
  bytesPerSecond: number
  /** Milliseconds of waiting over which the average is taken. Default: 30,000. */
  windowMs: number
}

export const defaultBodyLimits: BodyLimits = {
  heldBytes: 512 * mebibyte,
  bytesPerSecond: kibibyte,
  windowMs: 30_000,
}

/** Limits on connections, before any request arrives. */
export interface ConnectionLimits {
  /** Concurrent connections; more are closed. Default: 2,000. */
  connections: number
  /** Pipelined requests that wait on one connection; more cut it. Default: 16. */
  waiting: number
  /**
   * Bytes that all answers under way larger than 64 KiB may hold. A single one may exceed it. Default:
   * 256 MiB.
   */
  answeredBytes: number
  /** Bytes of a request's line and headers. Default: 16 KiB. */
  headerBytes: number
  /**
   * Milliseconds until a request's headers arrive, from the connection or the last answer's end on. Default:
   * 20,000.
   */
  headersMs: number
  /** Milliseconds that a connection stays open without a request. Default: 10,000. */
  idleMs: number
  /** Milliseconds without a byte in either direction after which a connection is cut. Default: 300,000. */
  silentMs: number
}

export const defaultConnectionLimits: ConnectionLimits = {
  connections: 2_000,
  waiting: 16,
  answeredBytes: 256 * mebibyte,
  headerBytes: 16 * kibibyte,
  headersMs: 20_000,
  idleMs: 10_000,
  silentMs: 300_000,
}
