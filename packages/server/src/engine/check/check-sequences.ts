import { deletionOfKey, inverted, numberOfKey } from '../../layout.ts'
import type { CheckContext } from './check-context.ts'

const numbered = /^(.*\/(?:v|alias\/[^/]+|state)\/)(\d{10})\.json$/
const tombstone = /^(.*\/v\/\d{10})\.deleted(?:\.\d+)?$/
const edit = /^(.*\/v\/\d{10})\.edited\.([1-9]\d*)$/
const hint = /^(.*\/)d\/[0-9a-f]{64}\/(\d+)$/
const inExperiment = /^(t\/[^/]+\/)[ar]\/([^/]+)\//

/** Checks what keys alone reveal: gaps in sequences, and missing objects that others imply. */
export async function checkSequences(context: CheckContext, keys: ReadonlySet<string>): Promise<void> {
  for (const [key, problem] of [...findGaps(keys), ...findOrphans(keys)]) {
    // It may have been added since the store was listed.
    if ((await context.store.head(key)) === undefined)
      context.found({ kind: 'missing', key, problem, versions: [] })
  }
}

/** Numbered documents have no gaps, and the first one is number 1. A gap is reported at its lowest number. */
function* findGaps(keys: ReadonlySet<string>): Generator<[string, string]> {
  const sequences = new Map<string, number[]>()
  for (const key of keys) {
    const [, folder] = numbered.exec(key) ?? []
    if (folder === undefined) continue
    const numbers = sequences.get(folder) ?? []
    numbers.push(numberOfKey(key))
    sequences.set(folder, numbers)
  }
  for (const [folder, numbers] of sequences) {
    let expected = 1
    for (const number of numbers.toSorted((a, b) => a - b)) {
      if (number > expected) {
        const which = number - expected === 1 ? `number ${expected}` : `numbers ${expected} to ${number - 1}`
        yield [`${folder}${inverted(expected)}.json`, `${which} of a sequence is missing`]
      }
      expected = number + 1
    }
  }
}

function* findOrphans(keys: ReadonlySet<string>): Generator<[string, string]> {
  const experiments = new Set<string>()
  for (const key of keys) {
    const [, base] = tombstone.exec(key) ?? []
    if (base !== undefined) {
      if (!keys.has(`${base}.json`)) yield [`${base}.json`, 'its tombstone exists, but the record is missing']
      const sequence = deletionOfKey(key)
      const before = sequence === 2 ? `${base}.deleted` : `${base}.deleted.${sequence - 1}`
      if (sequence > 1 && !keys.has(before)) yield [before, 'the document after it exists']
    }
    const [, edited, which] = edit.exec(key) ?? []
    if (edited !== undefined) {
      if (!keys.has(`${edited}.json`)) yield [`${edited}.json`, 'its edit exists, but the record is missing']
      const before = `${edited}.edited.${Number(which) - 1}`
      if (which !== '1' && !keys.has(before)) yield [before, 'the document after it exists']
    }
    const [, artifact, number] = hint.exec(key) ?? []
    if (artifact !== undefined) {
      const record = `${artifact}v/${inverted(Number(number))}.json`
      if (!keys.has(record)) yield [record, 'its hint exists, but the record is missing']
    }
    const [, team, experiment] = inExperiment.exec(key) ?? []
    if (team !== undefined) experiments.add(`${team}e/${experiment}.json`)
  }
  for (const key of experiments) if (!keys.has(key)) yield [key, 'objects of the experiment exist']
}
