// Executes examples/notebook.ipynb and saves the outputs of its cells in it.
import { writeFile } from 'node:fs/promises'
import { executeNotebook, notebookFile } from './execute-notebook.ts'
import { findPrograms } from './programs.ts'

const programs = await findPrograms()
if ('missing' in programs) {
  console.error(`The notebook cannot be executed without ${programs.missing}`)
  process.exitCode = 1
} else {
  const { notebook } = await executeNotebook(programs)
  await writeFile(notebookFile, `${JSON.stringify(notebook, null, 1)}\n`)
  console.log(`Wrote ${notebookFile}`)
}
