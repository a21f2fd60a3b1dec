import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import * as protocol from '../src/index.ts'
import { encodeManifest, parseManifest, sha256, versionDigest } from '../src/index.ts'
import { thrown } from './thrown.ts'

const folder = new URL('./fixtures/documents/', import.meta.url)
const fixtures = readdirSync(folder).filter((file) => file.endsWith('.json'))
const schemas = new Map(
  Object.entries<unknown>(protocol).flatMap(([name, schema]): [string, z.ZodMiniType][] =>
    schema instanceof z.ZodMiniType ? [[name.replace(/Schema$/, ''), schema]] : [],
  ),
)

/** Answers that repeat what is stored. */
const answers = ['service', 'versionRecord', 'version', 'listedVersion', 'run', 'begunRun']

function bytesOf(file: string): Uint8Array {
  return readFileSync(new URL(file, folder))
}

function jsonOf(file: string): unknown {
  return JSON.parse(new TextDecoder().decode(bytesOf(file)))
}

function schemaOf(file: string): z.ZodMiniType {
  const schema = schemas.get(file.split('.')[0] ?? '')
  if (schema === undefined) throw new Error(`No schema reads the fixture ${file}`)
  return schema
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Optional keys of a document. */
const optionalKeys: Record<string, string[]> = {
  'record.pushed.json': ['origin'],
  'storedRun.json': ['interrupted'],
}

const objects = fixtures.filter((file) => isObject(jsonOf(file)))
const values = fixtures.filter((file) => !objects.includes(file))

describe('stored documents', () => {
  it('have a fixture for every schema with a format version', () => {
    const versioned = [...schemas].flatMap(([name, schema]) =>
      schema instanceof z.ZodMiniObject && 'formatVersion' in schema.shape ? [name] : [],
    )
    expect(versioned.filter((name) => !fixtures.includes(`${name}.json`)).sort()).toEqual(answers.sort())
  })

  it.each(objects)('are read whole: %s', (file) => {
    expect(schemaOf(file).parse(jsonOf(file))).toStrictEqual(jsonOf(file))
  })

  it.each(values)('hold values that are all read: %s', (file) => {
    const all = jsonOf(file)
    if (!Array.isArray(all) || all.length === 0) throw new Error(`${file} has to list values`)
    for (const value of all) expect(schemaOf(file).parse(value)).toStrictEqual(value)
  })

  it.each(objects)('are read without the keys that are not known: %s', (file) => {
    const later = { ...Object(jsonOf(file)), addedLater: { by: 'a newer writer' } }
    expect(schemaOf(file).parse(later)).toStrictEqual(jsonOf(file))
  })

  it.each(objects)('need each of their keys, but for those that came later: %s', (file) => {
    const document = jsonOf(file)
    if (!isObject(document)) throw new Error(`${file} has to be an object`)
    const optional = Object.keys(document).filter((key) => {
      const { [key]: _, ...rest } = document
      return schemaOf(file).safeParse(rest).success
    })
    expect(optional).toEqual(optionalKeys[file] ?? [])
  })

  it.each(
    objects.filter((file) => 'formatVersion' in Object(jsonOf(file)) && file !== 'formatDocument.json'),
  )('are refused in a higher format version: %s', (file) => {
    expect(schemaOf(file).safeParse({ ...Object(jsonOf(file)), formatVersion: 2 }).success).toBe(false)
  })

  it('of API keys have their public half, or are from before it existed', () => {
    const later = { ...Object(jsonOf('apiKeyDocument.json')), addressKey: 'A'.repeat(43) }
    expect(protocol.apiKeyDocumentSchema.parse(later)).toStrictEqual(later)
  })

  it('name the version of a store that is too new to read', () => {
    const later = { ...Object(jsonOf('formatDocument.json')), formatVersion: 2 }
    expect(protocol.formatDocumentSchema.parse(later).formatVersion).toBe(2)
  })

  it('keep their meaning: a record', () => {
    const record = protocol.recordSchema.parse(jsonOf('record.json'))
    expect(record).toStrictEqual({
      formatVersion: 1,
      team: 'Research',
      experiment: 'uncategorized',
      type: 'dataset',
      name: 'some/directory/asset',
      tag: 'V2',
      digest: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      manifest: {
        digest: 'sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752',
        size: 18_734,
      },
      files: 73,
      bytes: 62_914_560_001,
      base: 'V1',
      commitId: '5b0c2f0e-3a35-4d0e-8f0e-8a1f7b8f2d11',
      createdAt: '2026-03-04T23:59:59.999Z',
      createdBy: 'Ada.Lovelace',
      run: { experiment: 'uncategorized', run: 'sable-life-1' },
      description: 'Second labelling, without the night shots.\nSee notes/labels.md – 標籤.',
      metadata: {
        labels: ['cat', 'dog', null],
        split: { train: 0.8, test: 0.2 },
        reviewed: true,
        '': 'an empty key',
        toString: 'a key that every object has',
      },
    })
  })

  it.each([
    ['record.json', { tag: 'v2' }],
    ['record.json', { tag: 'V0' }],
    ['record.json', { team: '../other' }],
    ['record.json', { name: 'a//b' }],
    ['record.json', { bytes: -1 }],
    ['record.json', { files: 1.5 }],
    ['record.json', { commitId: 'mine' }],
    ['record.json', { createdAt: '2026-03-04 23:59' }],
    ['record.json', { createdAt: '2026-03-04T23:59:59+02:00' }],
    ['record.json', { description: 'x'.repeat(4097) }],
    ['record.json', { metadata: [] }],
    ['record.json', { formatVersion: '1' }],
    ['record.pushed.json', { origin: { tag: 'V12' } }],
    ['origin.json', { storeId: 'mine' }],
    ['origin.json', { tag: null }],
    ['aliasMove.json', { alias: 'latest' }],
    ['aliasMove.json', { alias: 'V3' }],
    ['runDocument.json', { state: 'paused' }],
    ['apiKeyDocument.json', { roles: { research: 'owner' } }],
    ['apiKeyDocument.json', { addressKey: 'short' }],
    ['metricPoint.json', { key: '' }],
    ['metricPoint.json', { value: 'nan' }],
    ['metricPoint.json', { step: -1 }],
    ['sweepList.json', { blobs: ['abc'] }],
  ])('are refused when a value breaks its rule: %s with %j', (file, change) => {
    expect(schemaOf(file).safeParse({ ...Object(jsonOf(file)), ...change }).success).toBe(false)
  })
})

describe('stored manifests', () => {
  const digest = 'sha256:ee6933e555fe0667fbd40225985cdfcd16de1ea8fddd151e15b71f76b0e1804a'

  it('are read whole and written again byte for byte', () => {
    const bytes = bytesOf('manifest.ndjson')
    const manifest = parseManifest(bytes)
    expect(sha256(bytes)).toBe(digest)
    expect(sha256(Buffer.concat([...encodeManifest(manifest)]))).toBe(digest)
    expect(manifest.header).toStrictEqual({
      formatVersion: 1,
      chunker: 'fastcdc2020-1m-nc2-s0',
      files: 7,
      bytes: 739_246_141,
    })
    expect(manifest.blobs.map(({ size }) => size)).toEqual([33, 3_145_728, 2_097_152])
    expect(manifest.entries.map(({ path }) => path)).toEqual([
      'README.md',
      'data/empty.csv',
      'data/weights.bin',
      'raw/video.mp4',
      'run.py',
      '\uFFED.txt',
      '🐱.txt',
    ])
    expect(manifest.entries[3]).toStrictEqual({
      path: 'raw/video.mp4',
      size: 734_003_200,
      digest: 'sha256:e3dcb9183ca99331f9c020919197306b3cc02f206a7f40f3160135f8922c418a',
      reference: 's3://archive/2026/video.mp4',
    })
    expect(manifest.entries[4]).toStrictEqual({
      path: 'run.py',
      size: 19,
      digest: 'sha256:44b0ed71a11db82e77017b570c8c07fd8431d6dc0616c1f90e07013f3e296e03',
      parts: [[0, 14, 19]],
      executable: true,
    })
  })

  it('keep their version digest', () => {
    expect(versionDigest(parseManifest(bytesOf('manifest.ndjson')).entries)).toBe(
      'sha256:267b74455dcd2a6b714cb33dfb13a12df3e89174686b424cde78db56585e01fc',
    )
  })

  it('are read without unknown keys', () => {
    expect(parseManifest(bytesOf('manifest.later-keys.ndjson'))).toStrictEqual(
      parseManifest(bytesOf('manifest.ndjson')),
    )
  })

  it('are refused in a higher format version', () => {
    expect(thrown(() => parseManifest(bytesOf('manifest.version-2.ndjson'))).code).toBe('format_unsupported')
  })
})
