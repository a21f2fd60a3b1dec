import type { ContentSource } from '../content/content-source.ts'

/** What a path leads to. */
export interface FileFacts {
  kind: 'file' | 'folder' | 'other'
  /** Bytes. */
  size: number
  /** Whether anybody may run it. Windows does not know. */
  executable: boolean
  /** Changes whenever the content may have changed. Undefined for a file too young for that to be certain. */
  identity?: string | undefined
}

/** One item of a folder. Links are not followed. */
export interface FolderItem {
  name: string
  kind: 'file' | 'folder' | 'link' | 'other'
  /** Of a name that is not UTF-8, so that no path leads to the item: its bytes as text, such as `caf\xe9`. */
  bytes?: string
  /** Of a file, where whoever listed the folder looked at it. */
  facts?: FileFacts
}

/** A temporary file that takes a stream. */
export interface Spool {
  write(bytes: Uint8Array): Promise<void>
  /** What was written, to be read as often as needed; releasing it removes the file. */
  finish(): Promise<ContentSource>
  discard(): Promise<void>
}

/**
 * A private folder beside a target, which takes the target's place once it is complete; inside of a target that cannot be
 * replaced. It may hold what an earlier download to this target left, in whatever state.
 */
export interface Staging {
  /** Which of these paths the target cannot hold, and why. */
  unsupported(paths: readonly string[]): Promise<{ path: string; reason: string }[]>
  /** The paths of files that an earlier download left behind. */
  leftover(): Promise<string[]>
  /** Where the file of a path lies. */
  localPath(path: string): string
  /** Removes what lies at a path. */
  remove(path: string): Promise<void>
  /** Makes the folders that files of these paths need. */
  makeFolders(paths: readonly string[]): Promise<void>
  /** Makes a file, which must not exist, for parts to be written into. `size` is in bytes. */
  create(path: string, options: { executable: boolean; size: number }): Promise<void>
  /** Makes a small text file, and flushes it. */
  write(path: string, text: string): Promise<void>
  /** Takes the permission to write from a file that is complete. */
  protect(path: string, options: { executable: boolean }): Promise<void>
  /** Makes sure that files would survive a power loss. */
  flush(paths: readonly string[]): Promise<void>
  /**
   * Moves the folder to its target. Answers false where something stands there, unless that is an empty folder or
   * `overwrite` says to replace it.
   */
  publish(options: { overwrite: boolean }): Promise<boolean>
  /** Leaves what is there for the next download to this target, and says where it is and how many bytes it has. */
  leave(): Promise<{ path: string; bytes: number }>
  /** Removes what is left. Answers why some of it stays; undefined where nothing does. */
  discard(): Promise<string | undefined>
}

/** Says that somebody does something, so that others need not do it too. */
export interface Lock {
  release(): Promise<void>
}

/** Folders that hold what can be fetched again. */
export interface StoredFolders {
  /** When a file was used last, in milliseconds since 1970; undefined where there is none. */
  usedAt(path: string): Promise<number | undefined>
  /** Whether a folder has files of these paths and sizes. Nothing is read. */
  haveSizes(folder: string, files: Iterable<{ path: string; size: number }>): Promise<boolean>
  /** Notes that a file is used now. */
  noteUse(path: string): Promise<void>
  /** Whether a folder belongs to a user who is neither this one nor root. */
  isForeign(folder: string): Promise<boolean>
  /** Removes a folder, which vanishes at once, and those above it that are empty then, up to `top`. */
  remove(folder: string, top: string): Promise<void>
  /** The files below a folder: what tells one from another, whatever its names, and their bytes. */
  measure(folder: string): Promise<{ id: string; bytes: number }[]>
}

/** The files of this machine. In browsers every call throws `file_unsupported`, but for spooling. */
export interface FileSystem {
  /** Whether files say if they may be run. */
  readonly knowsExecutables: boolean
  /** A path or a `file:` URL as an absolute path. */
  absolute(path: string | URL): string
  join(folder: string, name: string): string
  baseName(path: string): string
  /** Whether an absolute path is a folder or lies in it. */
  isWithin(path: string, folder: string): boolean
  /** What a path leads to, links followed; undefined where it leads nowhere. */
  look(path: string): Promise<FileFacts | undefined>
  /** The items of a folder. */
  list(folder: string): Promise<FolderItem[]>
  /** Where a path leads in the end; undefined where a link on the way leads nowhere. */
  realPath(path: string): Promise<string | undefined>
  /** What a symbolic link says. */
  readLink(path: string): Promise<string>
  /** A small text file; undefined where there is none. */
  readText(path: string): Promise<string | undefined>
  /** The content of a file. Nothing is opened yet. */
  source(path: string): ContentSource
  createSpool(label: string): Promise<Spool>
  /** Where downloads go that name no folder. */
  assetsDirectory(): string
  readonly stored: StoredFolders
  /** Whether a name is that of a folder into which a download writes. */
  isStagingName(name: string): boolean
  /** Tries to be the only one, by a file; `held` where somebody else is. It saves work, and nothing may rest on it. */
  tryLock(path: string): Promise<Lock | 'held'>
  /** Whether a path is a symbolic link. Throws `link_refused` for one that another user but root made. */
  isOwnLink(path: string): Promise<boolean>
  /** Whether a folder is empty but for what the file system and downloads keep in it. */
  isVacant(folder: string): Promise<boolean>
  /**
   * Begins a download to an absolute path. Makes the folders above it. `replaces` says that something is there which has to
   * go: throws `file_error` where it cannot.
   */
  openStaging(target: string, options: { replaces: boolean }): Promise<Staging>
  /** Takes back what a download that is no more had moved into an absolute path without coming to the end. */
  settleStaging(target: string): Promise<void>
  /** Removes what downloads that are no more left of an absolute path, at which all of it is. */
  removeStaging(target: string): Promise<void>
}
