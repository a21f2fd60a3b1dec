/** The metadata of one object. */
export interface ObjectInfo {
  /** The key that it is stored under. */
  key: string
  /** Bytes. */
  size: number
  /**
   * Milliseconds since the object was stored, by the store's own clock when it answered: both times come from
   * the same clock, so that no other machine's clock decides what is old.
   */
  ageMs: number
}

/** An object to read. */
export interface StoredObject extends ObjectInfo {
  /** Its bytes. */
  body: ByteStream
}

/** A half-open range of bytes. */
export interface ByteRange {
  /** Start offset, inclusive. */
  start: number
  /** End offset, exclusive. */
  end: number
}

/** Options of a listing. */
export interface ListOptions {
  /** Only keys with this prefix. */
  prefix: string
  /** Only keys, and folded prefixes, that follow this one in the order of their UTF-8 bytes. */
  after?: string
  /**
   * Keys that contain the delimiter after the prefix are folded into one of `prefixes`, which ends with the
   * delimiter. To continue after a folded prefix, pass it as `after`. (S3 would fold the same keys again: its
   * adapter has to start after the last of them.)
   */
  delimiter?: '/'
  /** The most keys and prefixes together. Default: 1,000. */
  limit?: number
}

/** One page of a listing. */
export interface ListPage {
  /** Ascending by the UTF-8 bytes of the key. */
  objects: ObjectInfo[]
  /** Ascending; empty without a delimiter. */
  prefixes: string[]
  /** Where the next page continues (its `after`); undefined on the last page, which may be empty. */
  next?: string
}

/**
 * The bytes of an object as they are read: at most a few megabytes at a time. A body that is never read holds
 * nothing open, and each piece belongs to the reader.
 */
export type ByteStream = AsyncIterable<Uint8Array>

/** What to store: bytes, a list of pieces in order, or a stream. */
export type ObjectBody = Uint8Array | readonly Uint8Array[] | ByteStream

/** A presigned request to the object store. Anyone who has it needs no other permission until it expires. */
export interface SignedRequest {
  /** With its query, which is a secret. */
  url: string
  /** The headers to send, exactly, by names in lower case. `content-length` need not be among them. */
  headers: Record<string, string>
  /** When the store stops accepting it: milliseconds since 1970, by this machine's clock. */
  expiresAtMs: number
}

/** How long a signed request is valid. */
export interface SigningOptions {
  /** Milliseconds, at most. */
  lifeMs: number
  /**
   * When it was signed, in milliseconds since 1970: for a probe, which tests that it expires. Default: now.
   */
  atMs?: number
}

/** The bytes that a signed put is for. */
export interface SignedPutOptions extends SigningOptions {
  /** Their SHA-256: 64 lower-case hex digits. */
  sha256: string
  /** Their number. */
  size: number
}

/**
 * Presigned requests, which clients send to the object store directly.
 *
 * An implementation guarantees, and `probeSigning` verifies with the store at hand, that a signed request is
 * valid for its own method and key only, and that a header `Range` may be added to a get. A signed put is
 * accepted only with the bytes of its SHA-256 and size, and only while the key is free: else it fails with
 * 412, and nothing changes. Nothing added to it makes the store keep anything else. If the store does not
 * prove to enforce this, `put` is left out.
 */
export interface Signing {
  /** A GET of an object, whether it exists or not. */
  get(key: string, options: SigningOptions): Promise<SignedRequest>
  /** A PUT of an object under a key that is free. */
  put?(key: string, options: SignedPutOptions): Promise<SignedRequest>
}

/**
 * The port below everything: a flat map from keys to immutable bytes.
 *
 * An implementation guarantees:
 *
 * - **Put-if-absent is the only way to write**, and it is atomic: of any number of racing writers of one key,
 *   in any number of processes, exactly one gets `true`; a reader sees all of an object or none of it. (If a
 *   reply was lost, a second writer may also get `true` if it wrote exactly the same bytes.)
 * - **Linearizable**: once a put or a delete has returned, every later `get`, `head`, `list` and
 *   `putIfAbsent`, by anyone, sees it.
 * - **Durable**: what a put has acknowledged, what `head` and `get` have returned, and what made a put return
 *   `false`, survives a crash of the machine.
 * - **A listing is complete or throws.** An error while listing is never taken for an empty folder.
 * - **A failed put leaves nothing** that a reader could see, even if its stream breaks off half-way.
 * - Failures are `TrackwayError`s: `store_unavailable` if a retry may help, `insufficient_storage` if the
 *   store is full. When a put's outcome is unknown, it throws `store_unavailable`; it never guesses `false`.
 *
 * Keys are `/`-separated segments of `[A-Za-z0-9._%-]`, at most 900 bytes in all. No segment begins with a
 * dot: such names belong to file systems and their tools. No key is also a folder of another: if `a` is
 * stored, `a/b` is not.
 */
export interface ObjectStore {
  /** The name of this store in messages: `memory`, `the folder ./.trackway`. */
  readonly description: string

  /**
   * Whether this process or the operating system decides which of two racing puts wins, rather than a service
   * that may keep its promise only by chance. Default: false.
   */
  readonly isLocal?: boolean | undefined

  /**
   * The bytes of an object or of a range of it; undefined if the object does not exist.
   * A range that ends after the object is cut; one that starts after it returns no bytes.
   */
  get(key: string, range?: ByteRange): Promise<StoredObject | undefined>

  /** The metadata of an object, without reading it; undefined if the object does not exist. */
  head(key: string): Promise<ObjectInfo | undefined>

  /**
   * Stores an object under a key that is free. True: it is stored. False: the key was taken, and nothing
   * changed. A stream is read to its end either way, since the rest of a request comes after it; if it
   * throws, nothing is stored and its error is rethrown. Bytes may be reused once the promise is settled, a
   * stream's piece once the next one is requested.
   */
  putIfAbsent(key: string, body: ObjectBody): Promise<boolean>

  /** One page of keys in the order of their UTF-8 bytes. */
  list(options: ListOptions): Promise<ListPage>

  /** Removes an object, if it exists. Only for the sweeper, for reservations and for API keys. */
  delete(key: string): Promise<void>

  /** Signs requests that clients send directly to the store. Left out: it cannot. */
  readonly signing?: Signing | undefined
}
