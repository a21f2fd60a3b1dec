import type { Session } from '@trackway/sdk'

/** Prints the newest ten models, each with the run that made it and the datasets that the run read. */
export async function printLineage(session: Session, name: string): Promise<void> {
  const models = (await session.listVersions(name, 'model')).slice(0, 10).toReversed()
  const { best } = await session.listAliases(name, 'model')
  printRow('model', 'accuracy', 'run', 'made from')
  for (const { tag, metadata } of models) {
    const { producedBy } = await session.getLineage(name, 'model', tag)
    const { run = '', inputs = [] } = producedBy ? await session.getRun(producedBy.run) : {}
    const datasets = inputs.map((input) => `${input.type}/${input.name}:${input.tag}`).join(', ')
    printRow(tag, Number(metadata['accuracy']).toFixed(3), run, datasets, tag === best ? 'best' : '')
  }
}

function printRow(tag: string, accuracy: string, run: string, datasets: string, alias = ''): void {
  const columns = [tag.padEnd(5), accuracy.padEnd(8), run.padEnd(20), datasets.padEnd(19), alias]
  console.log(columns.join('  ').trimEnd())
}
