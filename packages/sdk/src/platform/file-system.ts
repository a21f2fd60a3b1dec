import type { ContentSource } from '../content/content-source.ts'

/** What a path leads to. */
export interface FileFacts {
  kind: 'file' | 'folder' | 'other'
  /** Bytes. */
  size: number
  /** Whether anybody may execute it. Unknown on Windows. */
  executable: boolean
  /**
   * Changes whenever the content may have changed. Undefined for a file too recent for that to be certain.
   */
  identity?: string | undefined
}

/** One item of a folder. Links are not followed. */
export interface FolderItem {
  name: string
  kind: 'file' | 'folder' | 'link' | 'other'
  /**
   * For a name that is not UTF-8, so that no path leads to the item: its bytes as text, such as `caf\xe9`.
   */
  bytes?: string
  /** For a file, if it was inspected while the folder was listed. */
  facts?: FileFacts
}

/** A temporary file for the content of a stream. */
export interface Spool {
  write(bytes: Uint8Array): Promise<void>
  /** What was written, readable as often as needed; releasing it removes the file. */
  finish(): Promise<ContentSource>
  discard(): Promise<void>
}

/**
 * A private folder beside a target, which replaces the target once it is complete; inside the target if that
 * cannot be replaced. It may contain what an earlier download to this target left, in any state.
 */
export interface Staging {
  /** Which of these paths the target cannot hold, and why. */
  unsupported(paths: readonly string[]): Promise<{ path: string; reason: string }[]>
  /** The paths of files that an earlier download left. */
  leftover(): Promise<string[]>
  /** The local path of the file for a path. */
  localPath(path: string): string
  /** Removes whatever is at a path. */
  remove(path: string): Promise<void>
  /** Makes the folders that files of these paths need. */
  makeFolders(paths: readonly string[]): Promise<void>
  /** Creates a file, which must not exist, for parts to be written into. `size` is in bytes. */
  create(path: string, options: { executable: boolean; size: number }): Promise<void>
  /** Writes a small text file, and flushes it. */
  write(path: string, text: string): Promise<void>
  /** Makes a complete file read-only. */
  protect(path: string, options: { executable: boolean }): Promise<void>
  /** Makes sure that files would survive a power loss. */
  flush(paths: readonly string[]): Promise<void>
  /**
   * Moves the folder to its target. Returns false if the target exists, unless it is an empty folder or
   * `overwrite` is set.
   */
  publish(options: { overwrite: boolean }): Promise<boolean>
  /** Leaves the content for the next download to this target, and returns its path and its size in bytes. */
  leave(): Promise<{ path: string; bytes: number }>
  /** Removes what is left. Returns why a part of it remains; undefined if nothing does. */
  discard(): Promise<string | undefined>
}

/** Announces that somebody is doing a task, so that others do not have to. */
export interface Lock {
  release(): Promise<void>
}

/** Folders with content that can be fetched again. */
export interface StoredFolders {
  /** When a file was last used, in milliseconds since 1970; undefined if it does not exist. */
  usedAt(path: string): Promise<number | undefined>
  /** Whether a folder has files of these paths and sizes. Reads no content. */
  haveSizes(folder: string, files: Iterable<{ path: string; size: number }>): Promise<boolean>
  /** Records that a file is used now. */
  noteUse(path: string): Promise<void>
  /** Whether a folder belongs to a user other than this one and root. */
  isForeign(folder: string): Promise<boolean>
  /** Removes a folder, which vanishes at once, and its parents that are empty then, up to `top`. */
  remove(folder: string, top: string): Promise<void>
  /** The files below a folder: the identity of each, whatever its names, and its size in bytes. */
  measure(folder: string): Promise<{ id: string; bytes: number }[]>
}

/** The files of this machine. In browsers every call throws `file_unsupported`, except for spooling. */
export interface FileSystem {
  /** Whether files have an executable bit. */
  readonly knowsExecutables: boolean
  /** A path or a `file:` URL as an absolute path. */
  absolute(path: string | URL): string
  join(folder: string, name: string): string
  baseName(path: string): string
  /** Whether an absolute path is a folder or is inside it. */
  isWithin(path: string, folder: string): boolean
  /** What a path leads to after following links; undefined if it leads nowhere. */
  look(path: string): Promise<FileFacts | undefined>
  /** The items of a folder. */
  list(folder: string): Promise<FolderItem[]>
  /** The real path of a path; undefined if a link on the way leads nowhere. */
  realPath(path: string): Promise<string | undefined>
  /** The target of a symbolic link. */
  readLink(path: string): Promise<string>
  /** A small text file; undefined if there is none. */
  readText(path: string): Promise<string | undefined>
  /** The content of a file. Nothing is opened yet. */
  source(path: string): ContentSource
  createSpool(label: string): Promise<Spool>
  /** The default location of downloads. */
  assetsDirectory(): string
  readonly stored: StoredFolders
  /** Whether a name is that of a folder into which a download writes. */
  isStagingName(name: string): boolean
  /** Tries to take a lock file; `held` if somebody else has it. It saves work, but nothing may rely on it. */
  tryLock(path: string): Promise<Lock | 'held'>
  /**
   * Whether a path is a symbolic link. Throws `link_refused` for one that a user other than this one and root
   * made.
   */
  isOwnLink(path: string): Promise<boolean>
  /** Whether a folder is empty except for files of the file system and of downloads. */
  isVacant(folder: string): Promise<boolean>
  /**
   * Begins a download to an absolute path. Makes the folders above it. `replaces` says that existing content
   * has to be removed: throws `file_error` if it cannot be.
   */
  openStaging(target: string, options: { replaces: boolean }): Promise<Staging>
  /** Undoes what an interrupted download had moved into an absolute path. */
  settleStaging(target: string): Promise<void>
  /** Removes the leftovers of interrupted downloads to an absolute path that is complete. */
  removeStaging(target: string): Promise<void>
}
