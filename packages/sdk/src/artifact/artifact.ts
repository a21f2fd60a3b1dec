import {
  hintOfNames,
  brandOf,
  demandText,
  formatSpec,
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
import { nearestPaths } from '../version/nearest-paths.ts'
import type { Verification } from '../download/verify-folder.ts'
import type { StoredVersion } from '../version/version.ts'

/** What people say about an artifact's next version. */
export interface ArtifactOptions {
  /** At most 4,096 characters. Default: empty. */
  description?: string | undefined
  /** A JSON object of at most 64 KiB. Default: empty. */
  metadata?: Metadata | PlainObject | undefined
}

const maxDescription = 4096
const drafts = new WeakMap<Artifact, Draft>()

/**
 * A version of an artifact, or what is to become one. `new Artifact` begins an empty one; `getArtifact` gives a stored
 * version, which becomes the draft of the next one as soon as something is added or removed.
 */
export class Artifact {
  /** Within its type. */
  readonly name: string
  /** Such as `dataset` or `model`. */
  readonly type: string
  #description: string
  #metadata: Metadata

  /** Throws `name_invalid` for a name or type that is not allowed, `option_invalid` for a description or metadata. */
  constructor(name: string, type: string, options: ArtifactOptions = {}) {
    checkNames(options)
    const { description = '', metadata = {} } = options
    this.name = parseArtifactName(name)
    this.type = parseName('type', type)
    this.#description = checkDescription(description)
    this.#metadata = checkMetadata(metadata, 'metadata')
    drafts.set(this, createDraft())
  }

  /** What the next version is described as; of a stored version, what it was described as. */
  get description(): string {
    return this.#description
  }
  /** Throws `option_invalid` for more than 4,096 characters. */
  set description(text: string) {
    this.#description = checkDescription(text)
  }

  /** Facts for programs. Set it as a whole; it goes with the next version. */
  get metadata(): Metadata {
    return this.#metadata
  }
  /** Throws `option_invalid` for what cannot be the metadata of a version. */
  set metadata(metadata: Metadata | PlainObject) {
    this.#metadata = checkMetadata(metadata, 'metadata')
  }

  /** The version's tag; undefined until it is a version, and once something was added or removed. */
  get tag(): Tag | undefined {
    return this.#record()?.tag
  }

  /** The version's digest; undefined until it is a version, and once something was added or removed. */
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

  /** How many entries there are. */
  get fileCount(): number {
    return draftOf(this).entries.size
  }

  /** Bytes of all entries together; of those that are not uploaded yet, as of the adding. */
  get size(): number {
    return this.#entries().reduce((sum, entry) => sum + factsOf(entry).size, 0)
  }

  /**
   * Adds a file, a folder, bytes, a Blob or a stream. Of a folder all files are added, relative to it; files keep
   * their executable bit. Folders are walked at once, contents are read at the upload and must not change before it.
   *
   * A folder's `.trackwayignore` files leave files out, in the syntax of gitignore, and so do the patterns in `ignore`
   * and, with `gitignore`, its `.gitignore` files. Not added either are the `.trackwayignore` files themselves, Trackway
   * stores, and `.git`, unless a pattern such as `!.git` asks for it; nor empty folders. Symbolic links are followed as
   * long as they stay inside of the folder. Names become Unicode normal form C.
   *
   * A path that the base version has is replaced. Streams are read to their end now: up to 4 MiB stay in memory, larger
   * ones go to a temporary file, which is removed after the upload, and at the latest with the process. A stream that
   * was read before is refused, and a generator that gives nothing, since it may have been: for an empty file add
   * `new Uint8Array(0)`.
   *
   * Throws, and leaves the artifact as it was: `file_not_found`, `file_unsupported`, `link_refused`, `path_invalid`,
   * `entry_conflict` where two different things would have one path or an entry would be another's folder,
   * `file_error` where a stream fails, `option_invalid`, `too_large`, `aborted`. What cannot be added of a folder is named
   * in one error.
   */
  async add(content: AddableContent, options: AddOptions = {}): Promise<void> {
    const { addContent } = await loadPart(() => import('./add-content.ts'))
    await addContent(draftOf(this), content, options)
  }

  /**
   * Adds what lies at an address and stays there: `https://…`, `http://…` or
   * `s3://bucket/key?endpoint=…&region=…&addressing=…`. The version records the address, the digest and the size, and
   * whoever reads the entry fetches it from there and holds it to them. Nothing is stored, so that it can be read for as
   * long as somebody keeps it there unchanged.
   *
   * With `digest` and `size` nothing is fetched now. Else what lies there is read once to learn them, by the session
   * that the artifact came from; that of `new Artifact` by the platform's `fetch`. Characters that an address cannot
   * hold, and `%` and `#` in names, stand percent-encoded.
   *
   * Credentials of a bucket come from the environment of whoever reads. To addresses of the web none are sent: those
   * with a user, a password, a signature or what looks like a key are refused, since everybody in the team sees them.
   *
   * Throws `option_invalid`, `digest_invalid`, `path_invalid`, `entry_conflict`, `not_found`, `forbidden`,
   * `network_error`, `timeout`; an `IntegrityError` where something else lies there than was said; `config_invalid` for
   * a bucket without the package @trackway/server, `store_unavailable`; `aborted`.
   */
  async addReference(address: string | URL, options: AddReferenceOptions = {}): Promise<void> {
    const draft = draftOf(this)
    const elsewhere = draft.version?.place.connection.elsewhere ?? plainElsewhere
    const { addReference } = await loadPart(() => import('./add-reference.ts'))
    await addReference(draft, address, options, elsewhere)
  }

  /** Removes an entry, or everything below a folder (`'old/'`). Throws `not_found`, naming near paths. */
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

  /** The entry of a path. Throws `not_found`, naming near paths. */
  entry(path: string): Entry {
    const content = draftOf(this).entries.get(checkPath(path))
    if (content === undefined) throw this.#noEntry('Reading', path)
    return new Entry(content)
  }

  /**
   * Brings all entries, or those that `include` and `exclude` mean, into a folder, and returns its absolute path. The
   * folder appears when all of it is there and was checked against its digests. What was fetched before a failure, an
   * abort or the death of the process waits in a folder beside it (`<folder>.trackway-…`), unless it is less than 1 MiB;
   * the next download to this place checks it, continues with it and leaves nothing else. A folder that is empty is
   * replaced; one that holds exactly this already is left as it is. `~` means the home folder.
   *
   * A folder that cannot be replaced (a mount point, the current folder, one in a folder that may not be written to) keeps
   * its place: what is downloaded waits in it (`<folder>/.trackway-…`) and moves into it at the end, file by file.
   *
   * A symbolic link to a folder stays, and the folder is filled; with `overwrite` the link itself is replaced.
   *
   * Without a folder the version goes to the assets directory (`TRACKWAY_ASSETS_DIR`, by default in the user's cache);
   * where it lies there already, nothing is asked of the server.
   *
   * A browser, which has no folders, throws `file_unsupported`: `archive` gives the same as a tar archive.
   *
   * Throws `target_exists` where something else is there, unless `overwrite` is set; `target_unsupported` for names
   * that the target cannot hold; `file_error`, before anything is fetched where what is there cannot be removed; `link_refused`
   * for another user's symbolic link; `option_invalid` for an empty path, and for a folder that holds the store or is in it;
   * `IntegrityError`; `not_found` where no entry is meant; `aborted`.
   */
  download(folder: string | URL, options?: DownloadOptions): Promise<string>
  download(options?: DownloadOptions): Promise<string>
  async download(target?: string | URL | DownloadOptions, options: DownloadOptions = {}): Promise<string> {
    return typeof target === 'string' || isUrl(target)
      ? this.#downloadTo(target, options)
      : this.#downloadAsset(target === undefined ? options : target)
  }

  /**
   * All entries, or those that `include` and `exclude` mean, as a tar archive: `artifact.archive().stream()`, or `.blob()`.
   * Each file is checked against its digest before it ends.
   *
   * Throws `option_invalid` for an artifact that is not uploaded. Reading throws `option_invalid`, `not_found` where no
   * entry is meant, an `IntegrityError`, `aborted`, and what keeps the server, or the place of a reference, from
   * answering.
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

  /** Whether nothing is shown: as the call says, else as the session that it came from. */
  #quiet({ quiet }: LongCallOptions): boolean {
    return quiet ?? draftOf(this).version?.place.quiet ?? false
  }

  async #downloadAsset(options: DownloadOptions): Promise<string> {
    const { version, modified } = draftOf(this)
    await checkLate('download', options)
    if (version === undefined || modified) throw this.#notStored('Downloading', 'it has changes')
    if (options.include !== undefined || options.exclude !== undefined) {
      throw new TrackwayError(
        'option_invalid',
        `Downloading ${this.#label()}: the assets directory holds whole versions; name a folder to download a part`,
      )
    }
    const { downloadAsset } = await loadPart(() => import('../assets/download-asset.ts'))
    return downloadAsset(forCall({ version }, options).version, { ...options, quiet: this.#quiet(options) })
  }

  /**
   * Compares a folder with these entries, by hashing its files. It takes the folder as `add` does: links are followed,
   * and what `add` leaves out is not extra. Pass the `ignore` and `gitignore` that it was added with.
   *
   * Throws `file_not_found` where there is no folder, `file_error` naming the files that cannot be read, `aborted`.
   */
  async verify(folder: string | URL, options: VerifyOptions = {}): Promise<Verification> {
    const entries = this.#entries()
    const label = this.#label()
    await checkLate('verify', options)
    const { verifyEntries } = await loadComparing()
    return verifyEntries(folder, entries, { ...options, label, quiet: this.#quiet(options) })
  }

  /** The text that `sha256sum -c` reads to check a folder. Entries that are not uploaded yet are read for it. */
  async checksums(options: CompareOptions = {}): Promise<string> {
    const entries = this.#entries()
    await checkLate('checksums', options)
    const { checksumsOf } = await loadComparing()
    return checksumsOf(entries, options)
  }

  /** What changes from this to the other. Entries that are not uploaded yet are read for it. */
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

  /** The entries, which all have to be stored. */
  #stored(attempted: string): VersionDownload {
    const { version } = draftOf(this)
    if (version === undefined) throw this.#notStored(attempted, 'it is not uploaded yet')
    const entries = this.#entries().map((entry) => {
      if (entry.kind !== 'stored')
        throw this.#notStored(attempted, `its entry ${entry.path} is not uploaded yet`)
      return entry.placed
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

/** What an artifact holds. Throws `option_invalid` for what is no artifact, or one of another copy of this package. */
export function draftOf(artifact: Artifact): Draft {
  const draft = drafts.get(artifact)
  if (draft !== undefined) return draft
  throw new TrackwayError(
    'option_invalid',
    'This is not an Artifact of this copy of @trackway/sdk; make one by new Artifact(name, type) or await getArtifact',
  )
}

/** The entries of an artifact as they are now. */
export function contentsOf(artifact: Artifact): readonly DraftEntry[] {
  return sortedEntries(draftOf(artifact))
}

const optionNames: readonly string[] = ['description', 'metadata'] satisfies (keyof ArtifactOptions)[]

/** Holds options to their names at once, as a constructor has to. Throws `option_invalid`. */
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
    `A description has to be a text of at most ${maxDescription} characters`,
  )
}

/** A version as a call reaches it that may want it quiet. */
function forCall<Parts extends { version: StoredVersion }>(parts: Parts, { quiet }: LongCallOptions): Parts {
  const { version } = parts
  const { place } = version
  return quiet
    ? { ...parts, version: { ...version, place: { ...place, connection: place.connection.quietly } } }
    : parts
}
