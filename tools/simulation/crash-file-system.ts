import type { FileStats, FileSystem, FolderEntry, OpenFile } from '@trackway/server/internals'
import type { Random } from './random.ts'

/** A file system in memory that can lose power. */
export interface CrashFileSystem {
  fileSystem: FileSystem
  /** The number of calls so far. */
  readonly calls: number
  /**
   * The state after a power loss: what was flushed, and a random part of the rest, in any order:
   * of the names that were made or removed since their folder was flushed, and of each file's not yet flushed
   * bytes.
   */
  afterPowerLoss(random: Random): CrashFileSystem
}

export interface CrashOptions {
  /** Called before each call, which throws what this throws. */
  onCall?: (number: number, what: string) => void
  /** Milliseconds since 1970. Default: `Date.now`. */
  now?: () => number
}

interface Inode {
  ino: number
  kind: 'file' | 'folder'
  bytes: Uint8Array
  flushed: Uint8Array
  names: Map<string, Inode>
  flushedNames: Map<string, Inode>
  links: number
  mtimeMs: number
  ctimeMs: number
}

/** Creates an empty file system with the folder `/`. */
export function createCrashFileSystem(options: CrashOptions = {}): CrashFileSystem {
  const { now = Date.now } = options
  return over(newInode('folder', 1, now()), options)
}

function newInode(kind: Inode['kind'], ino: number, time: number): Inode {
  const bytes = new Uint8Array()
  const names = new Map<string, Inode>()
  const flushedNames = new Map<string, Inode>()
  return { ino, kind, bytes, flushed: bytes, names, flushedNames, links: 1, mtimeMs: time, ctimeMs: time }
}

function over(root: Inode, options: CrashOptions): CrashFileSystem {
  const { now = Date.now, onCall } = options
  let calls = 0
  let inodes = 1_000_000

  function call(what: string): void {
    calls += 1
    onCall?.(calls, what)
  }

  function find(path: string): Inode {
    let inode = root
    for (const segment of segmentsOf(path)) {
      if (inode.kind !== 'folder') throw failure('ENOTDIR', path)
      const next = inode.names.get(segment)
      if (next === undefined) throw failure('ENOENT', path)
      inode = next
    }
    return inode
  }

  function parentOf(path: string): { folder: Inode; name: string } {
    const segments = segmentsOf(path)
    const name = segments.pop() ?? ''
    const folder = find(`/${segments.join('/')}`)
    if (folder.kind !== 'folder') throw failure('ENOTDIR', path)
    return { folder, name }
  }

  function make(path: string, kind: Inode['kind']): Inode {
    const { folder, name } = parentOf(path)
    if (folder.names.has(name)) throw failure('EEXIST', path)
    const inode = newInode(kind, (inodes += 1), now())
    folder.names.set(name, inode)
    return inode
  }

  const fileSystem: FileSystem = {
    async open(path, flags) {
      call(`open ${path}`)
      return openInode(flags === 'wx' ? make(path, 'file') : find(path), { path, call, now })
    },
    async stat(path) {
      call(`stat ${path}`)
      return statsOf(find(path))
    },
    async link(existing, added) {
      call(`link ${added}`)
      const inode = find(existing)
      const { folder, name } = parentOf(added)
      if (folder.names.has(name)) throw failure('EEXIST', added)
      folder.names.set(name, inode)
      inode.links += 1
      inode.ctimeMs = now()
    },
    async unlink(path) {
      call(`unlink ${path}`)
      const { folder, name } = parentOf(path)
      const inode = folder.names.get(name)
      if (inode === undefined) throw failure('ENOENT', path)
      folder.names.delete(name)
      inode.links -= 1
      inode.ctimeMs = now()
    },
    async mkdir(path) {
      call(`mkdir ${path}`)
      make(path, 'folder')
    },
    async readdir(path) {
      call(`readdir ${path}`)
      const folder = find(path)
      if (folder.kind !== 'folder') throw failure('ENOTDIR', path)
      return [...folder.names].map(([name, inode]) => entryOf(name, inode))
    },
  }
  return {
    fileSystem,
    get calls() {
      return calls
    },
    afterPowerLoss: (random) => over(whatIsLeft(root, random), { now }),
  }
}

function openInode(
  inode: Inode,
  { path, call, now }: { path: string; call: (what: string) => void; now: () => number },
): OpenFile {
  return {
    async read(buffer, offset, length, position) {
      call(`read ${path}`)
      if (inode.kind === 'folder') throw failure('EISDIR', path)
      const bytes = inode.bytes.subarray(position, position + length)
      buffer.set(bytes, offset)
      return { bytesRead: bytes.length }
    },
    async writev(pieces, position) {
      call(`writev ${path}`)
      const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
      const bytes = new Uint8Array(Math.max(inode.bytes.length, position + length))
      bytes.set(inode.bytes)
      let offset = position
      for (const piece of pieces) {
        bytes.set(piece, offset)
        offset += piece.length
      }
      inode.bytes = bytes
      inode.mtimeMs = now()
      return { bytesWritten: length }
    },
    async sync() {
      call(`sync ${path}`)
      inode.flushed = inode.bytes
      inode.flushedNames = new Map(inode.names)
    },
    async stat() {
      call(`fstat ${path}`)
      return statsOf(inode)
    },
    async close() {
      // Closing never fails, and a process that has ended has closed everything.
    },
  }
}

/** A copy of what survives. A file that has several names stays one file. */
function whatIsLeft(root: Inode, random: Random): Inode {
  const copies = new Map<Inode, Inode>()
  function copy(inode: Inode): Inode {
    const known = copies.get(inode)
    if (known !== undefined) return known
    const bytes = bytesLeft(inode, random)
    const left: Inode = {
      ...inode,
      bytes,
      flushed: bytes,
      names: new Map(),
      flushedNames: new Map(),
      links: 0,
    }
    copies.set(inode, left)
    for (const name of new Set([...inode.flushedNames.keys(), ...inode.names.keys()])) {
      const before = inode.flushedNames.get(name)
      const after = inode.names.get(name)
      const survivor = before === after || random.chance(0.5) ? after : before
      if (survivor === undefined) continue
      const child = copy(survivor)
      child.links += 1
      left.names.set(name, child)
    }
    left.flushedNames = new Map(left.names)
    return left
  }
  return copy(root)
}

/**
 * Any part of the not yet flushed bytes may have reached the disk, and the new length may be there before
 * they are.
 */
function bytesLeft({ bytes, flushed }: Inode, random: Random): Uint8Array {
  if (bytes === flushed) return flushed
  switch (random.below(4)) {
    case 0:
      return flushed
    case 1:
      return bytes
    case 2:
      return bytes.slice(0, random.below(bytes.length + 1))
    default:
      return bytes.map((byte, index) => (index < flushed.length ? byte : 0))
  }
}

function statsOf({ bytes, ino, links, mtimeMs, ctimeMs, kind }: Inode): FileStats {
  return { size: bytes.length, ino, nlink: links, mtimeMs, ctimeMs, isFile: () => kind === 'file' }
}

function entryOf(name: string, { kind }: Inode): FolderEntry {
  return {
    name,
    isFile: () => kind === 'file',
    isDirectory: () => kind === 'folder',
    isSymbolicLink: () => false,
  }
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}
