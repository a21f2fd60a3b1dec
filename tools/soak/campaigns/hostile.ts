import type { Campaign } from '../campaign.ts'
import { parts } from '../hostile/parts.ts'

/** Servers among hostile clients, and clients of hostile servers. Each seed is a part, and what it draws. */
export const hostile: Campaign = {
  name: 'hostile',
  title: 'attackers who want to stop a server or read what is not theirs, and servers that lie',
  unit: 'parts',
  quick: parts.length,
  full: parts.length,
  alone: true,
  async run(seed, { isQuick }) {
    const part = parts[(seed - 1) % parts.length]
    if (part === undefined) throw new RangeError(`There is no part ${seed}: seeds begin at 1`)
    try {
      return await part.run({ seed, isQuick })
    } catch (cause) {
      throw new Error(`The part '${part.name}' missed its target`, { cause })
    }
  },
}
