const kibibyte = 1024
const mebibyte = 1024 * kibibyte

/** What a request may be, beside the limits that the server tells its clients. Nobody who means well meets these. */
export const requestLimits = {
  /** Bytes of a JSON body. */
  jsonBytes: 4 * mebibyte,
  /** How deep a JSON body may be nested. */
  jsonDepth: 64,
  /** Objects, arrays and commas of a JSON body, which is about as many as it has values. Ten thousand points have 50,000. */
  jsonValues: 60_000,
  /** Keys of one object, which cost far more than other values. No 64 KiB of JSON have as many that differ. */
  jsonKeys: 10_000,
  /** Parts of one multipart body. */
  parts: 1024,
  /** Bytes of the headers of one part. */
  partHeaderBytes: 8 * kibibyte,
  /** Characters of the boundary between parts (RFC 2046, section 5.1.1). */
  boundaryCharacters: 70,
} as const

/** How much of the bodies that come in at the same time an app takes. */
export interface BodyLimits {
  /** Bytes that all requests together may hold. A request that comes alone is not held to it. Default: 512 MiB. */
  heldBytes: number
  /** Bytes a second that a body has to bring on average while it is waited for. Default: 1,024. */
  bytesPerSecond: number
  /** Milliseconds of waiting over which the average is taken. Default: 30,000. */
  windowMs: number
}

export const defaultBodyLimits: BodyLimits = {
  heldBytes: 512 * mebibyte,
  bytesPerSecond: kibibyte,
  windowMs: 30_000,
}

/** What a server on a port takes of connections, before any request is there. */
export interface ConnectionLimits {
  /** Connections at a time; more are closed. Default: 2,000. */
  connections: number
  /** Requests that wait on one connection for the answer before theirs; more cut it. Default: 16. */
  waiting: number
  /**
   * Bytes that all answers under way may hold that are larger than 64 KiB. One that is alone is not held to it. Default:
   * 256 MiB.
   */
  answeredBytes: number
  /** Bytes of a request's line and headers. Default: 16 KiB. */
  headerBytes: number
  /** Milliseconds until a request's headers are there, from the connection or the last answer's end on. Default: 20,000. */
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
