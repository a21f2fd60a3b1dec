import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paths } from '../arbitraries.ts'
import { codeOf, thrown } from '../thrown.ts'
import { artifactNameProblem, nameProblem } from '../../src/names.ts'
import { parseSpec } from '../../src/parse-spec.ts'
import {
  formatSpec,
  formatTag,
  maxTagNumber,
  parseRevision,
  parseTag,
  tagNumber,
  tagSchema,
} from '../../src/revision.ts'

const hex = '8ba3fb56ac5c1f1e6c1f0a5a0d8a3f4b9e2c7d6a5b4c3d2e1f00112233445566'

describe('tags', () => {
  it('yield the number that they were made from', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: maxTagNumber }), (number) => {
        expect(tagNumber(formatTag(number))).toBe(number)
        expect(parseTag(formatTag(number).toLowerCase())).toBe(formatTag(number))
        expect(tagSchema.parse(formatTag(number))).toBe(formatTag(number))
      }),
    )
  })

  it.each([
    ['V1', 1],
    ['v2', 2],
    ['V9999999998', 9_999_999_998],
  ])('parse %j as %d', (text, number) => {
    expect(tagNumber(text)).toBe(number)
    expect(parseTag(text)).toBe(`V${number}`)
  })

  it.each([
    '',
    'V',
    'V0',
    'V01',
    'V-1',
    'V+1',
    'V1.0',
    'V1e3',
    'V 1',
    ' V1',
    'V1\n',
    '1',
    'VV1',
    'V٣',
    'V9999999999',
    `V${'9'.repeat(400)}`,
  ])('are not %j', (text) => {
    expect(tagNumber(text)).toBeUndefined()
    expect(tagSchema.safeParse(text).success).toBe(false)
    expect(thrown(() => parseTag(text))).toMatchObject({ code: 'revision_invalid', status: 400 })
  })

  it('have a capital letter, on the wire and as text', () => {
    for (const value of ['v1', 1, null, undefined, ['V1']])
      expect(tagSchema.safeParse(value).success).toBe(false)
  })
})

describe('revisions', () => {
  it.each([
    ['latest', { kind: 'latest' }],
    ['LATEST', { kind: 'latest' }],
    ['V12', { kind: 'tag', tag: 'V12', number: 12 }],
    ['v12', { kind: 'tag', tag: 'V12', number: 12 }],
    ['production', { kind: 'alias', alias: 'production' }],
    ['Best.v2', { kind: 'alias', alias: 'Best.v2' }],
    [`sha256:${hex}`, { kind: 'digest', hex }],
    [`sha256:${hex.slice(0, 12)}`, { kind: 'digest', hex: hex.slice(0, 12) }],
  ])('read %j', (text, expected) => {
    expect(parseRevision(text)).toEqual(expected)
  })

  it.each([
    '',
    'V0',
    'V01',
    'v9999999999',
    'V1.tar',
    'latest.tar',
    '..',
    'a b',
    'a/b',
    'con',
    `sha256:${hex.slice(0, 11)}`,
    `sha256:${hex}0`,
    `sha256:${hex.toUpperCase()}`,
    `SHA256:${hex}`,
    'sha256:',
    `sha512:${hex}`,
  ])('refuse %j', (text) => {
    const error = thrown(() => parseRevision(text))
    expect(error.code).toBe('revision_invalid')
    expect(error.message).toContain(`'${text}'`)
  })

  it('mean exactly one thing: an alias is nothing else', () => {
    const texts = fc.string({ unit: fc.constantFrom(...Array.from('vV019latestLATES.-r')), maxLength: 8 })
    fc.assert(
      fc.property(texts, (text) => {
        const meanings = [
          /^latest$/i.test(text) ? 'latest' : undefined,
          tagNumber(text) === undefined ? undefined : 'tag',
          nameProblem('alias', text) === undefined ? 'alias' : undefined,
        ].filter((meaning) => meaning !== undefined)
        expect(meanings.length).toBeLessThanOrEqual(1)
        expect(codeOf(() => parseRevision(text))).toBe(meanings.length === 0 ? 'revision_invalid' : undefined)
        fc.pre(meanings.length === 1)
        expect(parseRevision(text).kind).toBe(meanings[0])
      }),
      { numRuns: 300 },
    )
  })
})

describe('specs', () => {
  it.each([
    ['dataset/sample', { type: 'dataset', name: 'sample' }],
    ['dataset/sample:V2', { type: 'dataset', name: 'sample', revision: 'V2' }],
    ['dataset/sample:v2[train.csv]', { type: 'dataset', name: 'sample', revision: 'v2', path: 'train.csv' }],
    [
      'model/some/directory/asset[a/b.json]',
      { type: 'model', name: 'some/directory/asset', path: 'a/b.json' },
    ],
    [
      `dataset/sample:sha256:${hex}[x]`,
      { type: 'dataset', name: 'sample', revision: `sha256:${hex}`, path: 'x' },
    ],
    ['dataset/sample[a[1]:b].txt]', { type: 'dataset', name: 'sample', path: 'a[1]:b].txt' }],
  ])('parse %j', (text, expected) => {
    expect(parseSpec(text)).toStrictEqual(expected)
    expect(formatSpec(expected)).toBe(text)
  })

  const segment = fc
    .string({ unit: fc.constantFrom(...Array.from('aB0._-')), minLength: 1, maxLength: 6 })
    .filter((text) => nameProblem('type', text) === undefined)
  const specs = fc.record(
    {
      type: segment,
      name: fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
      revision: fc.oneof(
        fc.constantFrom('latest', 'V7', `sha256:${hex}`),
        segment.map((text) => `x${text}`),
      ),
      path: paths,
    },
    { requiredKeys: ['type', 'name'] },
  )

  it('are parsed back as they were formatted', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        // `record` leaves a key out or sets it, and makes its objects without a prototype.
        expect(parseSpec(formatSpec(spec))).toStrictEqual({ ...spec })
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['', 'revision_invalid'],
    ['dataset', 'revision_invalid'],
    ['/sample', 'revision_invalid'],
    ['dataset/', 'revision_invalid'],
    ['dataset/sample:', 'revision_invalid'],
    ['dataset/sample[]', 'revision_invalid'],
    ['dataset/sample[a', 'revision_invalid'],
    ['dataset/sample]a', 'revision_invalid'],
    ['dataset/sample[a]b', 'revision_invalid'],
    ['dataset/sample:V0', 'revision_invalid'],
    ['dataset/sample:a/b', 'revision_invalid'],
    ['data set/sample', 'name_invalid'],
    ['dataset/../sample', 'name_invalid'],
    ['dataset/sample/', 'name_invalid'],
    ['dataset/sample[../x]', 'path_invalid'],
    ['dataset/sample[a\nb]', 'path_invalid'],
    ['dataset/sample:V1[/x]', 'path_invalid'],
  ])('refuse %j as %s', (text, code) => {
    expect(thrown(() => parseSpec(text)).code).toBe(code)
  })

  it('name artifacts and types that the rules for names allow', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('a', 'V1', '/', ':', '[', ']', '.', '-', 'b/c'),
          minLength: 3,
          maxLength: 10,
        }),
        (text) => {
          fc.pre(codeOf(() => parseSpec(text)) === undefined)
          const spec = parseSpec(text)
          expect(nameProblem('type', spec.type)).toBeUndefined()
          expect(artifactNameProblem(spec.name)).toBeUndefined()
          expect(formatSpec(spec)).toBe(text)
        },
      ),
      { numRuns: 500 },
    )
  })
})
