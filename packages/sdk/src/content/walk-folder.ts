import { comparePaths, defaultLimits, parsePath, TrackwayError } from '@trackway/protocol'
import { fileSystem, openCrew } from '#platform'
import type { FileFacts, FolderItem } from '../platform/file-system.ts'
import type { Crew } from '../platform/tasks.ts'
import { runLimited } from '../transfer/run-limited.ts'
import { createIgnoreRules, type IgnoreRules } from './ignore-rules.ts'

/** A file that a walk came by. */
export interface WalkedFile {
  /** Relative to the folder, as an entry's path. */
  path: string
  /** Where it lies. */
  localPath: string
  /** Bytes, as of the walk. */
  size: number
  executable: boolean
  /** Tells the state of the file from others, if that can be told. */
  identity?: string | undefined
}

export interface WalkOptions {
  /** Patterns of gitignore, on top of the folder's own ignore files. */
  ignore?: readonly string[] | undefined
  signal?: AbortSignal | undefined
}

interface Folder {
  /** Relative, without a slash at the end; empty: the folder itself. */
  path: string
  localPath: string
  /** Where it lies behind all links; the same for the folder's own folders, up to the first. */
  realPath: string
  parent: Folder | undefined
  rules: IgnoreRules
}

type Found = { file: WalkedFile } | { folder: Omit<Folder, 'rules'> } | undefined

const ignoreFile = '.trackwayignore'
const foldersAtOnce = 16
const filesAtOnce = 8
/** From so many files on, other threads look at them. */
const manyFiles = 256

/**
 * All files of a folder, sorted by path, without what its ignore files leave out. Links are followed as long as they
 * stay inside. Throws `link_refused`, `file_unsupported`, `path_invalid`, `too_large`.
 */
export async function walkFolder(root: string, { ignore, signal }: WalkOptions = {}): Promise<WalkedFile[]> {
  const realPath = (await fileSystem.realPath(root)) ?? root
  const top: Folder = {
    path: '',
    localPath: root,
    realPath,
    parent: undefined,
    rules: createIgnoreRules(ignore),
  }
  const files: WalkedFile[] = []
  const lister = createLister()
  try {
    for (let level: Folder[] = [top]; level.length > 0; ) {
      const next: Folder[] = []
      await runLimited(
        level,
        async (folder) => {
          const content = await readFolder(folder, { root: realPath, list: lister.list })
          for (const file of content.files) files.push(file)
          for (const each of content.folders) next.push(each)
        },
        { concurrency: foldersAtOnce, signal },
      )
      if (files.length > defaultLimits.entries) throw tooMany(root)
      level = next
    }
  } finally {
    lister.release()
  }
  return files.sort((a, b) => comparePaths(a.path, b.path))
}

/** Lists folders: here while they are few, in other threads, which also look at the files, once they are many. */
function createLister() {
  let seen = 0
  let opening: Promise<Crew> | undefined
  let crew: Crew | undefined
  return {
    async list(folder: string): Promise<FolderItem[]> {
      if (crew !== undefined) return crew.run('listFolder', { folder })
      const items = await fileSystem.list(folder)
      seen += items.length
      if (seen <= manyFiles) return items
      opening ??= openCrew({ bytes: 0, files: Infinity })
      crew = await opening
      return crew.run('listFolder', { folder })
    },
    release: () => crew?.release(),
  }
}

function tooMany(root: string): TrackwayError {
  return new TrackwayError(
    'too_large',
    `The folder ${root} has more than ${defaultLimits.entries} files, which is what a version can hold; leave some out by ${ignoreFile}, or make several artifacts`,
    {
      details: { limit: 'entries', maximum: defaultLimits.entries },
    },
  )
}

interface Listing {
  root: string
  list(folder: string): Promise<FolderItem[]>
}

async function readFolder(
  folder: Folder,
  { root, list }: Listing,
): Promise<{ files: WalkedFile[]; folders: Folder[] }> {
  const items = await list(folder.localPath)
  const rules = await rulesIn(folder, items)
  const files: WalkedFile[] = []
  const folders: Folder[] = []
  const within = { ...folder, rules }
  const unknown: FolderItem[] = []
  const found: Found[] = []
  for (const item of items) {
    if (item.facts === undefined) unknown.push(item)
    else found.push(visitFile(within, item.name, item.facts))
  }
  const visited = await runLimited(unknown, (item) => visit(within, item, root), { concurrency: filesAtOnce })
  for (const result of [...found, ...visited]) {
    if (result === undefined) continue
    if ('file' in result) files.push(result.file)
    else folders.push({ ...result.folder, rules })
  }
  return { files, folders }
}

async function rulesIn(folder: Folder, items: readonly FolderItem[]): Promise<IgnoreRules> {
  if (!items.some((item) => item.name === ignoreFile)) return folder.rules
  const text = await fileSystem.readText(fileSystem.join(folder.localPath, ignoreFile))
  return text === undefined ? folder.rules : folder.rules.within(folder.path, text)
}

/** A file that was looked at when its folder was listed. */
function visitFile(parent: Folder, name: string, facts: FileFacts): Found {
  const path = pathIn(parent, name)
  if (name === ignoreFile || parent.rules.ignores(path)) return undefined
  return fileAt(path, fileSystem.join(parent.localPath, name), facts)
}

function pathIn(parent: Folder, name: string): string {
  const normal = name.normalize('NFC')
  return parent.path === '' ? normal : `${parent.path}/${normal}`
}

async function visit(parent: Folder, { name, kind }: FolderItem, root: string): Promise<Found> {
  const path = pathIn(parent, name)
  const localPath = fileSystem.join(parent.localPath, name)
  // The ignore file steers the adding and is no data; a store in the folder must not swallow itself, and what a download
  // writes at the moment is not whole.
  if (name === ignoreFile || (kind !== 'file' && (name === '.trackway' || fileSystem.isStagingName(name))))
    return undefined
  if (parent.rules.ignores(kind === 'folder' ? `${path}/` : path)) return undefined
  if (kind === 'folder') {
    return { folder: { path, localPath, realPath: fileSystem.join(parent.realPath, name), parent } }
  }
  if (kind === 'link') return followLink(parent, { path, localPath, root })
  // Pipes and devices are not even looked at: some devices act on it.
  if (kind !== 'file') return fileAt(path, localPath, undefined)
  const facts = await fileSystem.look(localPath)
  if (facts !== undefined) return fileAt(path, localPath, facts)
  throw new TrackwayError('file_not_found', `${localPath} went away while its folder was read`, {
    details: { path: localPath },
  })
}

interface Place {
  path: string
  localPath: string
  root: string
}

async function followLink(parent: Folder, { path, localPath, root }: Place): Promise<Found> {
  const realPath = await fileSystem.realPath(localPath)
  const facts = realPath === undefined ? undefined : await fileSystem.look(realPath)
  if (facts?.kind !== 'file' && parent.rules.ignores(`${path}/`)) return undefined
  if (realPath === undefined || facts === undefined) return refuseLink(localPath, 'which is not there')
  if (!fileSystem.isWithin(realPath, root)) return refuseLink(localPath, `which is outside of ${root}`)
  if (facts.kind !== 'folder') return fileAt(path, localPath, facts)
  for (let folder: Folder | undefined = parent; folder !== undefined; folder = folder.parent) {
    if (folder.realPath === realPath) return refuseLink(localPath, 'a folder that it lies in itself')
  }
  return { folder: { path, localPath, realPath, parent } }
}

async function refuseLink(link: string, why: string): Promise<never> {
  const target = await fileSystem.readLink(link)
  throw new TrackwayError(
    'link_refused',
    `The symbolic link ${link} leads to ${target}, ${why}; remove it, or leave it out by ${ignoreFile} or { ignore }`,
    {
      details: { link, target },
    },
  )
}

function fileAt(path: string, localPath: string, facts: FileFacts | undefined): Found {
  if (facts?.kind === 'file') {
    const { size, executable, identity } = facts
    return { file: { path: parsePath(path), localPath, size, executable, identity } }
  }
  throw new TrackwayError(
    'file_unsupported',
    `${localPath} is no regular file (a pipe, socket or device); leave it out by ${ignoreFile} or { ignore }`,
    {
      details: { path: localPath },
    },
  )
}
