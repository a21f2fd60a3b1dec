// Attacks by documents: bodies that are hard to read, and stored ones that are many.
import { randomBytes } from 'node:crypto'
import { sha256 } from '@trackway/protocol'
import { storedManifest } from '@trackway/simulation'
import type { Attack } from '../attack.ts'
import { commit, hostilePath, insist, json, jsonText, putBlob, repeat, send } from './requests.ts'

/** A question with 100,000 values, each of which is wrong. */
export const wrongValues: Attack = {
  async run(target) {
    const request = jsonText(
      'POST',
      hostilePath('findMissingBlobs', 'any'),
      `{"digests":[${'1,'.repeat(99_990)}1]}`,
    )
    await repeat(8, () => send(target, request))
  },
}

/** A question for 10,000 blobs. */
export const manyDigests: Attack = {
  async run(target) {
    const digests = Array.from({ length: 10_000 }, (_, number) => sha256(Buffer.from(String(number))))
    const request = json('POST', hostilePath('findMissingBlobs', 'any'), { digests })
    await repeat(8, () => send(target, request))
  },
}

/** A run with a config of 49,000 keys. */
export const largeConfigs: Attack = {
  async run(target) {
    const config = Object.fromEntries(Array.from({ length: 49_000 }, (_, number) => [`k${number}`, number]))
    const path = hostilePath('createRun', 'configs')
    const request = json('POST', path, { run: 'large', config, commitId: crypto.randomUUID() })
    await repeat(8, () => send(target, request))
  },
}

/** Reads a log whose segments are as large as they may be. */
export const largeLogPages: Attack = {
  async run(target) {
    const experiment = 'logs'
    const run = 'large'
    const begin = json('POST', hostilePath('createRun', experiment), { run, commitId: crypto.randomUUID() })
    await insist(target, begin)
    const points = Array.from({ length: 10_000 }, (_, step) => ({
      step,
      key: `${step}`.padEnd(250, 'x'),
      value: step,
      time: step,
    }))
    const body = JSON.stringify({ points })
    for (let number = 1; number <= 20; number += 1) {
      const segment = `${String(number).padStart(10, '0')}-00000001`
      await insist(target, jsonText('PUT', hostilePath('putLogSegment', experiment, { run, segment }), body))
    }
    await repeat(16, () => send(target, { path: hostilePath('getLog', experiment, { run }) }))
  },
}

/** Reads a version that has 3,000 aliases. */
export const manyAliases: Attack = {
  async prepare(site) {
    const experiment = 'aliases'
    const small = Buffer.from('aliased')
    await putBlob(site, small)
    await commit((request) => insist(site, request), experiment, storedManifest({ a: small }).bytes)
    let alias = 0
    const moveMore = async () => {
      while (alias < 3000) {
        const path = hostilePath('moveAlias', experiment, { alias: `alias-${(alias += 1)}` })
        await insist(site, json('PUT', path, { tag: 'V1' }))
      }
    }
    await Promise.all(Array.from({ length: 16 }, moveMore))
  },
  async run(target) {
    await repeat(8, () => send(target, { path: hostilePath('getVersion', 'aliases', { revision: 'V1' }) }))
  },
}

/** Makes one version after the other, none of which says what it was made from. */
export const commitsWithoutBase: Attack = {
  async run(target) {
    await repeat(16, async () => {
      const bytes = randomBytes(16)
      await putBlob(target, bytes)
      await commit((request) => send(target, request), 'commits', storedManifest({ a: bytes }).bytes)
    })
  },
}
