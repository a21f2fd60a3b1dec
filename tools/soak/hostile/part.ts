import type { Counts } from '../campaign.ts'

/** How a part is run. */
export interface PartOptions {
  /** Decides what is drawn by chance. */
  seed: number
  /** Whether it is to take seconds, as with every change, or as long as its figures need. */
  isQuick: boolean
}

/** One kind of hostility. */
export interface Part {
  name: string
  /** Throws where a target was missed. */
  run(options: PartOptions): Promise<Counts>
}
