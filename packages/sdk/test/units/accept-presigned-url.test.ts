import { sha256 } from '@trackway/protocol'
import { expect, test } from 'vitest'
import { acceptPresignedUrl } from '../../src/client/accept-presigned-url.ts'

const presigned = {
  digest: sha256(new Uint8Array()),
  url: 'https://bucket.test/key?signature=x',
  headers: { 'X-Amz-Date': '20261121T000000Z', 'content-length': '9', host: 'bucket.test' },
  expiresAt: '2026-11-21T00:00:00.000Z',
}

test('a presigned URL is requested with its headers, except for those that the runtime sets itself', () => {
  const { url, headers } = acceptPresignedUrl(presigned, new URL('https://server.test')) ?? {}
  expect(url?.href).toBe(presigned.url)
  expect(headers).toEqual({ 'x-amz-date': '20261121T000000Z' })
})

test('a client that reaches its server over https does not follow a presigned URL without it', () => {
  const plain = { ...presigned, url: presigned.url.replace('https:', 'http:') }
  expect(acceptPresignedUrl(plain, new URL('https://server.test'))).toBeUndefined()
  expect(acceptPresignedUrl(plain, new URL('http://server.test'))).toBeDefined()
  expect(acceptPresignedUrl(presigned, new URL('http://server.test'))).toBeDefined()
})
