import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { thrown } from '../thrown.ts'
import {
  aliasNameSchema,
  artifactNameProblem,
  artifactNameSchema,
  foldName,
  nameProblem,
  nameSchema,
  parseArtifactName,
  parseName,
  type NameKind,
} from '../../src/names.ts'

const kinds: NameKind[] = ['team', 'experiment', 'run', 'type', 'alias', 'user']
const tooFar = 'it must begin with a letter or digit'

describe('names', () => {
  it.each([
    'a',
    'Z',
    '0',
    'a.b',
    'a_b-c.d',
    'sable-life-1',
    'a..b',
    'a-',
    'console',
    'com',
    'com10',
    'x.con',
    'a'.repeat(128),
  ])('allow %j for every kind', (name) => {
    expect(kinds.filter((kind) => nameProblem(kind, name) !== undefined)).toEqual([])
    expect(nameSchema.parse(name)).toBe(name)
    expect(parseName('team', name)).toBe(name)
  })

  it.each([
    ['', tooFar],
    ['.', tooFar],
    ['..', tooFar],
    ['.hidden', tooFar],
    ['-a', tooFar],
    ['_a', tooFar],
    ['a b', tooFar],
    ['a/b', tooFar],
    ['a%2Fb', tooFar],
    ['a:b', tooFar],
    ['a\n', tooFar],
    ['\na', tooFar],
    ['é', tooFar],
    ['a\u0130', tooFar],
    ['a'.repeat(129), tooFar],
    ['a.', 'it must not end with a dot'],
    ['a..', 'it must not end with a dot'],
  ])('refuse %j: %s', (name, problem) => {
    expect(kinds.filter((kind) => nameProblem(kind, name)?.includes(problem))).toEqual(kinds)
    expect(thrown(() => parseName('team', name))).toMatchObject({ code: 'name_invalid', status: 400 })
    expect(nameSchema.safeParse(name).success).toBe(false)
  })

  it.each(['con', 'PRN', 'Aux', 'nul', 'com0', 'COM9', 'lpt1', 'NUL.txt', 'con.tar.gz', 'com1.'])(
    'refuse the Windows device %j',
    (name) => {
      expect(kinds.filter((kind) => nameProblem(kind, name) === undefined)).toEqual([])
      expect(artifactNameProblem(`a/${name}`)).toBeDefined()
    },
  )

  it('have one segment that is unchanged in keys and URLs', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'B', '0', '.', '-', '_', '/', '%', ' ', '\\'), maxLength: 6 }),
        (name) => {
          fc.pre(nameProblem('team', name) === undefined)
          expect(encodeURIComponent(name)).toBe(name)
          expect(new URL(`http://host/${name}/end`).pathname).toBe(`/${name}/end`)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('say in the message what cannot have the name', () => {
    expect(thrown(() => parseName('experiment', 'a b')).message).toMatch(/^'a b' cannot name an experiment: /)
    expect(thrown(() => parseName('type', 'a b')).message).toMatch(/^'a b' cannot name a type: /)
    expect(thrown(() => parseArtifactName('a b')).message).toMatch(/^'a b' cannot name an artifact: /)
  })
})

describe('comparing names', () => {
  it('ignores case and nothing else', () => {
    expect(foldName('Sable-Life-1')).toBe(foldName('sable-life-1'))
    expect(foldName('a-b')).not.toBe(foldName('a_b'))
  })

  it('never turns an allowed name into a forbidden one', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('aBcNuLvV019._-')), maxLength: 8 }),
        (name) => {
          expect(nameProblem('alias', foldName(name)) === undefined).toBe(
            nameProblem('alias', name) === undefined,
          )
          expect(foldName(foldName(name))).toBe(foldName(name))
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('artifact names', () => {
  it.each(['sample', 'some/directory/asset', 'a/b', 'v1/latest', `${'a'.repeat(128)}/${'b'.repeat(69)}`])(
    'allow %j',
    (name) => {
      expect(artifactNameProblem(name)).toBeUndefined()
      expect(artifactNameSchema.parse(name)).toBe(name)
      expect(parseArtifactName(name)).toBe(name)
    },
  )

  it.each([
    ['', tooFar],
    ['/', "its part ''"],
    ['/a', "its part ''"],
    ['a/', "its part ''"],
    ['a//b', "its part ''"],
    ['a/../b', "its part '..'"],
    ['a/b.', "its part 'b.'"],
    ['nul/a', 'device'],
    [`a/${'b'.repeat(129)}`, tooFar],
    [`${'a'.repeat(128)}/${'b'.repeat(70)}`, 'longer than 200'],
  ])('refuse %j: %s', (name, problem) => {
    expect(artifactNameProblem(name)).toContain(problem)
    expect(thrown(() => parseArtifactName(name))).toMatchObject({ code: 'name_invalid' })
    expect(artifactNameSchema.safeParse(name).success).toBe(false)
  })
})

describe('aliases', () => {
  it.each([
    ['V12', 'it looks like a tag'],
    ['v12', 'it looks like a tag'],
    ['V0', 'it looks like a tag'],
    ['v01', 'it looks like a tag'],
    ['V99999999999999999999', 'it looks like a tag'],
    ['latest', 'latest always means the newest version'],
    ['LATEST', 'latest always means the newest version'],
    ['x.tar', 'it looks like an archive'],
    ['x.TAR', 'it looks like an archive'],
    [`sha256:${'a'.repeat(64)}`, tooFar],
  ])('refuse %j: %s', (name, problem) => {
    expect(nameProblem('alias', name)).toContain(problem)
    expect(thrown(() => parseName('alias', name)).message).toContain('cannot name an alias')
    expect(aliasNameSchema.safeParse(name).success).toBe(false)
  })

  it.each(['production', 'V', 'v1.2', 'V1-rc', '12', 'latest-1', 'tar', 'x.tar.gz'])('allow %j', (name) => {
    expect(nameProblem('alias', name)).toBeUndefined()
    expect(aliasNameSchema.parse(name)).toBe(name)
  })

  it('may be refused although the same text may name something else', () => {
    for (const name of ['V12', 'latest', 'x.tar']) expect(nameProblem('run', name)).toBeUndefined()
  })
})
