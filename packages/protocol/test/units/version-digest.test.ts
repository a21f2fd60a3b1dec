import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byBytes } from '../arbitraries.ts'
import { sha256 } from '../../src/sha256.ts'
import { checksumLines, versionDigest } from '../../src/version-digest.ts'

const encoder = new TextEncoder()
const hasSha256sum = process.platform !== 'win32' && spawnSync('sha256sum', ['--version']).status === 0

// No capital letters: the tree must fit on a disk that ignores case. sha256sum cannot read a file named -,
// because it would read its standard input instead.
const segments = fc
  .string({ unit: fc.constantFrom(...Array.from('ab0-_. ~\'"$*[é漢\uE000😀')), minLength: 1, maxLength: 5 })
  .filter((segment) => !/^\.{1,2}$/.test(segment))
const trees = fc
  .dictionary(
    fc.array(segments, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
    fc.uint8Array({ maxLength: 64 }),
    { minKeys: 20, maxKeys: 40 },
  )
  .map((tree) =>
    Object.entries(tree).filter(
      ([path]) => path !== '-' && !Object.keys(tree).some((other) => other.startsWith(`${path}/`)),
    ),
  )

/** The output of sha256sum for these files, in the order of the C locale. */
function sha256sum(tree: [string, Uint8Array][]): string {
  const folder = mkdtempSync(join(tmpdir(), 'trackway-sha256sum-'))
  try {
    for (const [path, bytes] of tree) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), bytes)
    }
    const { status, stdout, stderr } = spawnSync('sh', ['-c', 'sort -z | xargs -0 sha256sum --'], {
      cwd: folder,
      env: { ...process.env, LC_ALL: 'C' },
      input: tree.map(([path]) => `${path}\0`).join(''),
      encoding: 'utf8',
      timeout: 10_000,
    })
    if (status !== 0) throw new Error(`sha256sum failed: ${stderr}`)
    return stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('the digest of a version', () => {
  it('is the digest of what sha256sum prints for its files', ({ skip }) => {
    skip(!hasSha256sum, 'there is no sha256sum on this machine to compare with')
    fc.assert(
      fc.property(trees, (tree) => {
        const printed = sha256sum(tree)
        const entries = tree
          .map(([path, bytes]) => ({ path, digest: sha256(bytes) }))
          .sort((a, b) => byBytes(a.path, b.path))
        expect([...checksumLines(entries)].join('')).toBe(printed)
        expect(versionDigest(entries)).toBe(sha256(encoder.encode(printed)))
      }),
      { numRuns: 8 },
    )
  })

  it('is the digest of its checksum lines, however many there are', () => {
    const entries = Array.from({ length: 3000 }, (_, index) => ({
      path: `folder/é😀-${String(index).padStart(5, '0')}`,
      digest: sha256(encoder.encode(String(index))),
    }))
    expect(versionDigest(entries)).toBe(sha256(encoder.encode([...checksumLines(entries)].join(''))))
  })

  it('has a value that never changes', () => {
    const entries = [
      { path: 'README.md', digest: sha256(encoder.encode('hello\n')) },
      { path: 'data/é.csv', digest: sha256(encoder.encode('a,b\n1,2\n')) },
    ]
    expect([...checksumLines(entries)]).toEqual([
      '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  README.md\n',
      '492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470  data/é.csv\n',
    ])
    expect(versionDigest(entries)).toBe(
      'sha256:fbdf333732a69b39ad68f6393b1c21ad426f37b86fb1968be4cc688bfa596ca4',
    )
    expect(versionDigest([])).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  })
})
