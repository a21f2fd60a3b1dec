import { dirname } from 'node:path'
import type { Command } from 'commander'
import { storeFrom } from '../options/host-or-store.ts'
import { examples } from '../output/examples.ts'
import { printResult } from '../output/print-result.ts'
import { styled } from '../output/style.ts'
import {
  addressOf,
  openSession,
  withScope,
  type OutputFlags,
  type ScopeFlags,
} from '../options/scope-options.ts'
import type { Terminal } from '../terminal/terminal.ts'

type Flags = ScopeFlags & OutputFlags

export function addInitCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('init')
    .summary('show where data goes, and configure the project')
    .description(
      'Show where data goes: by default into the folder .trackway, which is created. With --host, --store, --team or --experiment, save these in the configuration file of the project, trackway.json: the nearest one in this folder or above it, or a new one here. Other projects are not affected. This starts no run; scripts do.',
    )
  withScope(command)
    .addHelpText(
      'after',
      examples(
        ['trackway init', 'show where data goes'],
        ['trackway init --experiment flowers', 'use the experiment flowers in this project from now on'],
      ),
    )
    .action((flags: Flags) => init(flags, terminal))
}

async function init(flags: Flags, terminal: Terminal): Promise<void> {
  const { session } = await openSession(flags, terminal, { create: true })
  const { changeProjectConfig, readProjectConfig, readUserConfig } = await import('@trackway/sdk')
  const { user, team, experiment } = session
  const url = addressOf(session)
  const { host, store } = flags
  const known = (await readProjectConfig())?.path
  const changes = {
    ...(host && { host }),
    ...(store && { store: storeFrom(known === undefined ? process.cwd() : dirname(known), store) }),
    ...(flags.team && { team }),
    ...(flags.experiment && { experiment }),
  }
  const isChanged = Object.keys(changes).length > 0
  const project = isChanged ? await changeProjectConfig(changes) : known
  const config = (await readUserConfig())?.path
  const files = { ...(project !== undefined && { project }), ...(config !== undefined && { config }) }
  const facts = { [/^https?:/.test(url) ? 'host' : 'store']: url, user, team, experiment, ...files }
  printResult(terminal, flags, {
    value: { url, user, team, experiment, project: project ?? null, config: config ?? null },
    lines: () =>
      Object.entries(facts).map(([title, fact]) => `${styled(terminal, 'dim', title.padEnd(12))}${fact}`),
  })
}
