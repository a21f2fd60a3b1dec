import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyStrings, paths } from '../arbitraries.ts'
import { codeOf, thrown } from '../thrown.ts'
import { apiBase, routeParameters, routePath, routes, type Route, type RouteName } from '../../src/index.ts'

const names = Object.keys(routes).filter((name): name is RouteName => Object.hasOwn(routes, name))

function parametersIn(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
}

/** Whether a parameter can be part of a URL without being lost. */
function fits(key: string, value: string): boolean {
  const segments = key === 'path' ? value.split('/') : [value]
  return segments.every(
    (segment) => segment.isWellFormed() && segment !== '' && segment !== '.' && segment !== '..',
  )
}

/** The regular expression that a server's router makes of a route. */
function patternOf(path: string): RegExp {
  const escaped = path.replaceAll('.', '\\.')
  return new RegExp(`^${apiBase}${escaped.replace(/\{path\}/, '(.+)').replace(/\{\w+\}/g, '([^/]+?)')}$`)
}

describe('the path of a route', () => {
  it.each([
    ['getService', {}, '/api/v1'],
    ['getMe', {}, '/api/v1/me'],
    ['getBlob', { team: 't', digest: 'sha256:ab' }, '/api/v1/teams/t/blobs/sha256%3Aab'],
    [
      'getArtifact',
      { team: 't', experiment: 'e', type: 'dataset', name: 'some/directory/asset' },
      '/api/v1/teams/t/experiments/e/artifacts/dataset/some%2Fdirectory%2Fasset',
    ],
    [
      'getFile',
      { team: 't', experiment: 'e', type: 'model', name: 'n', revision: 'V2', path: 'a b/é%2F?#.csv' },
      '/api/v1/teams/t/experiments/e/artifacts/model/n/versions/V2/files/a%20b/%C3%A9%252F%3F%23.csv',
    ],
    [
      'getArchive',
      { team: 't', experiment: 'e', type: 'model', name: 'n', revision: 'V2' },
      '/api/v1/teams/t/experiments/e/artifacts/model/n/versions/V2.tar',
    ],
  ] as const)('%s with %j is %s', (name, parameters, path) => {
    expect(routePath(name, parameters)).toBe(path)
  })

  it('leads to the same route and returns the parameters, whatever they contain', () => {
    const values = fc.oneof(
      anyStrings,
      fc.constantFrom('..', '.', '', '%2e%2e', '%2F', '$1', '$&', '{team}', 'a?b#c', '\\..\\'),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.array(values, { minLength: 6, maxLength: 6 }),
        (name, chosen) => {
          const keys = parametersIn(routes[name].path)
          const expected = keys.map((_, index) => chosen[index] ?? '')
          const parameters = Object.fromEntries(keys.map((key, index) => [key, expected[index] ?? '']))
          const refused = keys.some((key) => !fits(key, parameters[key] ?? ''))
          expect(codeOf(() => routePath(name, parameters))).toBe(refused ? 'request_invalid' : undefined)
          fc.pre(!refused)
          const path = routePath(name, parameters)
          const { pathname, search, hash } = new URL(path, 'http://host')
          expect(pathname).toBe(path)
          expect(search + hash).toBe('')
          const found = patternOf(routes[name].path).exec(pathname)
          expect(found?.slice(1).map(decodeURIComponent)).toEqual(expected)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('accepts every path that an entry can have', () => {
    fc.assert(
      fc.property(paths, (path) => {
        const address = routePath('getFile', {
          team: 't',
          experiment: 'e',
          type: 'x',
          name: 'n',
          revision: 'V1',
          path,
        })
        const { pathname } = new URL(address, 'http://host')
        expect(decodeURIComponent(pathname.split('/files/')[1] ?? '')).toBe(path)
      }),
    )
  })

  it.each(['', '.', '..', '\ud800'])('cannot hold %j as a parameter', (value) => {
    const error = thrown(() => routePath('listExperiments', { team: value }))
    expect(error.code).toBe('request_invalid')
    expect(error.message).toContain('as team')
  })

  it.each(['', '/a', 'a/', 'a//b', 'a/../b', './a', 'a/..'])(
    'cannot hold %j as the path of a file',
    (path) => {
      const others = { team: 't', experiment: 'e', type: 'x', name: 'n', revision: 'V1' }
      expect(thrown(() => routePath('getFile', { ...others, path })).code).toBe('request_invalid')
    },
  )

  it('is refused without one of its parameters', () => {
    expect(() => routePath('getBlob', { team: 't' })).toThrow(
      new TypeError('The route getBlob needs the parameter digest'),
    )
    expect(() => routePath('listExperiments')).toThrow(TypeError)
  })
})

describe('the table of routes', () => {
  it('names only parameters that are described, and all of them', () => {
    const all = new Set(names.flatMap((name) => parametersIn(routes[name].path)))
    expect([...all].sort()).toEqual(Object.keys(routeParameters).sort())
  })

  it('has no method and path twice', () => {
    const all = names.map((name) => `${routes[name].method} ${routes[name].path.replace(/\{\w+\}/g, '{}')}`)
    expect(new Set(all).size).toBe(all.length)
  })

  it('does not let readers write', () => {
    // These change nothing: their parameters are too long for a URL.
    const questions = new Set<string>(['presignDownloads', 'makeSignedUrls'])
    const asked = names.filter((name) => !questions.has(name))
    const writes = asked.map((name): Route => routes[name]).filter(({ method }) => method !== 'GET')
    expect(writes.filter(({ access }) => access !== 'write' && access !== 'admin')).toEqual([])
  })

  it.each([
    ['team', 'research', '../x'],
    ['name', 'a/b', 'a//b'],
    ['alias', 'production', 'V1'],
    ['tag', 'V1', 'v1'],
    ['revision', 'latest', 'V0'],
    ['revision', 'v2', 'a/b'],
    ['digest', `sha256:${'a'.repeat(64)}`, 'sha256:a'],
    ['path', 'a/b.csv', '../b.csv'],
    ['segment', '0000000001-deadbeef', '1-deadbeef'],
  ] as const)('takes as %s the text %j and not %j', (key, good, bad) => {
    const { schema, example } = routeParameters[key]
    expect(schema.parse(good)).toBe(good)
    expect(schema.parse(example)).toBe(example)
    expect(schema.safeParse(bad).success).toBe(false)
  })

  it('pages by 1 to 1,000 items', () => {
    const { query } = routes.listVersions
    const limits = ['1', '100', '1000', '0', '01', '1001', '-1', '1e3', '', ' 1']
    expect(limits.filter((limit) => query.safeParse({ limit }).success)).toEqual(['1', '100', '1000'])
    expect(query.safeParse({ cursro: 'x' }).success).toBe(false)
  })
})
