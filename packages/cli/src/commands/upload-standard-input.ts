import type { Artifact } from '@trackway/sdk'
import type { Terminal } from '../terminal/terminal.ts'
import { usageError } from '../errors/usage-error.ts'

/** The path that means standard input. */
export const standardInput = '-'

/** Adds standard input as a file, named after the artifact unless `as` is given. */
export async function addStandardInput(
  artifact: Artifact,
  as: string | undefined,
  { input, signal }: Terminal,
): Promise<void> {
  const path = as ?? artifact.name.slice(artifact.name.lastIndexOf('/') + 1)
  if ('isTTY' in input && input.isTTY === true) {
    throw usageError(
      "'-' reads standard input, which is a terminal: pipe something in, as in 'cat a.csv | trackway upload - …'; for a file named '-', write ./-",
    )
  }
  await artifact.add(input, { name: path, signal })
  if (artifact.entry(path).size > 0) return
  throw usageError("'-' reads standard input, which is empty; to upload an empty file, give its path instead")
}
