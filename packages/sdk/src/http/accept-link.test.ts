import { sha256 } from '@trackway/protocol'
import { expect, test } from 'vitest'
import { acceptLink } from './accept-link.ts'

const link = {
  digest: sha256(new Uint8Array()),
  url: 'https://bucket.test/key?signature=x',
  headers: { 'X-Amz-Date': '20261121T000000Z', 'content-length': '9', host: 'bucket.test' },
  expiresAt: '2026-11-21T00:00:00.000Z',
}

test('a link is sent with its headers, but for those that the runtime states itself', () => {
  const { url, headers } = acceptLink(link, new URL('https://server.test')) ?? {}
  expect(url?.href).toBe(link.url)
  expect(headers).toEqual({ 'x-amz-date': '20261121T000000Z' })
})

test('a client that reaches its server over https goes nowhere without', () => {
  const plain = { ...link, url: link.url.replace('https:', 'http:') }
  expect(acceptLink(plain, new URL('https://server.test'))).toBeUndefined()
  expect(acceptLink(plain, new URL('http://server.test'))).toBeDefined()
  expect(acceptLink(link, new URL('http://server.test'))).toBeDefined()
})
