import type { Digest, Metadata, Tag } from '@trackway/protocol'
import { entryCells, entryList, totalOf, type EntryFacts } from './entry.ts'
import { nothing, type Html } from './html.ts'
import { code, factTable, heading, panel } from './panel.ts'
import { listText, textOf } from './text.ts'
import { jsonLine } from './words.ts'

export interface ArtifactFacts {
  /** `dataset/sample:V2`, or without a tag if it is not a version. */
  label: string
  digest: Digest | undefined
  base: Tag | undefined
  description: string
  metadata: Metadata
  entries: readonly EntryFacts[]
}

export const artifactDisplay = {
  html: (artifact: ArtifactFacts): Html => {
    const { label, digest, entries } = artifact
    return panel(
      heading('artifact', label, stateOf(artifact)),
      factTable({ ...sayingsOf(artifact), digest: digest === undefined ? undefined : code(digest) }),
      entries.length === 0 ? nothing : entryList(entries),
      factTable({ total: totalOf(entries) }),
    )
  },

  text: (artifact: ArtifactFacts): string => {
    const { label, digest, entries } = artifact
    const title = `artifact ${label} ${stateOf(artifact)}`.trimEnd()
    const facts = textOf(title, { ...sayingsOf(artifact), digest, total: totalOf(entries) })
    return listText(facts, entries, entryCells)
  },
}

function stateOf({ base, digest }: ArtifactFacts): string {
  if (digest !== undefined) return base === undefined ? '' : `made from ${base}`
  return base === undefined ? 'not uploaded yet' : `changed since ${base}, not uploaded yet`
}

function sayingsOf({ description, metadata }: ArtifactFacts) {
  return { description: description || undefined, metadata: jsonLine(metadata) }
}
