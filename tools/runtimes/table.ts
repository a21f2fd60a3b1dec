import type { Outcome } from './scenario.ts'

/** Prints the result of each scenario on each runtime, with its milliseconds. */
export function printTable(results: ReadonlyMap<string, readonly Outcome[]>): void {
  const names = [...new Set([...results.values()].flat().map(({ name }) => name))]
  const width = Math.max(0, ...names.map(({ length }) => length))
  const columns = [...results.keys()]
  console.log(`\n${''.padEnd(width)} ${columns.map((column) => column.padStart(10)).join('')}`)
  for (const name of names) {
    const cells = columns.map((column) => cell(results.get(column)?.find((outcome) => outcome.name === name)))
    console.log(`${name.padEnd(width)} ${cells.map((text) => text.padStart(10)).join('')}`)
  }
  const all = [...results.values()].flat()
  const failed = all.filter(({ failure }) => failure !== undefined).length
  console.log(`\n${all.length - failed} passed, ${failed} failed`)
}

function cell(outcome: Outcome | undefined): string {
  if (outcome === undefined) return '–'
  return outcome.failure === undefined ? `${outcome.ms} ms` : 'FAILED'
}
