import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ObjectStore } from '@trackway/server'
import { onTestFinished, vi } from 'vitest'
import { temporaryFolder } from './test-server.ts'

/** What a test configures on the machine. */
export interface Configured {
  /** The variables of the process whose names begin with TRACKWAY_. Default: none. */
  variables?: Record<string, string>
  /** The text of the user's configuration file. Default: there is none. */
  user?: string
  /** The text of the configuration file in the current folder. Default: there is none. */
  project?: string
}

/** The paths of the configuration files, and of the current folder. */
export interface ConfiguredMachine {
  userFile: string
  projectFile: string
  folder: string
}

const names = ['HOST', 'STORE', 'API_KEY', 'TEAM', 'EXPERIMENT'].map((name) => `TRACKWAY_${name}`)

/** Replaces what this machine has configured, until the test ends. */
export async function configureMachine({
  variables = {},
  user,
  project,
}: Configured = {}): Promise<ConfiguredMachine> {
  const [home, folder] = [await temporaryFolder(), await temporaryFolder()]
  const machine = {
    userFile: join(home, 'trackway', 'config.json'),
    projectFile: join(folder, 'trackway.json'),
    folder,
  }
  for (const name of names) vi.stubEnv(name, variables[name])
  vi.stubEnv('XDG_CONFIG_HOME', home)
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    cwd.mockRestore()
  })
  await mkdir(join(home, 'trackway'))
  if (user !== undefined) await writeFile(machine.userFile, user)
  if (project !== undefined) await writeFile(machine.projectFile, project)
  return machine
}

/** What is printed until the test ends. */
export function watchPrinted(): string[] {
  const printed: string[] = []
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    printed.push(String(text))
    return true
  })
  onTestFinished(() => spy.mockRestore())
  return printed
}

/** Opens every bucket in this way, until the test ends. */
export function openBucketsWith(openObjectStore: (location: string) => Promise<ObjectStore>): void {
  vi.doMock('@trackway/server/node', () => ({ openObjectStore }))
  onTestFinished(() => {
    vi.doUnmock('@trackway/server/node')
  })
}
