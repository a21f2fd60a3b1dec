import { link, mkdir, open, readdir, stat, unlink } from 'node:fs/promises'

/**
 * Every file operation of a directory store. It is passed in, so that a test can simulate a power loss, a
 * full disk or file system without hard links.
 */
export interface FileSystem {
  /**
   * Opens a file for reading (`r`), or a folder to flush it, or creates a file that must not exist (`wx`).
   */
  open(path: string, flags: 'r' | 'wx'): Promise<OpenFile>
  stat(path: string): Promise<FileStats>
  /** Gives a file a second name, which must be free: the one atomic step that every put depends on. */
  link(existing: string, added: string): Promise<void>
  unlink(path: string): Promise<void>
  /** Creates one folder in a folder that exists. */
  mkdir(path: string): Promise<void>
  readdir(path: string): Promise<FolderEntry[]>
}

export interface OpenFile {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>
  /** Writes pieces one after another from the given position on, possibly not all of them. */
  writev(pieces: Uint8Array[], position: number): Promise<{ bytesWritten: number }>
  /** Makes what was written so far, or a folder's names, survive a power loss. */
  sync(): Promise<void>
  stat(): Promise<FileStats>
  close(): Promise<void>
}

export interface FileStats {
  size: number
  ino: number
  /** How many names the file has. */
  nlink: number
  mtimeMs: number
  ctimeMs: number
  isFile(): boolean
}

export interface FolderEntry {
  name: string
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

export const nodeFileSystem: FileSystem = {
  open: (path, flags) => open(path, flags),
  stat: (path) => stat(path),
  link,
  unlink,
  mkdir: (path) => mkdir(path),
  readdir: (path) => readdir(path, { withFileTypes: true }),
}
