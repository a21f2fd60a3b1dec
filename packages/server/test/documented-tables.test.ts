import { readFile } from 'node:fs/promises'
import {
  defaultLimits,
  errorCodes,
  errorTitles,
  maxPresignedUrls,
  maxSignedUrls,
  maxSignedUrlSeconds,
  parseManifest,
  routes,
  sha256,
  versionDigest,
  type Route,
} from '@trackway/protocol'
import { expect, test } from 'vitest'
import { defaultBodyLimits, defaultConnectionLimits, requestLimits } from '../src/http/limits.ts'
import { maxManifestLineBytes, maxManifestParts } from '../../protocol/src/limits.ts'
import { layout } from '../src/layout.ts'

const repository = new URL('../../../', import.meta.url)
const format = await readFile(new URL('docs/format.md', repository), 'utf8')
const protocol = await readFile(new URL('docs/protocol.md', repository), 'utf8')

/** The rows of the table that begins with these column names, as texts of their cells. */
function tableOf(page: string, ...columns: string[]): string[][] {
  const lines = page.split('\n').map((line) => line.trim())
  const rows = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
  const begin = lines.findIndex(
    (line) => line.startsWith('|') && columns.every((column, index) => rows(line)[index] === column),
  )
  if (begin === -1) throw new Error(`There is no table with the columns ${columns.join(', ')}`)
  const rest = lines.slice(begin + 2)
  return rest.slice(0, rest.findIndex((line) => !line.startsWith('|')) >>> 0).map(rows)
}

const unquote = (cell: string | undefined) => (cell ?? '').replaceAll('`', '')

test('the table of routes matches the protocol', () => {
  const documented = tableOf(protocol, 'method', 'path', 'role').map(([method, path, role]) => [
    method,
    unquote(path),
    role,
  ])
  const actual = Object.values<Route>(routes).map(({ method, path, access }) => [method, path || '/', access])
  expect(documented).toEqual(actual)
})

test('the table of routes names the bodies and responses that are not JSON, and the other statuses', () => {
  const rows = tableOf(protocol, 'method', 'path', 'role')
  for (const [index, { path, body, response, statuses }] of Object.values<Route>(routes).entries()) {
    const [, , , request, answer] = rows[index] ?? []
    if (body === undefined) expect(request, path).toMatch(/^(–|query )/)
    if (typeof body === 'string') expect(request, path).toContain(`\`${body}\``)
    if (typeof response === 'string' && !path.endsWith('{path}'))
      expect(answer, path).toContain(`\`${response}\``)
    for (const status of statuses ?? []) expect(answer, path).toContain(String(status))
  }
})

test('the table of codes matches the codes that are sent', () => {
  const documented = tableOf(protocol, 'code', 'status', 'meaning', 'retryable')
  const titles: Record<string, string> = errorTitles
  const actual = Object.entries<{ status?: number; retryable: boolean }>(errorCodes)
    .filter(([, { status }]) => status !== undefined)
    .map(([code, { status, retryable }]) => [code, String(status), titles[code], retryable ? 'yes' : 'no'])
  expect(documented.map((row) => row.slice(0, 4).map(unquote))).toEqual(actual)
})

/** A number as people write it, in the unit that its name says. */
function written(name: string, value: number): string {
  if (name.endsWith('Ms')) return `${value / 1000} s`
  if (!/bytes/i.test(name)) return value.toLocaleString('en-US')
  const mebibytes = value / 1024 / 1024
  return mebibytes < 1 ? `${value / 1024} KiB` : `${mebibytes} MiB`
}

const rowsOf = (limits: object) =>
  Object.entries<number>({ ...limits }).map(([name, value]) => [name, written(name, value)])

test('the tables of limits match the limits of requests', () => {
  const told = tableOf(protocol, 'limit', 'default', 'of').map(([name, value]) => [unquote(name), value])
  expect(told.filter(([name]) => name !== '–')).toEqual(rowsOf(defaultLimits))
  const unnamed = rowsOf({
    lineBytes: maxManifestLineBytes,
    parts: maxManifestParts,
    presignedUrls: maxPresignedUrls,
    signedUrls: maxSignedUrls,
    signedUrlLifeMs: maxSignedUrlSeconds * 1000,
  })
  expect(told.filter(([name]) => name === '–').map(([, value]) => value)).toEqual(
    expect.arrayContaining(unnamed.map(([, value]) => value)),
  )
  const guards = tableOf(protocol, 'guard', 'maximum', 'of').map(([name, value]) => [unquote(name), value])
  const all = { ...requestLimits, ...defaultBodyLimits, ...defaultConnectionLimits }
  expect(guards).toEqual(rowsOf(all))
})

const digest = sha256(new TextEncoder().encode('a blob'))
const artifact = { team: 'Team', experiment: 'Demo', type: 'dataset', name: 'Some/Data' }
const run = { team: 'Team', experiment: 'Demo', run: 'train-1' }

/** What every member of the layout gives: keys, and prefixes of keys. */
const laidOut: Record<keyof typeof layout, string> = {
  format: layout.format,
  apiKeys: layout.apiKeys,
  apiKey: layout.apiKey(digest.slice(7)),
  teams: layout.teams,
  team: layout.team('Team'),
  blobs: layout.blobs('Team'),
  blob: layout.blob('Team', digest),
  manifests: layout.manifests('Team'),
  manifest: layout.manifest('Team', digest),
  quarantine: layout.quarantine('Team'),
  quarantined: layout.quarantined('Team', digest, 'id'),
  reservations: layout.reservations('Team'),
  reservation: layout.reservation('Team', 'id'),
  reservationAnswer: layout.reservationAnswer('Team', 'id'),
  sweepMarkers: layout.sweepMarkers('Team'),
  sweepMarker: layout.sweepMarker('Team', 'id'),
  sweepLists: layout.sweepLists('Team'),
  sweepList: layout.sweepList('Team', 'id'),
  experiments: layout.experiments('Team'),
  experiment: layout.experiment(artifact),
  artifactExperiments: layout.artifactExperiments('Team'),
  artifactTypes: layout.artifactTypes(artifact),
  artifactNames: layout.artifactNames(artifact, 'dataset'),
  artifact: layout.artifact(artifact),
  versions: layout.versions(artifact),
  record: layout.record(artifact, 1),
  tombstone: layout.tombstone(artifact, 1),
  deletion: layout.deletion(artifact, 1, 2),
  edit: layout.edit(artifact, 1, 1),
  edits: layout.edits(artifact, 1),
  aliases: layout.aliases(artifact),
  aliasMoves: layout.aliasMoves(artifact, 'best'),
  aliasMove: layout.aliasMove(artifact, 'best', 1),
  digestHints: layout.digestHints(artifact, digest.slice(7, 19)),
  digestHint: layout.digestHint(artifact, digest, 1),
  readers: layout.readers(artifact, 1),
  reader: layout.reader(artifact, 1, run),
  runs: layout.runs(run),
  run: layout.run(run),
  runStates: layout.runStates(run),
  runState: layout.runState(run, 1),
  log: layout.log(run),
  logSegment: layout.logSegment(run, '0000000001-5eed5eed'),
  edges: layout.edges(run, 'inputs'),
  edge: layout.edge(run, 'inputs', { ...artifact, number: 1 }),
}
const keys = [
  ...Object.values(laidOut).filter((key) => !isPrefix(key)),
  layout.edge(run, 'outputs', { ...artifact, number: 1 }),
]

function isPrefix(key: string): boolean {
  return key.endsWith('/') || [laidOut.digestHints, laidOut.edits].includes(key)
}

/** A row's key as a pattern: text in angle brackets is a segment or a number of digits. */
function keyPattern(documented: string): RegExp {
  const pattern = documented.replaceAll('.', '\\.').replaceAll(/<([^>]+)>/g, (_, what: string) => {
    const [, count, kind] = /^(\d+) (hex|digits)$/.exec(what) ?? []
    if (count !== undefined) return `${kind === 'hex' ? '[0-9a-f]' : '\\d'}{${count}}`
    return what === 'inverted n' ? '\\d{10}' : '[^/]+'
  })
  return new RegExp(`^${pattern}$`)
}

const keyRows = tableOf(format, 'key', 'holds', 'written by', 'may be deleted').map(([key]) => unquote(key))

test.each(keys)('the key %s is in one row of the table of keys', (key) => {
  expect(keyRows.filter((row) => keyPattern(row).test(key))).toHaveLength(1)
})

test.each(keyRows)('the row %s of the table of keys is a key of the layout', (row) => {
  expect(keys.filter((key) => keyPattern(row).test(key))).toHaveLength(1)
})

test.each(Object.values(laidOut).filter(isPrefix))('the prefix %s begins a key', (prefix) => {
  expect(keys.some((key) => key.startsWith(prefix))).toBe(true)
})

test('the table of manifest rules names every rule that an error carries', async () => {
  const folder = new URL('packages/protocol/src/manifest/', repository)
  const sources = ['parse-manifest.ts', 'line-reader.ts', 'invalid-line.ts'].map((file) =>
    readFile(new URL(file, folder), 'utf8'),
  )
  const calls = (await Promise.all(sources))
    .join('')
    .matchAll(/invalid\([^,']+,\s+'([a-z-]+)'|, line, '([a-z]+)'\)/g)
  const rules = new Set([...calls].map(([, thrown, checked]) => thrown ?? checked ?? ''))
  const documented = tableOf(format, 'rule', 'what it requires').map(([rule]) => unquote(rule))
  expect(new Set(documented)).toEqual(rules)
})

test('the manifest shown is valid and has the digests shown', () => {
  const [, text = ''] = /```\n(\{"formatVersion"[\s\S]*?)```/.exec(format) ?? []
  const manifest = parseManifest(new TextEncoder().encode(text))
  const contents = ['# Sample\n', 'a,b\n1,2\n']
  expect(manifest.entries.map((entry) => entry.digest)).toEqual(contents.map(digestOf))
  expect(manifest.blobs).toEqual([{ digest: digestOf(contents.join('')), size: 17 }])
  expect(format).toContain(`Its own digest is \`${digestOf(text)}\``)
  expect(format).toContain(`For the two files above: \`${versionDigest(manifest.entries).slice(7)}\``)
})

function digestOf(text: string): string {
  return sha256(new TextEncoder().encode(text))
}
