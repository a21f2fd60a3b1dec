import type { ArtifactSummary, RunDocument, VersionRecord } from '@trackway/protocol'
import { formatBytes } from '@trackway/protocol'
import { heading, list, panel, type Column } from './panel.ts'
import { listText } from './text.ts'
import { countOf, jsonLine, minuteOf, shortDigest } from './words.ts'

export const versionsDisplay = listDisplay<VersionRecord>(
  'version',
  [
    { title: 'version' },
    { title: 'files', width: '6em', align: 'right' },
    { title: 'size', width: '6em', align: 'right' },
    { title: 'made (UTC)', width: '10em' },
    { title: 'by', width: '7em' },
    { title: 'digest', width: '12em' },
  ],
  ({ type, name, tag, fileCount, size, createdAt, createdBy, digest }) => [
    `${type}/${name}:${tag}`,
    fileCount.toLocaleString('en'),
    formatBytes(size),
    minuteOf(createdAt),
    createdBy,
    shortDigest(digest) ?? '',
  ],
)

export const artifactsDisplay = listDisplay<ArtifactSummary>(
  'artifact',
  [
    { title: 'artifact' },
    { title: 'latest', width: '5em' },
    { title: 'files', width: '6em', align: 'right' },
    { title: 'size', width: '6em', align: 'right' },
    { title: 'aliases' },
  ],
  ({ type, name, latest, aliases }) => [
    `${type}/${name}`,
    latest?.tag ?? 'none',
    latest?.fileCount.toLocaleString('en') ?? '',
    latest === null ? '' : formatBytes(latest.size),
    Object.entries(aliases)
      .map(([alias, tag]) => `${alias} → ${tag}`)
      .join(', '),
  ],
)

export const runsDisplay = listDisplay<RunDocument>(
  'run',
  [
    { title: 'run' },
    { title: 'state', width: '7em' },
    { title: 'begun (UTC)', width: '10em' },
    { title: 'by', width: '7em' },
    { title: 'config' },
  ],
  ({ run, state, createdAt, createdBy, config }) => [
    run,
    state,
    minuteOf(createdAt),
    createdBy,
    jsonLine(config) ?? '',
  ],
)

function listDisplay<Item>(one: string, columns: readonly Column[], cellsOf: (item: Item) => string[]) {
  const title = (items: readonly Item[]) => countOf(items.length, one)
  return {
    html: (items: readonly Item[]) => panel(heading('', title(items)), list(columns, items, cellsOf)),
    text: (items: readonly Item[]) => listText(title(items), items, cellsOf),
  }
}
