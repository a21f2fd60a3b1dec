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
    .description('Make, list and revoke API keys. A server does not have to be stopped for it.')
  withStore(keys.command('add'))
    .description('Make a key and show it, once')
    .requiredOption('--user <name>', 'the user whose key it is')
    .option('--team <name...>', "teams that it is for; '*' is every team", ['default'])
    .addOption(
      new Option('--role <role>', 'what it may do in them').choices(roleSchema.options).default('write'),
    )
    .option('--name <text>', 'what it is for, for people, such as "nightly job"')
    .option(
      '--expires <when>',
      'when it ends: 90d, 12h, or a date such as 2027-01-31 (default: it does not)',
      (text) => parseKeyEnd(text),
    )
    .option('--create', 'make a store where there is none')
    .option('--json', 'write the key and what is stored of it as JSON')
    .action(addKey)
  withStore(keys.command('list'))
    .description('List the keys, without the keys themselves')
    .option('--json', 'write the list as JSON')
    .action(listKeys)
  withStore(keys.command('revoke'))
    .description('Take a key out of use; running servers forget it within a minute')
    .argument('<id>', 'the id that the list shows')
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
  else process.stderr.write(`There are no API keys in ${store.description}; keys add makes one\n`)
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
