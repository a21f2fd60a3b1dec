import { rmSync } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Spool } from '../../content/content-source.ts'
import { fileError } from './file-error.ts'
import { fileSource } from './file-source.ts'

const folders = new Set<string>()

/**
 * A temporary file for the content of a stream. Removed when its content is released, and at the latest when
 * the process ends.
 */
export async function createSpool(label: string): Promise<Spool> {
  const folder = await makeFolder()
  if (folders.size === 0) process.once('exit', removeAll)
  folders.add(folder)
  const path = join(folder, 'content')
  const handle = await open(path, 'wx', 0o600).catch((error: unknown) => {
    throw fileError(error, 'Making the temporary file (TMPDIR says where)', path)
  })

  async function remove(): Promise<void> {
    await rm(folder, { recursive: true, force: true })
    folders.delete(folder)
    if (folders.size === 0) process.off('exit', removeAll)
  }

  return {
    async write(bytes) {
      try {
        await handle.writeFile(bytes)
      } catch (error) {
        throw fileError(error, 'Writing the temporary file', path)
      }
    },
    async finish() {
      await handle.close()
      return { label, open: fileSource(path).open, release: remove }
    },
    async discard() {
      await handle.close()
      await remove()
    },
  }
}

async function makeFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), 'trackway-'))
  } catch (error) {
    throw fileError(error, 'Making a temporary folder (TMPDIR says where) in', tmpdir())
  }
}

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}
