import type { ContentSource } from './content-source.ts'

/** An entry that was added and is not stored yet. */
export interface LocalEntry {
  kind: 'local'
  path: string
  /** Bytes, as of the adding. */
  size: number
  executable: boolean
  source: ContentSource
  /** Of a file: identifies the state in which it was added, if there is a way to. */
  identity?: string | undefined
  /** Of a file: the folder that was added, whose files are remembered together. */
  folder?: string | undefined
  /** What the entry was made from: adding the same thing again is not a conflict. */
  origin: unknown
}
