import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished, vi } from 'vitest'

/** Makes a new user's folder, with configuration, assets and store, the test's working directory. */
export async function prepareUser(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-cli-'))
  for (const name of ['HOST', 'API_KEY', 'TEAM', 'EXPERIMENT']) vi.stubEnv(`TRACKWAY_${name}`, undefined)
  vi.stubEnv('TRACKWAY_STORE', join(folder, 'store'))
  vi.stubEnv('TRACKWAY_ASSETS_DIR', join(folder, 'assets'))
  vi.stubEnv('XDG_CONFIG_HOME', join(folder, 'config'))
  const before = process.cwd()
  process.chdir(folder)
  onTestFinished(async () => {
    process.chdir(before)
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true, force: true })
  })
  return folder
}

/** Writes files and creates their folders. */
export async function writeFiles(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
}
