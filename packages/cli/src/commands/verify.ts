import type { Command } from 'commander'
import { withFolderFilter } from '../options/folder-filter.ts'
import { exitCodes } from '../errors/exit-codes.ts'
import { countOf } from '../output/count-of.ts'
import { examples } from '../output/examples.ts'
import { orNameExperiments } from '../errors/other-experiments.ts'
import { printResult } from '../output/print-result.ts'
import { styled } from '../output/style.ts'
import { openSession, withScope, type OutputFlags, type ScopeFlags } from '../options/scope-options.ts'
import type { CommandTerminal } from '../terminal/terminal.ts'
import { parseVersionSpec } from '../options/version-spec.ts'

interface Flags extends ScopeFlags, OutputFlags {
  ignore?: string[]
  gitignore?: true
}

export function addVerifyCommand(program: Command, terminal: CommandTerminal): void {
  const command = program
    .command('verify')
    .summary('check whether a folder holds exactly the files of a version')
    .description(
      'Check whether a folder holds exactly the files of a version, by hashing them. The folder is read as upload reads it: pass the --ignore and --gitignore that it was uploaded with.',
    )
    .argument('<spec>', 'the version: type/name[:revision]')
    .argument('<folder>', 'the folder')
  withScope(withFolderFilter(command))
    .addHelpText(
      'after',
      `${examples([
        'trackway verify dataset/sample:V2 ./data',
        'list what is missing, changed or extra',
      ])}\n\nExits with 0 if it does, and with 1 if it does not.`,
    )
    .action((spec: string, folder: string, flags: Flags) => verify(spec, { folder, flags, terminal }))
}

async function verify(
  text: string,
  { folder, flags, terminal }: { folder: string; flags: Flags; terminal: CommandTerminal },
): Promise<void> {
  const { type, name, revision } = await parseVersionSpec(text)
  const opened = await openSession(flags, terminal)
  const { session, at } = opened
  const { formatBytes, printable } = await import('@trackway/sdk')
  const artifact = await orNameExperiments(opened, session.getArtifact(name, type, revision, at))
  const verification = await artifact.verify(folder, {
    signal: at.signal,
    ignore: flags.ignore,
    gitignore: flags.gitignore,
    quiet: flags.quiet,
  })
  const spec = `${type}/${name}:${artifact.tag}`
  const { ok, missing, changed, extra } = verification
  const all = `${countOf(artifact.fileCount, 'file')} of ${formatBytes(artifact.size)}`
  printResult(terminal, flags, {
    value: { spec, folder, ...verification },
    lines: () => [
      ...missing.map((path) => `${styled(terminal, 'red', 'missing')}  ${printable(path)}`),
      ...changed.map((path) => `${styled(terminal, 'yellow', 'changed')}  ${printable(path)}`),
      ...extra.map((path) => `${styled(terminal, 'green', 'extra')}    ${printable(path)}`),
      ok
        ? `${folder} matches ${spec}: ${all}`
        : `${folder} does not match ${spec}: ${missing.length} missing, ${changed.length} changed, ${extra.length} extra`,
    ],
  })
  if (!ok) terminal.endWith(exitCodes.different)
}
