// Attacks by manifests that the format allows, or nearly.
import type { Attack } from '../attack.ts'
import { commit, hostilePath, insist, lineOf, manifestOf, putBlob, repeat, send } from './requests.ts'

const one = new TextEncoder().encode('x')

/** Stores versions of 3.9 million parts, and reads them in every way, thirteen of them in turn. */
export const manifestsOfManyParts: Attack = {
  async run(target) {
    const experiment = 'many-parts'
    const digest = await putBlob(target, one)
    const half = 1_950_000
    const parts = Buffer.alloc(8 * half, '[0,0,1],').subarray(0, -1)
    const makeOne = (number: number) => {
      const line = (path: string) => [
        `{"path":"${path}-${number % 13}","size":${half},"digest":"${digest}","parts":[`,
        parts,
        ']}\n',
      ]
      return manifestOf(digest, { files: 2, bytes: 2 * half, lines: [...line('a'), ...line('b')] })
    }
    await Promise.all([
      repeat(3, (number) => commit((request) => send(target, request), experiment, makeOne(number))),
      repeat(3, (number) => {
        const revision = `V${1 + (number % 13)}`
        const ways = [
          hostilePath('getFile', experiment, { revision, path: `a-${number % 13}` }),
          hostilePath('getManifest', experiment, { revision }),
          hostilePath('getArchive', experiment, { revision }),
          hostilePath('getFile', experiment, { revision, path: 'nothing' }),
        ]
        return send(target, { path: ways[number % ways.length] ?? '' })
      }),
    ])
  },
}

/** Stores a version of a million entries, and reads it. */
export const millionEntries: Attack = {
  async run(target) {
    const experiment = 'million'
    const digest = await putBlob(target, one)
    const files = 1_000_000
    const names = Array.from({ length: files }, (_, number) =>
      lineOf(String(number).padStart(7, '0'), digest),
    )
    const manifest = manifestOf(digest, { files, bytes: files, lines: [names.join('')] })
    names.length = 0
    await Promise.all([
      repeat(1, () => commit((request) => send(target, request), experiment, manifest)),
      repeat(2, (number) => {
        const path = number % 2 === 0 ? '0500000' : '050000x'
        return send(target, { path: hostilePath('getFile', experiment, { revision: 'V1', path }) })
      }),
    ])
  },
}

/** Asks for files that are nearly one of ten thousand with long paths. */
export const hintsOverLongPaths: Attack = {
  async prepare(site) {
    const digest = await putBlob(site, one)
    const lines = Array.from({ length: longPaths }, (_, number) => lineOf(longPath(number), digest))
    const manifest = manifestOf(digest, { files: longPaths, bytes: longPaths, lines: [lines.join('')] })
    await commit((request) => insist(site, request), 'long-paths', manifest)
  },
  async run(target) {
    await repeat(8, (number) => {
      const path = longPath(number % longPaths).replace(/\d/, 'x')
      return send(target, { path: hostilePath('getFile', 'long-paths', { revision: 'V1', path }) })
    })
  },
}

const longPaths = 10_000

function longPath(number: number): string {
  const folder = `${String(number).padStart(5, '0')}${'abcdefgh'.repeat(28)}`
  return `${folder}/${folder}/${folder}/${folder}`
}

/** Sends manifests with 50 MB of keys that the format does not know. */
export const unknownKeys: Attack = {
  async run(target) {
    const digest = await putBlob(target, one)
    const keys = Array.from({ length: 4_000_000 }, (_, number) => `,"k${number}":1`).join('')
    const lines = [lineOf('a', digest).replace('}\n', `${keys}}\n`)]
    const manifest = manifestOf(digest, { files: 1, bytes: 1, lines })
    await repeat(2, () => commit((request) => send(target, request), 'unknown-keys', manifest))
  },
}
