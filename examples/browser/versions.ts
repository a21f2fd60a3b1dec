import { formatBytes, type Artifact, type Entry, type Session, type VersionRecord } from '@trackway/sdk'
import { count, find, make } from './elements.ts'
import { attempt, transfer } from './transfer.ts'

const list = find('list', HTMLElement)
const preview = find('preview', HTMLDialogElement)
const previewTitle = find('preview-title', HTMLElement)
const previewContent = find('preview-content', HTMLElement)
const times = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const mostShown = 200
const mostPreviewBytes = 100_000
const images: Record<string, string> = {
  avif: 'image/avif',
  gif: 'image/gif',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  svg: 'image/svg+xml',
  webp: 'image/webp',
}

export interface ArtifactScope {
  name: string
  type: string
  experiment: string
}

/** Lists the versions of an artifact, the newest first and expanded. */
export async function showVersions(session: Session, scope: ArtifactScope): Promise<void> {
  const { name, type, experiment } = scope
  const records = await session.listVersions(name, type, { experiment })
  const items = records.map((record, index) => versionItem(session, scope, { record, isOpen: index === 0 }))
  const none = make('p', { className: 'quiet' }, `There is no version of ${type}/${name} yet.`)
  list.replaceChildren(...(items.length > 0 ? items : [none]))
}

function versionItem(
  session: Session,
  { name, type, experiment }: ArtifactScope,
  { record, isOpen }: { record: VersionRecord; isOpen: boolean },
): HTMLElement {
  const { tag, fileCount, size, createdAt } = record
  const facts = `${count(fileCount, 'file')} · ${formatBytes(size)} · ${times.format(new Date(createdAt))}`
  const content = make('div', { className: 'version' })
  const item = make(
    'details',
    {},
    make('summary', {}, make('strong', {}, tag), make('span', { className: 'quiet' }, facts)),
    content,
  )
  item.addEventListener('toggle', () => {
    if (!item.open || content.childElementCount > 0) return
    void attempt(async () => {
      const artifact = await session.getArtifact(name, type, tag, { experiment })
      content.replaceChildren(downloadButton(artifact), entryTable(artifact))
    })
  })
  item.open = isOpen
  return item
}

function downloadButton(artifact: Artifact): HTMLElement {
  const { name, tag } = artifact
  const button = make('button', { type: 'button' }, `Download ${tag} as .tar`)
  button.addEventListener('click', () => {
    void transfer(`Downloading ${tag}`, async (watched) => {
      const archive = await artifact.archive(watched).blob()
      const href = URL.createObjectURL(archive)
      make('a', { href, download: `${name.replaceAll('/', '-')}-${tag}.tar` }).click()
      setTimeout(() => URL.revokeObjectURL(href), 60_000)
      return `${tag} was downloaded, and all its files were verified.`
    })
  })
  return button
}

function entryTable({ entryList }: Artifact): HTMLElement {
  const rows = entryList.slice(0, mostShown).map((entry) => {
    const show = make('button', { type: 'button', className: 'link' }, entry.path)
    show.addEventListener('click', () => void attempt(() => showEntry(entry)))
    return make('li', {}, show, make('span', { className: 'quiet' }, formatBytes(entry.size)))
  })
  const more = entryList.length - rows.length
  if (more > 0) rows.push(make('li', { className: 'quiet' }, `and ${count(more, 'more file')}`))
  return make('ul', { className: 'entries' }, ...rows)
}

/** Shows an image, or the beginning of a text file. */
async function showEntry(entry: Entry): Promise<void> {
  const image = images[entry.path.split('.').at(-1)?.toLowerCase() ?? '']
  const content = image === undefined ? await textOf(entry) : await imageOf(entry, image)
  previewTitle.textContent = entry.path
  previewContent.replaceChildren(content)
  preview.showModal()
}

async function textOf(entry: Entry): Promise<HTMLElement> {
  const text = await entry.text({ end: mostPreviewBytes })
  if (text.includes('\0')) return make('p', { className: 'quiet' }, 'This is not a text file.')
  const rest = entry.size > mostPreviewBytes ? `\n… of ${formatBytes(entry.size)}` : ''
  return make('pre', { tabIndex: 0 }, text + rest)
}

async function imageOf(entry: Entry, type: string): Promise<HTMLElement> {
  const src = URL.createObjectURL(
    await new Response(entry.stream(), { headers: { 'content-type': type } }).blob(),
  )
  const image = make('img', { src, alt: entry.path })
  image.addEventListener('load', () => URL.revokeObjectURL(src))
  return image
}
