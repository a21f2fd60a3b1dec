import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { createS3Store } from '../../src/node/s3/s3-store.ts'
import { parseS3Location } from '../../src/node/s3/s3-location.ts'

afterEach(() => vi.unstubAllEnvs())

test.each([
  ['s3://models/a?region=eu-central-1', 'https://models.s3.eu-central-1.amazonaws.com/a/key'],
  ['s3://models/a?region=eu-central-1&addressing=path', 'https://s3.eu-central-1.amazonaws.com/models/a/key'],
  ['s3://models?endpoint=http://127.0.0.1:9000', 'http://127.0.0.1:9000/models/key'],
  ['s3://models?endpoint=http://host:9000&addressing=virtual-host', 'http://models.host:9000/key'],
  [
    's3://models?endpoint=https://account.example.com/storage/s3',
    'https://account.example.com/storage/s3/models/key',
  ],
])('%s has its objects at %s', async (location, address) => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  const store = createS3Store(parseS3Location(location, {}))
  const signed = await store.signing?.get('key', { lifeMs: 60_000 })
  expect(signed?.url.split('?')[0]).toBe(address)
})

/** The credentials that a store signs with, given only these environment variables. */
async function signerOf(location: string, variables: Record<string, string>): Promise<string | null> {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
  const all = { AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/nowhere', ...variables }
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value)
  const store = createS3Store(parseS3Location(location, {}))
  const signed = await store.signing?.get('key', { lifeMs: 60_000 })
  return new URL(signed?.url ?? '').searchParams.get('X-Amz-Credential')
}

test('credentials come from the shared files, by profile', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-aws-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'credentials')
  const profile = (name: string) => `[${name}]\naws_access_key_id = of-${name}\naws_secret_access_key = x\n`
  await writeFile(file, profile('default') + profile('work'))
  const variables = { AWS_SHARED_CREDENTIALS_FILE: file }
  const place = 's3://models?endpoint=http://host:9000'
  expect(await signerOf(place, variables)).toMatch(/^of-default\//)
  expect(await signerOf(`${place}&profile=work`, variables)).toMatch(/^of-work\//)
})

test('credentials come from the role of a container', async () => {
  const role = {
    AccessKeyId: 'of-the-role',
    SecretAccessKey: 'x',
    Token: 'y',
    Expiration: new Date(Date.now() + 3_600_000).toISOString(),
  }
  const server = createServer((_, response) => void response.end(JSON.stringify(role)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo // A server on a port has an address of this kind.
  const variables = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/`,
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
  }
  expect(await signerOf('s3://models?endpoint=http://host:9000', variables)).toMatch(/^of-the-role\//)
})
