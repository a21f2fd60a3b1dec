import type { Digest } from '@trackway/protocol/content'
import type { Chunk, ChunkOptions } from '../content/chunk-digests.ts'
import type { FolderItem } from '../disk/files/folder-items.ts'

/** Bytes that change their owner between threads: the previous owner must not use them any more. */
// `Uint8Array<ArrayBuffer>`, which older versions of TypeScript do not know.
export type OwnedBytes = ReturnType<Uint8Array['slice']>

/** The contents of small files that were read together, concatenated. */
export interface SmallFiles {
  bytes: Uint8Array
  /** The digest of all of them together. */
  digest: Digest
  /** In the given order. Undefined for a file that exceeds the limit, and was not read. */
  files: ({ offset: number; size: number; digest: Digest; identity: string | undefined } | undefined)[]
}

/** A range of a blob that is a file, or a part of one that was created before. */
export interface PieceToWrite {
  /** The entry's. */
  path: string
  localPath: string
  /** Bytes into the file. */
  position: number
  /** Bytes into the given bytes. */
  offset: number
  /** Bytes. */
  length: number
  /** If the piece is the whole file, which is then created: its digest and mode. */
  whole?: { digest: Digest; executable: boolean; readOnly: boolean } | undefined
}

/**
 * Work on bytes and files that may be done in another thread. Files are identified by an identity, which
 * changes whenever the content may have changed; it is undefined for a file too recent for that to be
 * certain.
 */
export interface Tasks {
  /** The content of a folder, with the facts of its files. */
  listFolder(input: { folder: string }): FolderItem[]
  /**
   * Reads files of at most `maximum` bytes each. `size` is in bytes, as far as is known. Throws
   * `file_changed`, `file_not_found`, `file_error`.
   */
  readSmallFiles(input: {
    files: readonly { localPath: string; size: number }[]
    maximum: number
  }): SmallFiles
  /**
   * Opens a file to be read piece by piece while it is hashed. `hasMore`: it is longer than its reported
   * size.
   */
  openFile(input: { id: number; localPath: string }): {
    size: number
    identity: string | undefined
    hasMore: boolean
  }
  /**
   * The next bytes, in the given memory if there is some. Throws `file_changed` if the file was truncated.
   */
  readPiece(input: { id: number; length: number; memory?: OwnedBytes | undefined }): OwnedBytes
  /** The digest of everything that was read. Throws `file_changed` if the file has changed. */
  finishFile(input: { id: number }): { digest: Digest }
  /** Closes a file that is not read to its end. */
  abandonFile(input: { id: number }): void
  /** Begins to find chunks. */
  beginChunks(input: { id: number; options: ChunkOptions }): void
  /** Takes the next bytes, and returns them with the chunks that have ended. */
  cutPiece(input: { id: number; bytes: OwnedBytes }): { bytes: OwnedBytes; chunks: Chunk[] }
  /** The last chunk. */
  endChunks(input: { id: number }): Chunk[]
  /** The digest of bytes, which are returned. */
  hashBytes(input: { bytes: OwnedBytes }): { bytes: OwnedBytes; digest: Digest }
  /**
   * Writes pieces of a blob into files, and returns the bytes. These must have the digest, if one is given.
   * Throws `integrity_error`, and then has written nothing; `file_error`.
   */
  writePieces(input: {
    bytes: OwnedBytes
    digest?: Digest | undefined
    pieces: readonly PieceToWrite[]
  }): OwnedBytes
  /**
   * Makes a file from another one on this disk that should have this digest; shares it if that is safe.
   * False, without creating a file, if the digest differs or the other file is gone.
   */
  copyFile(input: {
    from: string
    to: string
    digest: Digest
    executable: boolean
    readOnly: boolean
  }): boolean
  /** Begins to hash the current content of a file; undefined if there is no regular file. */
  beginDigest(input: { id: number; localPath: string }): { size: number; executable: boolean } | undefined
  /**
   * Hashes the next bytes, up to the end of the file. With `own`, returns the digest of these bytes alone as
   * well.
   */
  digestMore(input: { id: number; length: number; own?: boolean }): {
    length: number
    digest: Digest | undefined
  }
  /** The digest of all bytes that were hashed. Closes the file. */
  endDigest(input: { id: number }): Digest | undefined
}

export type TaskName = keyof Tasks
export type TaskInput<Name extends TaskName> = Parameters<Tasks[Name]>[0]
export type TaskOutput<Name extends TaskName> = ReturnType<Tasks[Name]>

/** A thread that does one task after the other, in order. */
export interface Lane {
  /** Memory within `moved` is transferred and not usable here any more. */
  run<Name extends TaskName>(
    name: Name,
    input: TaskInput<Name>,
    moved?: readonly OwnedBytes[],
  ): Promise<TaskOutput<Name>>
}

/** Threads for work that would block everything else, or this thread if there are none. */
export interface Crew extends Lane {
  /** How many tasks are done at a time. */
  readonly size: number
  /** A thread for a series of tasks that belong together. Threads are assigned in turn. */
  lane(): Lane
  /** Called when this user of the crew is done. */
  release(): void
}
