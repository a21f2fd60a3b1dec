import {
  brandOf,
  demandText,
  formatSpec,
  hintOfNames,
  nearestPaths,
  parseArtifactName,
  parseName,
  TrackwayError,
  type Digest,
  type Metadata,
  type Tag,
} from '@trackway/protocol'
import { anySignal } from '../concurrency/any-signal.ts'
import { showEverywhere, showInNotebooks } from '#platform'
import { streamOf } from '../content/stream-of.ts'
import { plainElsewhere } from '../client/elsewhere.ts'
import type { PlainObject } from '../json-of.ts'
import { loadPart } from '../load-part.ts'
import { checkLate } from '../calls/check-late.ts'
import { checkMetadata } from './check-metadata.ts'
import type { AddableContent, AddOptions } from './add-content.ts'
import type { AddReferenceOptions } from './add-reference.ts'
import type { Diff } from './diff.ts'
import type { DownloadOptions } from '../download/download.ts'
import type { VersionDownload } from './download-version.ts'
import type { Archive, ArchiveOptions } from './archive.ts'
import { createDraft, dropEntry, factsOf, sortedEntries, type Draft, type DraftEntry } from './draft.ts'
import { Entry } from './entry.ts'
import type { LongCallOptions } from '../calls/long-call-options.ts'
import type { CompareOptions, VerifyOptions } from './compare.ts'
import type { Verification } from '../download/verify-folder.ts'
import type { StoredVersion } from '../version/version.ts'

/** How the next version of an artifact is described. */
export interface ArtifactOptions {
  /** At most 4,096 characters. Default: empty. */
  description?: string | undefined
  /** A JSON object of at most 64 KiB. Default: empty. */
  metadata?: Metadata | PlainObject | undefined
}

const maxDescription = 4096
const drafts = new WeakMap<Artifact, Draft>()

/**
 * A version of an artifact, or one in the making. `new Artifact` creates an empty one; `getArtifact` returns
 * a stored version, which becomes the draft of the next one when something is added or removed.
 */
export class Artifact {
  /** Unique within its type. */
  readonly name: string
  /** Such as `dataset` or `model`. */
  readonly type: string
  #description: string
  #metadata: Metadata

  /**
   * Throws `name_invalid` for an invalid name or type, `option_invalid` for an invalid description or
   * metadata.
   */
  constructor(name: string, type: string, options: ArtifactOptions = {}) {
    checkNames(options)
    const { description = '', metadata = {} } = options
    this.name = parseArtifactName(name)
    this.type = parseName('type', type)
    this.#description = checkDescription(description)
    this.#metadata = checkMetadata(metadata, 'metadata')
    drafts.set(this, createDraft())
  }

  /** The description of the next version; of a stored version, its own. */
  get description(): string {
    return this.#description
  }
  /** Throws `option_invalid` for more than 4,096 characters. */
  set description(text: string) {
    this.#description = checkDescription(text)
  }

  /** Data for programs. Assign it as a whole; it is uploaded with the next version. */
  get metadata(): Metadata {
    return this.#metadata
  }
  /** Throws `option_invalid` for a value that cannot be the metadata of a version. */
  set metadata(metadata: Metadata | PlainObject) {
    this.#metadata = checkMetadata(metadata, 'metadata')
  }

  /** The tag of the version; undefined before the upload, and after something was added or removed. */
  get tag(): Tag | undefined {
    return this.#record()?.tag
  }

  /** The digest of the version; undefined before the upload, and after something was added or removed. */
  get digest(): Digest | undefined {
    return this.#record()?.digest
  }

  /** The tag of the version that this one was made from. */
  get base(): Tag | undefined {
    const { version, modified } = draftOf(this)
    return (modified ? version?.record.tag : version?.record.base) ?? undefined
  }

  static {
    showEverywhere('artifact', Artifact.prototype, (artifact) => {
      const { digest, base, description, metadata, entryList: entries } = artifact
      return { label: artifact.#label(), digest, base, description, metadata, entries }
    })
  }

  #record() {
    const { version, modified } = draftOf(this)
    return modified ? undefined : version?.record
  }

  /** All entries, sorted by the bytes of their paths. */
  get entryList(): Entry[] {
    const entries = this.#entries().map((content) => new Entry(content))
    return showInNotebooks('entries', entries, (list) => list)
  }

  /** How many entries the artifact has. */
  get fileCount(): number {
    return draftOf(this).entries.size
  }

  /**
   * The size of all entries together in bytes; entries that are not uploaded yet count with their size when
   * they were added.
   */
  get size(): number {
    return this.#entries().reduce((sum, entry) => sum + factsOf(entry).size, 0)
  }

  /**
   * Adds a file, a folder, bytes, a Blob or a stream. All files of a folder are added, relative to it; files
   * keep their executable bit. Folders are listed at once; contents are read during the upload and must not
   * change before it.
   *
   * A folder's `.trackwayignore` files exclude files, in the syntax of gitignore, and so do the patterns in
   * `ignore` and, with `gitignore`, its `.gitignore` files. The `.trackwayignore` files themselves, Trackway
   * stores, `.git` (unless a pattern such as `!.git` includes it) and empty folders are not added either.
   * Symbolic links are followed as long as they stay inside the folder. Names are normalized to Unicode form
   * C.
   *
   * An entry of the base version with the same path is replaced. Streams are read to their end now: up to 4
   * MiB stay in memory, larger ones go to a temporary file, which is removed after the upload, or at the
   * latest when the process ends. A stream that was read before is refused, and so is a generator that yields
   * nothing, since it may have been read: to add an empty file, pass `new Uint8Array(0)`.
   *
   * Throws, and leaves the artifact unchanged: `file_not_found`, `file_unsupported`, `link_refused`,
   * `path_invalid`, `entry_conflict` if two different things would have the same path or an entry would be
   * another's folder, `file_error` if a stream fails, `option_invalid`, `too_large`, `aborted`. One error
   * lists everything in a folder that cannot be added.
   */
  async add(content: AddableContent, options: AddOptions = {}): Promise<void> {
    const { addContent } = await loadPart(() => import('./add-content.ts'))
    await addContent(draftOf(this), content, options)
  }

  /**
   * Adds the content at an address, which stays there: `https://…`, `http://…` or
   * `s3://bucket/key?endpoint=…&region=…&addressing=…`. The version records the address, the digest and the
   * size; anyone who reads the entry fetches the content from there, and it is checked against them. Trackway
   * stores no copy, so the entry is readable only as long as the content stays there unchanged.
   *
   * With `digest` and `size` nothing is fetched now. Otherwise the content is read once to determine them, by
   * the session that the artifact came from or, for `new Artifact`, with the platform's `fetch`. Characters
   * that a URL cannot contain, and `%` and `#` in names, must be percent-encoded.
   *
   * Credentials for a bucket come from the reader's environment. No credentials are sent to web addresses:
   * addresses with a user, a password, a signature or something like a key are refused, since the whole team
   * sees them.
   *
   * Throws `option_invalid`, `digest_invalid`, `path_invalid`, `entry_conflict`, `not_found`, `forbidden`,
   * `network_error`, `timeout`; an `IntegrityError` if the content does not match what was given;
   * `config_invalid` for a bucket without the package @trackway/server, `store_unavailable`; `aborted`.
   */
  async addReference(address: string | URL, options: AddReferenceOptions = {}): Promise<void> {
    const draft = draftOf(this)
    const elsewhere = draft.version?.scope.connection.elsewhere ?? plainElsewhere
    const { addReference } = await loadPart(() => import('./add-reference.ts'))
    await addReference(draft, address, options, elsewhere)
  }

  /** Removes an entry, or everything below a folder (`'old/'`). Throws `not_found`, naming similar paths. */
  remove(path: string): void {
    const draft = draftOf(this)
    const wanted = checkPath(path)
    const paths = wanted.endsWith('/')
      ? [...draft.entries.keys()].filter((each) => each.startsWith(wanted))
      : [wanted]
    if (paths.length === 0 || !paths.every((each) => draft.entries.has(each)))
      throw this.#noEntry('Removing', path)
    for (const each of paths) dropEntry(draft, each)
    draft.modified = true
  }

  /** The entry with this path. Throws `not_found`, naming similar paths. */
  entry(path: string): Entry {
    const content = draftOf(this).entries.get(checkPath(path))
    if (content === undefined) throw this.#noEntry('Reading', path)
    return new Entry(content)
  }

  /**
   * Downloads all entries, or those selected by `include` and `exclude`, to a folder, and returns its
   * absolute path. The folder appears once everything has arrived and was checked against its digests. After
   * a failure, an abort or the end of the process, what was fetched is kept in a folder beside the target
   * (`<folder>.trackway-…`), unless it is less than 1 MiB; the next download to this target checks it,
   * resumes from it and removes the rest. An empty folder is replaced; a folder that already holds exactly
   * this content is left as it is. `~` means the home folder.
   *
   * A folder that cannot be replaced (a mount point, the current folder, a folder whose parent is not
   * writable) stays in place: the download is staged inside it (`<folder>/.trackway-…`) and moved into it at
   * the end, file by file.
   *
   * A symbolic link to a folder is kept, and the folder is filled; with `overwrite` the link itself is
   * replaced.
   *
   * Without a folder, the version is downloaded to the assets directory (`TRACKWAY_ASSETS_DIR`, by default in
   * the user's cache); if it already exists there, no request is sent.
   *
   * In a browser, which has no folders, it throws `file_unsupported`: `archive` returns the same content as a
   * tar archive.
   *
   * Throws `target_exists` if the target has other content, unless `overwrite` is set; `target_unsupported`
   * for names that the target cannot hold; `file_error`, before anything is fetched if the existing content
   * cannot be removed; `link_refused` for another user's symbolic link; `option_invalid` for an empty path,
   * and for a folder that holds the store or is inside it; `IntegrityError`; `not_found` if no entry is
   * selected; `aborted`.
   */
  download(folder: string | URL, options?: DownloadOptions): Promise<string>
  download(options?: DownloadOptions): Promise<string>
  async download(target?: string | URL | DownloadOptions, options: DownloadOptions = {}): Promise<string> {
    return typeof target === 'string' || isUrl(target)
      ? this.#downloadTo(target, options)
      : this.#downloadAsset(target === undefined ? options : target)
  }

  /**
   * All entries, or those selected by `include` and `exclude`, as a tar archive:
   * `artifact.archive().stream()`, or `.blob()`. Each file is checked against its digest before its end is
   * emitted.
   *
   * Throws `option_invalid` for an artifact that is not uploaded. Reading throws `option_invalid`,
   * `not_found` if no entry is selected, an `IntegrityError`, `aborted`, and the errors of requests to the
   * server or to the address of a reference.
   */
  archive(options: ArchiveOptions = {}): Archive {
    const download = this.#stored('Archiving')
    const isQuiet = () => this.#quiet(options)
    async function* read(over: AbortSignal) {
      await checkLate('archive', options)
      const { archiveVersion } = await loadArchiving()
      const signal = anySignal(options.signal, over)
      yield* archiveVersion(forCall(download, options), { ...options, quiet: isQuiet(), signal })
    }
    return { stream: () => streamOf(read), blob: async () => (await loadArchiving()).blobOf(read) }
  }

  async #downloadTo(folder: string | URL, options: DownloadOptions): Promise<string> {
    const download = this.#stored('Downloading')
    await checkLate('download', options)
    const { downloadVersion } = await loadPart(() => import('./download-version.ts'))
    return downloadVersion(folder, forCall(download, options), { ...options, quiet: this.#quiet(options) })
  }

  /** Whether nothing is shown: as the call says, otherwise as the session that it came from. */
  #quiet({ quiet }: LongCallOptions): boolean {
    return quiet ?? draftOf(this).version?.scope.quiet ?? false
  }

  async #downloadAsset(options: DownloadOptions): Promise<string> {
    const { version, modified } = draftOf(this)
    await checkLate('download', options)
    if (version === undefined || modified) throw this.#notStored('Downloading', 'it has changes')
    if (options.include !== undefined || options.exclude !== undefined) {
      throw new TrackwayError(
        'option_invalid',
        `Downloading ${this.#label()}: the assets directory holds whole versions only; name a folder to download a part of one`,
      )
    }
    const { downloadAsset } = await loadPart(() => import('../assets/download-asset.ts'))
    return downloadAsset(forCall({ version }, options).version, { ...options, quiet: this.#quiet(options) })
  }

  /**
   * Compares a folder with these entries by hashing its files. It treats the folder as `add` does: links are
   * followed, and what `add` leaves out does not count as extra. Pass the same `ignore` and `gitignore` as to
   * `add`.
   *
   * Throws `file_not_found` if the folder does not exist, `file_error` naming the files that cannot be read,
   * `aborted`.
   */
  async verify(folder: string | URL, options: VerifyOptions = {}): Promise<Verification> {
    const entries = this.#entries()
    const label = this.#label()
    await checkLate('verify', options)
    const { verifyEntries } = await loadComparing()
    return verifyEntries(folder, entries, { ...options, label, quiet: this.#quiet(options) })
  }

  /**
   * Text that `sha256sum -c` reads to check a folder. Entries that are not uploaded yet are read to hash
   * them.
   */
  async checksums(options: CompareOptions = {}): Promise<string> {
    const entries = this.#entries()
    await checkLate('checksums', options)
    const { checksumsOf } = await loadComparing()
    return checksumsOf(entries, options)
  }

  /** The changes from this artifact to the other. Entries that are not uploaded yet are read to hash them. */
  async diff(other: Artifact, options: CompareOptions = {}): Promise<Diff> {
    const from = this.#entries()
    const to = contentsOf(other)
    const title = `${this.#label()} → ${other.#label()}`
    await checkLate('diff', options)
    const { diffOf } = await loadComparing()
    return diffOf(from, to, { ...options, title })
  }

  #entries(): readonly DraftEntry[] {
    return sortedEntries(draftOf(this))
  }

  #label(): string {
    const { type, name, tag } = this
    return formatSpec({ type, name, ...(tag !== undefined && { revision: tag }) })
  }

  /** The entries, all of which must be stored. */
  #stored(attempted: string): VersionDownload {
    const { version } = draftOf(this)
    if (version === undefined) throw this.#notStored(attempted, 'it is not uploaded yet')
    const entries = this.#entries().map((entry) => {
      if (entry.kind !== 'stored')
        throw this.#notStored(attempted, `its entry ${entry.path} is not uploaded yet`)
      return entry.located
    })
    return { version, label: this.#label(), entries }
  }

  #notStored(attempted: string, why: string): TrackwayError {
    return new TrackwayError('option_invalid', `${attempted} ${this.#label()}: ${why}; upload it first`)
  }

  #noEntry(attempted: string, path: string): TrackwayError {
    const near = nearestPaths(path, draftOf(this).entries.keys())
    return new TrackwayError('not_found', `${attempted} ${path}: ${this.#label()} has no such entry`, {
      details: { path, near },
      hint: hintOfNames(near),
    })
  }
}

function loadArchiving() {
  return loadPart(() => import('./archive.ts'))
}

function loadComparing() {
  return loadPart(() => import('./compare.ts'))
}

/** The artifact of a stored version. */
export function artifactOf(version: StoredVersion): Artifact {
  const { name, type, description, metadata } = version.record
  const artifact = new Artifact(name, type, { description, metadata })
  drafts.set(artifact, createDraft(version))
  return artifact
}

/**
 * What an artifact holds. Throws `option_invalid` for a value that is not an Artifact of this copy of the
 * package.
 */
export function draftOf(artifact: Artifact): Draft {
  const draft = drafts.get(artifact)
  if (draft !== undefined) return draft
  throw new TrackwayError(
    'option_invalid',
    'This is not an Artifact of this copy of @trackway/sdk; create one with new Artifact(name, type), or await getArtifact',
  )
}

/** The current entries of an artifact. */
export function contentsOf(artifact: Artifact): readonly DraftEntry[] {
  return sortedEntries(draftOf(artifact))
}

const optionNames: readonly string[] = ['description', 'metadata'] satisfies (keyof ArtifactOptions)[]

/** Checks the names of options at once, as a constructor has to. Throws `option_invalid`. */
function checkNames(options: ArtifactOptions): void {
  const isObject = brandOf(options) === 'Object'
  if (isObject && Object.keys(options).every((name) => optionNames.includes(name))) return
  throw new TrackwayError(
    'option_invalid',
    `new Artifact takes an object with the options ${optionNames.join(' and ')}; these have ${isObject ? Object.keys(options).join(', ') : 'none'}`,
  )
}

function checkPath(path: string): string {
  return demandText(path, 'The path of an entry', 'train.csv').normalize('NFC')
}

function isUrl(target: unknown): target is URL {
  return brandOf(target) === 'URL'
}

function checkDescription(text: string): string {
  if (typeof text === 'string' && text.length <= maxDescription) return text
  throw new TrackwayError(
    'option_invalid',
    `A description must be a string of at most ${maxDescription} characters`,
  )
}

/** A version together with the `quiet` option of the call that reads it. */
function forCall<Parts extends { version: StoredVersion }>(parts: Parts, { quiet }: LongCallOptions): Parts {
  const { version } = parts
  const { scope } = version
  return quiet
    ? { ...parts, version: { ...version, scope: { ...scope, connection: scope.connection.quietly } } }
    : parts
}
