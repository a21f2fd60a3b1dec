import { roleSchema, type ApiKeyDocument, type Role } from '@trackway/protocol'
import { Option, type Command } from 'commander'
import { createApiKey, listApiKeys, revokeApiKey } from '../../auth/api-keys.ts'
import { openForCommand, withData } from './data-option.ts'

interface AddFlags {
  data: string
  user: string
  team: string[]
  role: Role
  note: string
}

export function addKeysCommand(program: Command): void {
  const keys = program
    .command('keys')
    .description('Make, list and revoke API keys. A server need not be stopped for it.')
  withData(keys.command('add'))
    .description('Make a key and show it, once')
    .requiredOption('--user <name>', 'who the key belongs to')
    .option('--team <name...>', "teams that it is for; '*' is every team", ['default'])
    .addOption(
      new Option('--role <role>', 'what it may do in them').choices(roleSchema.options).default('write'),
    )
    .option('--note <text>', 'what it is for', '')
    .action(addKey)
  withData(keys.command('list')).description('List the keys, without the keys themselves').action(listKeys)
  withData(keys.command('revoke'))
    .description('Take a key out of use; running servers forget it within a minute')
    .argument('<id>', 'the id that the list shows')
    .action(async (id: string, { data }: { data: string }) => {
      await revokeApiKey(await openForCommand(data), id)
      process.stdout.write(`Revoked ${id}\n`)
    })
}

async function addKey({ data, user, team, role, note }: AddFlags): Promise<void> {
  const roles = Object.fromEntries(team.map((name) => [name, role]))
  const { key } = await createApiKey(await openForCommand(data), { user, roles, note })
  process.stdout.write(`API key (shown once): ${key}\n`)
}

async function listKeys({ data }: { data: string }): Promise<void> {
  const keys = await listApiKeys(await openForCommand(data))
  for (const key of keys) process.stdout.write(`${describe(key)}\n`)
}

function describe({ id, user, roles, createdAt, note }: ApiKeyDocument): string {
  const rights = Object.entries(roles).map(([team, role]) => `${team}:${role}`)
  return [id, user, rights.join(','), createdAt, note].join('\t')
}
