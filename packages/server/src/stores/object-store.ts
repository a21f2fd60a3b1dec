/** What a store says of one object. */
export interface ObjectInfo {
  /** The key that it is stored under. */
  key: string
  /** Bytes. */
  size: number
  /**
   * Milliseconds since the object was stored, by the store's own clock when it answered: both times come from the
   * same place, so that no other machine's clock decides what is old.
   */
  ageMs: number
}

/** An object as it is read. */
export interface StoredObject extends ObjectInfo {
  /** Its bytes. */
  body: ByteStream
}

/** A half-open range of bytes: `start` is the first one, `end` the first one that is left out. */
export interface ByteRange {
  /** The first byte. */
  start: number
  /** The byte behind the last one. */
  end: number
}

/** What a listing asks for. */
export interface ListOptions {
  /** Only keys that begin so. */
  prefix: string
  /** Only keys, and folded prefixes, behind this one in the order of their UTF-8 bytes. */
  after?: string
  /**
   * Keys that go on past the first delimiter behind the prefix are folded into one of `prefixes`, which ends with the
   * delimiter. To go on behind a folded prefix, pass that prefix as `after`. (S3 would fold the same keys again: its
   * adapter has to start behind the last of them.)
   */
  delimiter?: '/'
  /** At most so many keys and prefixes together. Default: 1,000. */
  limit?: number
}

/** One page of a listing. */
export interface ListPage {
  /** Ascending by the UTF-8 bytes of the key. */
  objects: ObjectInfo[]
  /** Ascending; empty where no delimiter was given. */
  prefixes: string[]
  /** Where the next page goes on (its `after`); undefined on the last page, which may be empty. */
  next?: string
}

/**
 * The bytes of an object as they are read: at most a few megabytes at a time. One that nobody reads holds nothing
 * open, and each piece is the reader's own.
 */
export type ByteStream = AsyncIterable<Uint8Array>

/** What is stored: bytes, pieces of them to be laid end to end, or a stream. */
export type ObjectBody = Uint8Array | readonly Uint8Array[] | ByteStream

/** A request to the store itself. Whoever has it needs no other right until it expires: its parts are secrets. */
export interface SignedRequest {
  /** With its query, which is a secret. */
  url: string
  /** What has to be sent with it, exactly, by names in lower case. `content-length` need not be among them. */
  headers: Record<string, string>
  /** When the store stops to take it: milliseconds since 1970, by this machine's clock. */
  expiresAtMs: number
}

/** How long a signed request may be good for. */
export interface SigningOptions {
  /** Milliseconds at the most. */
  lifeMs: number
  /** When it was signed, in milliseconds since 1970: for a probe, which has to see that it ends. Default: now. */
  atMs?: number
}

/** Which bytes a signed put is for. */
export interface SignedPutOptions extends SigningOptions {
  /** Their SHA-256: 64 lower-case hex digits. */
  sha256: string
  /** How many they are. */
  size: number
}

/**
 * Requests that others send to the store, past whoever made them.
 *
 * An implementation guarantees, and `probeSigning` makes sure with the store at hand, that a signed request is taken for
 * its own method and key alone, and that a header `Range` may be added to a get. A signed put is taken for just the
 * bytes of its SHA-256 and size, and only while the key is free: else it answers 412, and nothing changes. Nothing that
 * is added to it makes the store keep anything else. Where a store was not seen to enforce this, `put` is left out.
 */
export interface Signing {
  /** A GET of an object, whether it is there or not. */
  get(key: string, options: SigningOptions): Promise<SignedRequest>
  /** A PUT of an object under a key that is free. */
  put?(key: string, options: SignedPutOptions): Promise<SignedRequest>
}

/**
 * The port under everything: a flat map from keys to immutable bytes.
 *
 * An implementation guarantees:
 *
 * - **Put-if-absent is the only way to write**, and it is atomic: of any number of racing writers of one key, in any
 *   number of processes, exactly one is told `true`; a reader sees all of an object or none of it. (Where a reply was
 *   lost, a second one may be told so too if it wrote the very same bytes.)
 * - **Linearizable**: once a put or a delete has answered, every later `get`, `head`, `list` and `putIfAbsent`, by
 *   anyone, sees it.
 * - **Durable**: what a put has acknowledged, what `head` and `get` have shown, and what made a put answer `false`,
 *   survives a crash of the machine.
 * - **A listing is complete or throws.** An error while listing is never taken for an empty folder.
 * - **A put that fails leaves nothing** that a reader could see, also when its bytes stop coming half-way.
 * - Failures are `TrackwayError`s: `store_unavailable` where trying again may help, `insufficient_storage` where the
 *   store is full. When a put's outcome is unknown, it throws `store_unavailable`; it never guesses `false`.
 *
 * Keys are `/`-separated segments of `[A-Za-z0-9._%-]`, at most 900 bytes in all. No segment begins with a dot: such
 * names belong to file systems and their tools. No key is also a folder of another: where `a` is stored, `a/b` is not.
 */
export interface ObjectStore {
  /** What this store is, for messages: `memory`, `the folder ./.trackway`. */
  readonly description: string

  /**
   * Whether this process or the operating system decides which of two racing puts wins, and no service that may keep its
   * promise by chance. Default: false.
   */
  readonly isLocal?: boolean | undefined

  /**
   * The bytes of an object or of a range of it; undefined where there is no such object.
   * A range that ends beyond the object is cut; one that starts beyond it gives no bytes.
   */
  get(key: string, range?: ByteRange): Promise<StoredObject | undefined>

  /** What is known of an object without reading it; undefined where there is no such object. */
  head(key: string): Promise<ObjectInfo | undefined>

  /**
   * Stores an object under a key that is free. True: it is stored. False: the key was taken, and nothing changed.
   * A stream is read to its end either way, since what comes behind it in a request can't be reached otherwise; where
   * it throws, nothing is stored and its error is thrown on. Bytes may be used again once the promise is settled, a
   * stream's piece once the next one is asked for.
   */
  putIfAbsent(key: string, body: ObjectBody): Promise<boolean>

  /** One page of keys in the order of their UTF-8 bytes. */
  list(options: ListOptions): Promise<ListPage>

  /** Removes an object; nothing happens where there is none. For the sweeper, for reservations and for keys alone. */
  delete(key: string): Promise<void>

  /** Where the store can be reached past this process by those who have a signed request. Default: it cannot. */
  readonly signing?: Signing | undefined
}
