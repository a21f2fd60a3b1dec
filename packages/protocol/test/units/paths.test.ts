import { posix, win32 } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyStrings, byBytes, paths, pathSets, unicodeStrings } from '../arbitraries.ts'
import { thrown } from '../thrown.ts'
import { comparePaths, createPathWatch, parsePath, pathProblem, pathSchema } from '../../src/paths.ts'

describe('the rule of paths', () => {
  it('accepts paths of valid segments', () => {
    fc.assert(
      fc.property(paths, (path) => {
        expect(pathProblem(path)).toBeUndefined()
      }),
    )
  })

  it('accepts names that only some systems refuse', () => {
    for (const path of [
      'CON',
      'a:b',
      'nul.txt',
      'trailing.',
      'trailing ',
      '...',
      '..a',
      'a..',
      ' ',
      '*',
      'A.txt',
      '~',
    ]) {
      expect([path, pathProblem(path)]).toEqual([path, undefined])
    }
  })

  it('refuses everything that leads out of a folder or that the format forbids', () => {
    fc.assert(
      fc.property(anyStrings, (path) => {
        fc.pre(pathProblem(path) === undefined)
        expect(posix.resolve('/root', path)).toBe(`/root/${path}`)
        expect(win32.join('C:\\root', path)).toBe(`C:\\root\\${path.replaceAll('/', '\\')}`)
        expect(path.split('/').some((segment) => ['', '.', '..'].includes(segment))).toBe(false)
        expect(path).not.toMatch(/[\p{Cc}\\\p{Cs}]/u)
        expect(path.normalize('NFC')).toBe(path)
        expect(Buffer.from(path).toString()).toBe(path)
        expect(Buffer.byteLength(path)).toBeLessThanOrEqual(1024)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps resolved paths inside the folder on Windows too, unless the first segment names a drive', () => {
    fc.assert(
      fc.property(anyStrings, (path) => {
        fc.pre(pathProblem(path) === undefined && !/^[A-Za-z]:/.test(path))
        expect(win32.resolve('C:\\root', path)).toBe(`C:\\root\\${path.replaceAll('/', '\\')}`)
      }),
    )
  })

  it.each([
    ['', 'it is empty'],
    ['/etc/passwd', 'it is absolute'],
    ['/', 'it is absolute'],
    ['//server/share', 'it is absolute'],
    ['a//b', 'it has an empty segment'],
    ['a/', 'it has an empty segment'],
    ['.', "it has a segment '.'"],
    ['./a', "it has a segment '.'"],
    ['a/./b', "it has a segment '.'"],
    ['..', "it has a segment '..'"],
    ['../a', "it has a segment '..'"],
    ['a/../../b', "it has a segment '..'"],
    ['a\\b', 'it has a backslash'],
    ['..\\a', 'it has a backslash'],
    ['a\0b', 'it has a control character'],
    ['a\nb', 'it has a control character'],
    ['a\r', 'it has a control character'],
    ['\t', 'it has a control character'],
    ['a\u001fb', 'it has a control character'],
    ['a\u007fb', 'it has a control character'],
    ['a\u0085b', 'it has a control character'],
    ['a\u009fb', 'it has a control character'],
    ['e\u0301', 'it is not in Unicode normal form C'],
    ['\u212b', 'it is not in Unicode normal form C'],
    ['\ud800', 'it is not valid Unicode'],
    ['a\udc00b', 'it is not valid Unicode'],
    ['\ude00\ud83d', 'it is not valid Unicode'],
  ])('refuses %j: %s', (path, problem) => {
    expect(pathProblem(path)).toBe(problem)
    const error = thrown(() => parsePath(path))
    expect(error).toMatchObject({ code: 'path_invalid', status: 422, details: { path, rule: problem } })
    expect(error.message).toContain(problem)
    expect(pathSchema.safeParse(path).success).toBe(false)
  })

  it.each([
    ['a'.repeat(255), 'a'.repeat(256)],
    ['é'.repeat(127), 'é'.repeat(128)],
    ['漢'.repeat(85), '漢'.repeat(86)],
    [`${'😀'.repeat(63)}abc`, '😀'.repeat(64)],
    [`x/${'é'.repeat(127)}a/y`, `x/${'é'.repeat(127)}aa/y`],
  ])('counts the 255 bytes of a segment in UTF-8', (fits, tooLong) => {
    expect(pathProblem(fits)).toBeUndefined()
    expect(pathProblem(tooLong)).toBe('a segment is longer than 255 bytes')
  })

  it('counts the 1,024 bytes of a path in UTF-8', () => {
    const segment = '漢'.repeat(85)
    const fits = [segment, segment, segment, segment.slice(1), 'ab'].join('/')
    expect(Buffer.byteLength(fits)).toBe(1023)
    expect(pathProblem(`${fits}c`)).toBeUndefined()
    expect(pathProblem(`${fits}é`)).toBe('it is longer than 1024 bytes')
  })

  it('returns an allowed path unchanged', () => {
    fc.assert(
      fc.property(paths, (path) => {
        expect(parsePath(path)).toBe(path)
        expect(pathSchema.parse(path)).toBe(path)
      }),
    )
  })

  it('shortens a very long path in the message and keeps it in the details', () => {
    const error = thrown(() => parsePath('a'.repeat(5000)))
    expect(error.message.length).toBeLessThan(400)
    expect(error.details['path']).toHaveLength(5000)
  })
})

describe('the order of paths', () => {
  it('is that of the bytes of their UTF-8', () => {
    fc.assert(
      fc.property(unicodeStrings, unicodeStrings, (a, b) => {
        expect(Math.sign(comparePaths(a, b))).toBe(byBytes(a, b))
      }),
      { numRuns: 500 },
    )
  })

  it('holds if two strings begin alike', () => {
    fc.assert(
      fc.property(unicodeStrings, unicodeStrings, unicodeStrings, (start, a, b) => {
        expect(Math.sign(comparePaths(start + a, start + b))).toBe(byBytes(start + a, start + b))
      }),
    )
  })

  it('puts U+FFFD before U+10000, unlike a comparison of strings', () => {
    expect(['\u{10000}', '\ufffd'].sort()).toEqual(['\u{10000}', '\ufffd'])
    expect(comparePaths('\ufffd', '\u{10000}')).toBeLessThan(0)
  })
})

/** The expected result, by comparison with every earlier path. */
function clashOf(earlier: string[], path: string): string[] {
  return earlier.filter((other) => other === path || path.startsWith(`${other}/`))
}

describe('the check for conflicting paths', () => {
  const crowded = fc
    .array(
      fc.string({
        unit: fc.constantFrom('a', 'b', '/', '.', '-', '0', '\uE000', '😀'),
        minLength: 1,
        maxLength: 6,
      }),
      {
        maxLength: 12,
      },
    )
    .map((all) => all.filter((path) => pathProblem(path) === undefined).sort(byBytes))

  it('agrees with a comparison of every pair', () => {
    fc.assert(
      fc.property(crowded, (sorted) => {
        const clashWith = createPathWatch()
        for (const [index, path] of sorted.entries()) {
          const expected = clashOf(sorted.slice(0, index), path)
          const found = clashWith(path)
          expect(expected.length === 0 ? [undefined] : expected).toContain(found)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('finds no conflict in the paths of one version', () => {
    fc.assert(
      fc.property(pathSets, (sorted) => {
        const clashWith = createPathWatch()
        expect(sorted.map((path) => clashWith(path))).toEqual(sorted.map(() => undefined))
      }),
    )
  })

  it.each([
    [['a', 'a'], 'a'],
    [['a', 'a-', 'a.b', 'a/b'], 'a'],
    [['a/b', 'a/b!', 'a/b/c/d'], 'a/b'],
    [['a', 'a!', 'a!!', 'a!!!', 'a/b'], 'a'],
  ])('finds in %j that the last path conflicts with %j', (sorted, clash) => {
    const clashWith = createPathWatch()
    const found = sorted.map((path) => clashWith(path))
    expect(found.at(-1)).toBe(clash)
    expect(found.slice(0, -1).every((each) => each === undefined)).toBe(true)
  })
})
