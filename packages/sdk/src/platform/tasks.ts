import type { Digest } from '@trackway/protocol/content'
import type { Chunk, ChunkOptions } from '../content/chunk-digests.ts'
import type { FolderItem } from './file-system.ts'

/** Bytes that change hands between threads: whoever gives them away must not look at them any more. */
export type OwnedBytes = ReturnType<Uint8Array['slice']> // `Uint8Array<ArrayBuffer>`, which older TypeScripts do not know.

/** A file that is read whole. */
export interface SmallFile {
  localPath: string
  /** Bytes, as far as is known. */
  size: number
}

/** Files as they were read, laid end to end. */
export interface SmallFiles {
  bytes: Uint8Array
  /** The digest of all of them together. */
  digest: Digest
  /** In the order asked. Undefined stands for a file that is larger than was allowed, and was not read. */
  files: ({ size: number; digest: Digest; identity: string | undefined } | undefined)[]
}

/** A range of a blob that is a file, or a part of one that was made before. */
export interface PieceToWrite {
  /** The entry's. */
  path: string
  localPath: string
  /** Bytes into the file. */
  position: number
  /** Bytes into what was given. */
  offset: number
  /** Bytes. */
  length: number
  /** Where the piece is all of the file, which is then made: what it must be. */
  whole?: { digest: Digest; executable: boolean; readOnly: boolean } | undefined
}

/**
 * Work on bytes and files that may be done in another thread. Files are told apart by an identity, which changes
 * whenever the content may have changed; it is undefined for a file too young for that to be certain.
 */
export interface Tasks {
  /** What lies in a folder, with the facts of its files. */
  listFolder(input: { folder: string }): FolderItem[]
  /** Reads files of at most `maximum` bytes each. Throws `file_changed`, `file_not_found`, `file_error`. */
  readSmallFiles(input: { files: readonly SmallFile[]; maximum: number }): SmallFiles
  /** Opens a file to be read piece by piece while it is hashed. `hasMore`: it goes on beyond the size that it states. */
  openFile(input: { id: number; localPath: string }): {
    size: number
    identity: string | undefined
    hasMore: boolean
  }
  /** The next bytes, in the memory given if there is some. Throws `file_changed` where the file has got shorter. */
  readPiece(input: { id: number; length: number; memory?: OwnedBytes | undefined }): OwnedBytes
  /** The digest of all that was read. Throws `file_changed` where the file is not what it was. */
  finishFile(input: { id: number }): { digest: Digest }
  /** Closes a file that is not read to its end. */
  abandonFile(input: { id: number }): void
  /** Begins to find chunks. */
  beginChunks(input: { id: number; options: ChunkOptions }): void
  /** Takes the next bytes, and hands them back with the chunks that have ended. */
  cutPiece(input: { id: number; bytes: OwnedBytes }): { bytes: OwnedBytes; chunks: Chunk[] }
  /** The last chunk. */
  endChunks(input: { id: number }): Chunk[]
  /** The digest of bytes, which are handed back. */
  hashBytes(input: { bytes: OwnedBytes }): { bytes: OwnedBytes; digest: Digest }
  /**
   * Writes pieces of a blob into files, and hands the bytes back. These must have the digest, where one is given.
   * Throws `integrity_error`, and then has written nothing; `file_error`.
   */
  writePieces(input: {
    bytes: OwnedBytes
    digest?: Digest | undefined
    pieces: readonly PieceToWrite[]
  }): OwnedBytes
  /**
   * Makes a file of another that lies on this disk and should have this digest; shared with it where that cannot do
   * harm. False, and nothing is there, where it has not, or is gone.
   */
  copyFile(input: {
    from: string
    to: string
    digest: Digest
    executable: boolean
    readOnly: boolean
  }): boolean
  /** Begins to hash what lies in a file by now; undefined where there is no regular file. */
  beginDigest(input: { id: number; localPath: string }): { size: number; executable: boolean } | undefined
  /** Hashes the next bytes, as far as the file goes. With `own`, answers the digest of just these as well. */
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

/** A thread that does one thing after the other, in the order asked. */
export interface Lane {
  /** Memory within `moved` goes along and is gone here. */
  run<Name extends TaskName>(
    name: Name,
    input: TaskInput<Name>,
    moved?: readonly OwnedBytes[],
  ): Promise<TaskOutput<Name>>
}

/** Threads for work that would hold up everything else, or this thread where there are none. */
export interface Crew extends Lane {
  /** How many things are done at a time. */
  readonly size: number
  /** A thread for a series of tasks that belong together. Threads are given in turn. */
  lane(): Lane
  /** Says that this user of the crew is done. */
  release(): void
}
