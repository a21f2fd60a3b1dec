import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { fileError } from '../../src/disk/files/file-error.ts'
import { packBytes, unpackBytes } from '../../src/disk/threads/sent-bytes.ts'

test('file errors of another realm have their codes', () => {
  const error = runInNewContext(`Object.assign(new Error('no such file'), { code: 'ENOENT' })`)
  expect(fileError(error, 'Reading', '/a').code).toBe('file_not_found')
  const other = fileError(runInNewContext(`new Error('out of luck')`), 'Reading', '/a')
  expect([other.code, other.message]).toEqual(['file_error', 'Reading /a: out of luck'])
})

test('bytes of another realm pass between threads', () => {
  const packed = packBytes({ bytes: runInNewContext('new Uint8Array([1, 2, 3])') })
  expect(structuredClone(unpackBytes(packed))).toEqual({ bytes: new Uint8Array([1, 2, 3]) })
})
