import {
  brandOf,
  formatSpec,
  parseArtifactName,
  parseName,
  TrackwayError,
  type Digest,
  type Metadata,
  type Tag,
} from '@trackway/protocol'
import { showEverywhere, showInNotebooks } from '#platform'
import type { Archive, ArchiveOptions } from '../archive/archive.ts'
import { anySignal } from '../concurrency/any-signal.ts'
import { streamOf } from '../content/stream-of.ts'
import type { DownloadOptions } from '../disk/download/download.ts'
import type { Verification, VerifyOptions } from '../disk/folder/verify-folder.ts'
import type { PlainObject } from '../json-of.ts'
import { loadComparing, loadDisk, loadReading, loadUploading } from '../parts/load.ts'
import { factsOf } from '../read/draft-entry.ts'
import { readBy, type StoredVersion } from '../version/version.ts'
import type { AddableContent, AddOptions } from './add-content.ts'
import type { AddReferenceOptions } from './add-reference.ts'
import { checkDescription, checkNames, type ArtifactOptions } from './artifact-options.ts'
import { checkMetadata } from './check-metadata.ts'
import type { CompareOptions } from './compare.ts'
import type { Diff } from './diff.ts'
import { contentsOf, createDraft, draftOf, entryAt, keepDraft, removeEntries } from './draft.ts'
import { Entry } from './entry.ts'

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

  /** Throws `name_invalid` for a name or type, `option_invalid` for a description or metadata. */
  constructor(name: string, type: string, options: ArtifactOptions = {}) {
    checkNames(options)
    const { description = '', metadata = {} } = options
    this.name = parseArtifactName(name)
    this.type = parseName('type', type)
    this.#description = checkDescription(description)
    this.#metadata = checkMetadata(metadata, 'metadata')
    keepDraft(this, createDraft())
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
    showEverywhere?.('artifact', Artifact.prototype, (artifact) => {
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
    const entries = contentsOf(this).map((content) => new Entry(content))
    showInNotebooks?.('entries', entries, (list) => list)
    return entries
  }

  /** How many entries there are. */
  get fileCount(): number {
    return draftOf(this).entries.size
  }

  /** The size of all entries in bytes; those that are not uploaded yet count as they were when added. */
  get size(): number {
    return contentsOf(this).reduce((sum, entry) => sum + factsOf(entry).size, 0)
  }

  /**
   * Adds a file, a folder, bytes, a Blob or a stream. All files of a folder are added, relative to it; files
   * keep their executable bit. Folders are listed at once; contents are read during the upload and must not
   * change before it. An entry of the base version with the same path is replaced.
   *
   * A folder's `.trackwayignore` files exclude files, in the syntax of gitignore, and so do the patterns in
   * `ignore` and, with `gitignore`, its `.gitignore` files. The `.trackwayignore` files themselves, Trackway
   * stores, `.git` (unless a pattern such as `!.git` includes it) and empty folders are not added either.
   * Symbolic links are followed as long as they stay inside the folder. Names are normalized to Unicode NFC.
   *
   * Streams are read to their end now: up to 4 MiB stay in memory, larger ones go to a temporary file, which
   * is removed after the upload, or at the latest when the process ends. A stream that was read before is
   * refused, and so is a generator that yields nothing: to add an empty file, pass `new Uint8Array(0)`.
   *
   * Throws, and leaves the artifact unchanged: `file_not_found`, `file_unsupported`, `link_refused`,
   * `path_invalid`, `entry_conflict` for two things with the same path, or an entry that would be another's
   * folder, `file_error`, `option_invalid`, `too_large`, `aborted`: one error for all of a folder.
   */
  async add(content: AddableContent, options: AddOptions = {}): Promise<void> {
    const { addContent } = await loadUploading()
    await addContent(draftOf(this), content, options)
  }

  /**
   * Adds the content at an address, which stays there: `https://…`, `http://…` or
   * `s3://bucket/key?endpoint=…&region=…&addressing=…`. The version records the address, the digest and the
   * size; anyone who reads the entry fetches the content from there, and it is checked against them. Trackway
   * stores no copy, so the entry is readable only as long as the content stays there unchanged.
   *
   * With `digest` and `size` nothing is fetched now. Otherwise the content is read once to determine them.
   * Characters that a URL cannot contain, and `%` and `#` in names, must be percent-encoded.
   *
   * Credentials for a bucket come from the reader's environment. No credentials are sent to web addresses:
   * one that contains a secret is refused, since the whole team sees it.
   *
   * Throws `option_invalid`, `digest_invalid`, `path_invalid`, `entry_conflict`, `not_found`, `forbidden`,
   * `network_error`, `timeout`; an `IntegrityError` if the content does not match what was given;
   * `config_invalid` for a bucket without the package @trackway/server, `store_unavailable`; `aborted`.
   */
  async addReference(address: string | URL, options: AddReferenceOptions = {}): Promise<void> {
    const { addReference } = await loadUploading()
    await addReference(draftOf(this), address, options)
  }

  /** Removes an entry, or everything below a folder (`'old/'`). Throws `not_found`, naming similar paths. */
  remove(path: string): void {
    removeEntries(draftOf(this), path, this.#label())
  }

  /** The entry with this path. Throws `not_found`, naming similar paths. */
  entry(path: string): Entry {
    return new Entry(entryAt(draftOf(this), path, this.#label()))
  }

  /**
   * Downloads all entries, or those selected by `include` and `exclude`, to a folder, and returns its
   * absolute path. The folder appears once everything has arrived and was checked against its digests. After
   * a failure, an abort or the end of the process, what was fetched is kept in a folder beside the target
   * (`<folder>.trackway-…`), unless it is less than 1 MiB; the next download to this target checks it,
   * resumes from it and removes the rest. An empty folder is replaced; a folder that already holds exactly
   * this content is left as it is. `~` means the home folder.
   *
   * A folder that cannot be replaced (a mount point, the current folder, one in a read-only folder) is filled
   * file by file at the end; so is the target of a symbolic link, unless `overwrite` replaces the link.
   *
   * Without a folder, the version is downloaded to the assets directory (`TRACKWAY_ASSETS_DIR`, by default in
   * the user's cache); if it already exists there, no request is sent. A browser has no folders:
   * use `archive`.
   *
   * Throws `target_exists` if the target has other content, unless `overwrite` is set; `target_unsupported`
   * for names that it cannot hold; `file_error`, before anything is fetched if its content cannot be removed;
   * `link_refused` for another user's symbolic link; `option_invalid` for an empty path, and for a folder
   * that holds the store or is inside it; `IntegrityError`; `not_found` if no entry is selected; `aborted`.
   */
  download(folder: string | URL, options?: DownloadOptions): Promise<string>
  download(options?: DownloadOptions): Promise<string>
  async download(target?: string | URL | DownloadOptions, options: DownloadOptions = {}): Promise<string> {
    if (target === undefined) return this.#downloadAsset(options)
    if (typeof target !== 'string' && !isUrl(target)) return this.#downloadAsset(target)
    const version = this.#stored('Downloading')
    const label = this.#label()
    const [{ checkCall }, { downloadTo }] = await Promise.all([loadReading(), loadDisk()])
    checkCall('download', options)
    return downloadTo(target, readBy(version, options), { ...options, label })
  }

  async #downloadAsset(options: DownloadOptions): Promise<string> {
    const { version, modified } = draftOf(this)
    const { checkCall } = await loadReading()
    checkCall('download', options)
    if (version === undefined || modified) throw this.#notStored('Downloading', 'it has changes')
    const { downloadAsset } = await loadDisk()
    return downloadAsset(readBy(version, options), options)
  }

  /**
   * All entries, or those selected by `include` and `exclude`, as a tar archive:
   * `artifact.archive().stream()`, or `.blob()`. Each file is checked against its digest before its end is
   * emitted.
   *
   * Throws `option_invalid` for an artifact that is not uploaded. Reading throws `option_invalid`,
   * `not_found` if no entry is selected, an `IntegrityError`, `aborted`, and the errors of requests.
   */
  archive(options: ArchiveOptions = {}): Archive {
    const version = this.#stored('Archiving')
    const label = this.#label()
    async function* read(over: AbortSignal) {
      const { archiveVersion, checkCall } = await loadReading()
      checkCall('archive', options)
      const signal = anySignal(options.signal, over)
      yield* archiveVersion(readBy(version, options), { ...options, label, signal })
    }
    return { stream: () => streamOf(read), blob: async () => (await loadReading()).blobOf(read) }
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
    const { version } = draftOf(this)
    const entries = contentsOf(this)
    const label = this.#label()
    const [{ verifyFolder }, { checkCall, digestEntries }] = await Promise.all([loadDisk(), loadComparing()])
    checkCall('verify', options)
    const { quiet = version?.scope.quiet } = options
    const hashed = await digestEntries(entries, options.signal)
    return verifyFolder(folder, hashed, { ...options, label, quiet })
  }

  /** Text for `sha256sum -c` to check a folder. Entries that are not uploaded yet are read to hash them. */
  async checksums(options: CompareOptions = {}): Promise<string> {
    const entries = contentsOf(this)
    const { checkCall, checksumsOf } = await loadComparing()
    checkCall('checksums', options)
    return checksumsOf(entries, options)
  }

  /** The changes from this artifact to the other. Entries that are not uploaded yet are read to hash them. */
  async diff(other: Artifact, options: CompareOptions = {}): Promise<Diff> {
    const from = contentsOf(this)
    const to = contentsOf(other)
    const title = `${this.#label()} → ${other.#label()}`
    const { checkCall, diffOf } = await loadComparing()
    checkCall('diff', options)
    return diffOf(from, to, { ...options, title })
  }

  #label(): string {
    const { type, name, tag } = this
    return formatSpec({ type, name, ...(tag !== undefined && { revision: tag }) })
  }

  /** The version that this one is, with the current entries, all of which must be stored. */
  #stored(attempted: string): StoredVersion {
    const { version } = draftOf(this)
    if (version === undefined) throw this.#notStored(attempted, 'it is not uploaded yet')
    const entries = contentsOf(this).map((entry) => {
      if (entry.kind === 'stored') return entry.located
      throw this.#notStored(attempted, `its entry ${entry.path} is not uploaded yet`)
    })
    return { ...version, entries }
  }

  #notStored(attempted: string, why: string): TrackwayError {
    return new TrackwayError('option_invalid', `${attempted} ${this.#label()}: ${why}; upload it first`)
  }
}

function isUrl(target: unknown): target is URL {
  return brandOf(target) === 'URL'
}
