import { printable, roleSchema, type ApiKeyDocument, type Role } from '@trackway/protocol'
import { Option, type Command } from 'commander'
import { createApiKey, listApiKeys, revokeApiKey } from '../../auth/api-keys.ts'
import { openExisting, openOrCreate, withStore } from './store-option.ts'
import { formatColumns } from './format-columns.ts'
import { parseKeyEnd } from './key-end.ts'

interface AddFlags {
  store: string
  user: string
  team: string[]
  role: Role
  name?: string
  expires?: Date
  create?: true
  json?: true
}

interface ListFlags {
  store: string
  json?: true
}

export function addKeysCommand(program: Command): void {
  const keys = program
    .command('keys')
    .description('Create, list and revoke API keys. Servers can keep running.')
  withStore(keys.command('add'))
    .description('Create a key and show it once')
    .requiredOption('--user <name>', 'the user whose key it is')
    .option('--team <name...>', "teams that it gives access to; '*' means every team", ['default'])
    .addOption(
      new Option('--role <role>', 'what it may do in these teams')
        .choices(roleSchema.options)
        .default('write'),
    )
    .option('--name <text>', 'a note on what it is for, such as "nightly job"')
    .option(
      '--expires <when>',
      'when it expires: 90d, 12h, or a date such as 2027-01-31 (default: never)',
      (text) => parseKeyEnd(text),
    )
    .option('--create', 'create the store if it does not exist')
    .option('--json', 'print the key and its stored details as JSON')
    .action(addKey)
  withStore(keys.command('list'))
    .description('List the keys, without the keys themselves')
    .option('--json', 'print the list as JSON')
    .action(listKeys)
  withStore(keys.command('revoke'))
    .description('Revoke a key; running servers stop accepting it within a minute')
    .argument('<id>', 'the id, as keys list shows it')
    .action(async (id: string, { store: location }: { store: string }) => {
      const { store } = await openExisting(location, 'new')
      await revokeApiKey(store, id)
      process.stdout.write(`Revoked ${id}\n`)
    })
}

async function addKey({
  store: location,
  user,
  team,
  role,
  name,
  expires,
  create,
  json,
}: AddFlags): Promise<void> {
  const roles = Object.fromEntries(team.map((each) => [each, role]))
  const { store } = create ? await openOrCreate(location) : await openExisting(location, 'new')
  const { key, document } = await createApiKey(store, { user, roles, name, expiresAt: expires })
  process.stdout.write(
    json
      ? `${JSON.stringify({ key, ...shown(document) }, null, 2)}\n`
      : `API key (shown once): ${key}\n${tableOf([document])}`,
  )
}

async function listKeys({ store: location, json }: ListFlags): Promise<void> {
  const { store } = await openExisting(location, 'new')
  const keys = await listApiKeys(store)
  if (json) process.stdout.write(`${JSON.stringify({ keys: keys.map(shown) }, null, 2)}\n`)
  else if (keys.length > 0) process.stdout.write(tableOf(keys))
  else process.stderr.write(`There are no API keys in ${store.description}; create one with keys add\n`)
}

function tableOf(keys: readonly ApiKeyDocument[]): string {
  return formatColumns(
    ['ID', 'NAME', 'USER', 'TEAM:ROLE', 'CREATED', 'EXPIRES'],
    keys.map(({ id, note, user, roles, createdAt, expiresAt }) => [
      id,
      printable(note).replaceAll(/\s+/g, ' '),
      user,
      Object.entries(roles)
        .map(([team, role]) => `${team}:${role}`)
        .join(','),
      createdAt.slice(0, 10),
      describeEnd(expiresAt),
    ]),
  )
}

function describeEnd(expiresAt: string | undefined): string {
  if (expiresAt === undefined) return 'never'
  return `${expiresAt.slice(0, 10)}${Date.parse(expiresAt) > Date.now() ? '' : ' (expired)'}`
}

function shown({ id, note, user, roles, createdAt, expiresAt }: ApiKeyDocument): object {
  return { id, name: note, user, roles, createdAt, expiresAt: expiresAt ?? null }
}
