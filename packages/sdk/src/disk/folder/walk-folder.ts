import { basename, join } from 'node:path'
import { comparePaths, defaultLimits, TrackwayError } from '@trackway/protocol'
import type { FileFacts } from '../files/file-facts.ts'
import type { FolderItem } from '../files/folder-items.ts'
import { runLimited } from '../../concurrency/run-limited.ts'
import { ignoreFile, readIgnoreFiles } from './ignore-files.ts'
import { createIgnoreRules, type IgnoreRules } from './ignore-rules.ts'
import { isKept, isLeftOut, isStore, ownNames, refuseStore } from './left-out.ts'
import { createFolderLister, type FolderLister } from './list-folders.ts'
import { orIgnore, refuseKind, refuseLink, refuseName, refuseTwin, type Refusal } from './refusals.ts'
import { isWithin, look, realPathOf } from '../files/files.ts'

/**
 * A file that a walk found.
 *
 * @internal
 */
export interface WalkedFile {
  /** Relative to the folder, as an entry's path. */
  path: string
  /** Where it is stored. */
  localPath: string
  /** Bytes, when it was found. */
  size: number
  executable: boolean
  /** Identifies the state of the file, if there is a way to. */
  identity?: string | undefined
}

/**
 * The content of a folder.
 *
 * @internal
 */
export interface FolderWalk {
  root: string
  /** Whether everything was taken as it is on the disk. */
  asIs: boolean
  /** Sorted by path. */
  files: WalkedFile[]
  /** What cannot become an entry. */
  refusals: Refusal[]
  /** Whether rules excluded something. */
  leftOut: boolean
  /** Local paths of the folders below that are completely empty. */
  emptyFolders: string[]
}

/** What is left out of a folder that is added or compared. */
export interface FolderFilter {
  /** Gitignore patterns; they have precedence over the folder's own `.trackwayignore` files. */
  ignore?: string | readonly string[] | undefined
  /** Whether `.gitignore` files exclude files too; `.trackwayignore` files overrule them. Default: false. */
  gitignore?: boolean | undefined
}

/** @internal */
export interface WalkOptions extends FolderFilter {
  /** Whether everything is taken as it is on the disk: nothing is left out, and links are refused. */
  asIs?: boolean
  signal?: AbortSignal | undefined
}

interface Folder {
  /** Relative, without a trailing slash; empty: the folder itself. */
  path: string
  localPath: string
  /** The path after resolving all links; the same for the folder's own folders, up to the first link. */
  realPath: string
  /** Links to folders on the way. */
  links: number
  parent: Folder | undefined
  rules: IgnoreRules
}

type Found = { file: WalkedFile } | { folder: Folder } | { refusal: Refusal } | undefined

const foldersAtOnce = 16
const filesAtOnce = 8
/** How often a folder may be reached through several consecutive links: links that fan out have no end. */
const mostVisits = 1000

/**
 * All files of a folder, without what its ignore files exclude. Links are followed as long as they stay
 * inside. Throws `link_refused`, `file_unsupported`, `too_large`, `aborted`.
 *
 * @internal
 */
export async function walkFolder(root: string, options: WalkOptions = {}): Promise<FolderWalk> {
  const { ignore, signal, asIs = false } = options
  const realPath = (await realPathOf(root)) ?? root
  if (!asIs) await refuseStore(root, realPath)
  const rules = createIgnoreRules(ignore)
  const top: Folder = { path: '', localPath: root, realPath, links: 0, parent: undefined, rules }
  const walk: FolderWalk = { root, asIs, files: [], refusals: [], leftOut: false, emptyFolders: [] }
  const lister = createFolderLister()
  const context = { ...options, asIs, root: realPath, lister, countVisit: createVisitCount() }
  try {
    for (let level: Folder[] = [top]; level.length > 0; ) {
      const next: Folder[] = []
      await runLimited(
        level,
        async (folder) => {
          for (const found of await readFolder(folder, context, walk)) {
            if (found === undefined) continue
            if ('file' in found) walk.files.push(found.file)
            else if ('folder' in found) next.push(found.folder)
            else walk.refusals.push(found.refusal)
          }
        },
        { concurrency: foldersAtOnce, signal },
      )
      if (walk.files.length > defaultLimits.entries) throw tooMany(root)
      level = next
    }
  } finally {
    lister.release()
  }
  walk.files.sort((a, b) => comparePaths(a.path, b.path) || comparePaths(a.localPath, b.localPath))
  refuseTwins(walk)
  walk.refusals.sort((a, b) => comparePaths(a.path, b.path))
  return walk
}

function tooMany(root: string): TrackwayError {
  return new TrackwayError(
    'too_large',
    `The folder ${root} has more than ${defaultLimits.entries} files, the most that a version can hold; exclude some with ${ignoreFile}, or make several artifacts`,
    {
      details: { limit: 'entries', maximum: defaultLimits.entries },
    },
  )
}

/** Counts by real path how often a folder is visited through several links. Throws `link_refused`. */
function createVisitCount(): (folder: Folder) => void {
  const visits = new Map<string, number>()
  return ({ localPath, realPath, links }) => {
    if (links < 2) return
    const count = (visits.get(realPath) ?? 0) + 1
    visits.set(realPath, count)
    if (count <= mostVisits) return
    throw new TrackwayError(
      'link_refused',
      `Symbolic links lead to the folder ${realPath} in more than ${mostVisits} ways, one of which is ${localPath}; remove links to folders that contain links to folders`,
      { details: { link: localPath, target: realPath }, hint: orIgnore('leave them') },
    )
  }
}

function refuseTwins({ files, refusals }: FolderWalk): void {
  for (const [index, { path, localPath }] of files.entries()) {
    const before = files[index - 1]
    if (before?.path === path) refusals.push(refuseTwin(path, [before.localPath, localPath]))
  }
}

interface Context {
  root: string
  asIs: boolean
  gitignore?: boolean | undefined
  lister: FolderLister
  signal?: AbortSignal | undefined
  countVisit(folder: Folder): void
}

async function readFolder(folder: Folder, context: Context, walk: FolderWalk): Promise<Found[]> {
  context.countVisit(folder)
  const items = await context.lister.list(folder.localPath)
  if (items.length === 0 && folder.parent !== undefined) walk.emptyFolders.push(folder.localPath)
  if (await isForeignStore(folder, items, context)) {
    walk.leftOut = true
    return []
  }
  const within = { ...folder, rules: await rulesIn(folder, items, context) }
  const own = await ownNames(folder.localPath, items)
  const found: Found[] = []
  const unknown: FolderItem[] = []
  for (const item of items) {
    const stays = context.asIs
      ? folder.parent === undefined && isKept(item)
      : own.has(item.name) || isOut(within, item)
    if (stays) walk.leftOut = true
    else if (item.facts === undefined) unknown.push(item)
    else found.push(fileAt(within, item, item.facts))
  }
  const visited = await runLimited(unknown, (item) => visit(within, item, context), {
    concurrency: filesAtOnce,
    signal: context.signal,
  })
  return [...found, ...visited]
}

/** Whether a folder below is a store that no pattern includes: the store would store itself. */
async function isForeignStore(
  folder: Folder,
  items: readonly FolderItem[],
  { asIs }: Context,
): Promise<boolean> {
  if (asIs || folder.parent === undefined || !(await isStore(folder.localPath, items))) return false
  return !folder.rules.wants(`${folder.path}/`, basename(folder.path))
}

async function rulesIn(folder: Folder, items: readonly FolderItem[], context: Context): Promise<IgnoreRules> {
  if (context.asIs) return folder.rules
  const files = await readIgnoreFiles(folder.localPath, items, { gitignore: context.gitignore ?? false })
  if (files.git === undefined && files.own === undefined) return folder.rules
  return folder.rules.within(folder.path, files)
}

/** Whether an item is left out because of its name. */
function isOut(parent: Folder, item: FolderItem): boolean {
  const path = pathIn(parent, item.name)
  const marked = item.kind === 'folder' ? `${path}/` : path
  if (isLeftOut(item) && !parent.rules.wants(marked, item.name)) return true
  return parent.rules.ignores(marked)
}

function pathIn(parent: Folder, name: string): string {
  const normal = name.normalize('NFC')
  return parent.path === '' ? normal : `${parent.path}/${normal}`
}

async function visit(parent: Folder, item: FolderItem, context: Context): Promise<Found> {
  const { name, kind, bytes } = item
  const path = pathIn(parent, name)
  const localPath = join(parent.localPath, name)
  if (kind === 'folder') {
    const refusal = refuseName(path, localPath, item)
    if (refusal !== undefined) return { refusal }
    return {
      folder: { ...parent, path, localPath, realPath: join(parent.realPath, name), parent },
    }
  }
  if (kind === 'link' && bytes === undefined) return followLink(parent, item, context)
  // Pipes and devices are not even inspected: some devices react to it.
  if (kind !== 'file' || bytes !== undefined) return fileAt(parent, item, undefined)
  const facts = await look(localPath)
  if (facts !== undefined) return fileAt(parent, item, facts)
  throw new TrackwayError('file_not_found', `${localPath} was removed while its folder was read`, {
    details: { path: localPath },
  })
}

async function followLink(parent: Folder, item: FolderItem, { root, asIs }: Context): Promise<Found> {
  const path = pathIn(parent, item.name)
  const localPath = join(parent.localPath, item.name)
  const refuse = async (why: string) => ({ refusal: await refuseLink(path, localPath, why) })
  if (asIs) return refuse('which is not a file')
  const realPath = await realPathOf(localPath)
  const facts = realPath === undefined ? undefined : await look(realPath)
  if (facts?.kind !== 'file' && parent.rules.ignores(`${path}/`)) return undefined
  if (realPath === undefined || facts === undefined) return refuse('which does not exist')
  if (!isWithin(realPath, root)) return refuse(`which is outside of ${root}`)
  if (facts.kind !== 'folder') return fileAt(parent, item, facts)
  for (let folder: Folder | undefined = parent; folder !== undefined; folder = folder.parent) {
    if (folder.realPath === realPath) return refuse('a folder that contains the link itself')
  }
  const refusal = refuseName(path, localPath, item)
  if (refusal !== undefined) return { refusal }
  return { folder: { ...parent, path, localPath, realPath, links: parent.links + 1, parent } }
}

function fileAt(parent: Folder, item: FolderItem, facts: FileFacts | undefined): Found {
  const path = pathIn(parent, item.name)
  const localPath = join(parent.localPath, item.name)
  const refusal = refuseName(path, localPath, item)
  if (refusal !== undefined) return { refusal }
  if (facts?.kind !== 'file') return { refusal: refuseKind(path, localPath) }
  const { size, executable, identity } = facts
  return { file: { path, localPath, size, executable, identity } }
}
