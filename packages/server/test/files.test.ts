import { comparePaths, createManifest, sha256, type ManifestEntry } from '@trackway/protocol'
import { unpackTar } from 'modern-tar'
import { expect, test } from 'vitest'
import { createApp, createMemoryStore } from '../src/index.ts'
import { artifact, bytesOf, openApp } from './engine-app.ts'

const text = (content: string) => new TextEncoder().encode(content)
const long = `${'folder/'.repeat(40)}file.txt`
const contents: Record<string, string> = {
  'page.html': '<script>',
  'image.svg': '<svg/>',
  'feed.rss': '<rss/>',
  'data.csv': 'a,b\n',
  'empty.flag': '',
  'with space & 100% #?.txt': 'odd name',
  'ünïcode 名.txt': 'größe',
  [long]: 'long path',
  'line\u2028separator\u2029.txt': 'odd lines',
}

/** A version with those files and one of two blobs, `0123456789` of which each holds a half. */
async function openVersion() {
  const store = createMemoryStore()
  const app = await openApp({ store })
  const halves = [text('ab01234'), text('56789yz')]
  const files = Object.entries(contents).filter(([, content]) => content !== '')
  await app.putBlobs(...halves, ...files.map(([, content]) => text(content)))
  const blobs = [...halves, ...files.map(([, content]) => text(content))].map((bytes) => ({
    digest: sha256(bytes),
    size: bytes.length,
  }))
  const entries: ManifestEntry[] = Object.entries(contents).map(([path, content]) => {
    const index = files.findIndex(([name]) => name === path)
    const size = text(content).length
    return { path, size, digest: sha256(text(content)), parts: index === -1 ? [] : [[index + 2, 0, size]] }
  })
  entries.push({
    path: 'ten',
    size: 10,
    digest: sha256(text('0123456789')),
    parts: [
      [0, 2, 5],
      [1, 0, 5],
    ],
    executable: true,
  })
  const manifest = createManifest(
    blobs,
    entries.sort((a, b) => comparePaths(a.path, b.path)),
  )
  const { body } = await app.putManifest(manifest)
  const commit = {
    manifest: sha256(bytesOf(manifest)),
    reservation: body['reservation'],
    commitId: crypto.randomUUID(),
  }
  expect(await app.send('POST', `${artifact}/versions`, commit)).toMatchObject({ status: 201 })
  await app.send('PUT', `${artifact}/aliases/production`, { tag: 'V1' })
  const server = await createApp({ store, access: { user: 'tester' } })
  return (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    server.fetch(new Request(`http://test/api/v1${artifact}/versions/${path}`, { method, headers }))
}

test.each([
  [undefined, 200, '0123456789'],
  ['bytes=3-6', 206, '3456'],
  ['bytes=4-', 206, '456789'],
  ['bytes=-3', 206, '789'],
  ['bytes=8-99', 206, '89'],
  ['bytes=0-0,5-6', 200, '0123456789'],
  ['lines=1-2', 200, '0123456789'],
])('the range %s of a file in two blobs gives %i', async (range, status, content) => {
  const get = await openVersion()
  const response = await get('V1/files/ten', range === undefined ? {} : { range })
  expect(response.status).toBe(status)
  expect(await response.text()).toBe(content)
  expect(response.headers.get('content-length')).toBe(String(content.length))
})

test('a range outside the file is refused with the size', async () => {
  const get = await openVersion()
  const response = await get('V1/files/ten', { range: 'bytes=10-' })
  expect(response.status).toBe(416)
  expect(response.headers.get('content-range')).toBe('bytes */10')
  expect((await get('V1/files/empty.flag', { range: 'bytes=0-' })).status).toBe(416)
})

test('HEAD returns the size, an unchanged file is not sent, and a range of an older version returns the whole file', async () => {
  const get = await openVersion()
  const head = await get('V1/files/ten', {}, 'HEAD')
  expect(head.headers.get('content-length')).toBe('10')
  expect(head.body).toBeNull()
  const etag = head.headers.get('etag') ?? ''
  expect((await get('V1/files/ten', { 'if-none-match': etag })).status).toBe(304)
  // Otherwise a browser's cache would return to one key what another fetched.
  for (const path of ['V1', 'V1/manifest', 'V1/files/ten'])
    expect((await get(path)).headers.get('vary')).toBe('Authorization')
  expect((await get('V1/files/ten', { range: 'bytes=0-1', 'if-range': etag })).status).toBe(206)
  expect((await get('V1/files/ten', { range: 'bytes=0-1', 'if-range': '"older"' })).status).toBe(200)
})

test('files have their media types, and those that a browser would run are sent as downloads', async () => {
  const get = await openVersion()
  const csv = await get('V1/files/data.csv')
  expect(csv.headers.get('content-type')).toBe('text/csv')
  expect(csv.headers.get('content-disposition')).toBeNull()
  for (const name of ['page.html', 'image.svg', 'feed.rss']) {
    const { headers } = await get(`V1/files/${name}`)
    expect(headers.get('content-disposition')).toBe('attachment')
    expect(headers.get('content-security-policy')).toContain('sandbox')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  }
})

test('a tag may be cached forever, an alias may not be cached at all', async () => {
  const get = await openVersion()
  expect((await get('V1/files/ten')).headers.get('cache-control')).toContain('immutable')
  expect((await get('production/files/ten')).headers.get('cache-control')).toContain('no-cache')
})

test('a manifest is revalidated, even by a tag, since it has to match the current record', async () => {
  const get = await openVersion()
  const { headers, body } = await get('V1/manifest')
  await body?.cancel()
  expect(headers.get('cache-control')).toBe('private, no-cache')
  expect(headers.get('etag')).toMatch(/^"[0-9a-f]{64}"$/)
})

test('files with unusual names can be requested', async () => {
  const get = await openVersion()
  for (const [path, content] of Object.entries(contents)) {
    const encoded = path.split('/').map(encodeURIComponent).join('/')
    expect(await (await get(`V1/files/${encoded}`)).text()).toBe(content)
  }
  expect((await get('V1/files/..%2F..%2Fme')).status).toBe(422)
})

test('the archive contains every file unchanged', async () => {
  const get = await openVersion()
  const response = await get('V1.tar')
  expect(response.headers.get('content-type')).toBe('application/x-tar')
  const unpacked = await unpackTar(await response.arrayBuffer())
  const found = Object.fromEntries(
    unpacked.map(({ header, data }) => [header.name, new TextDecoder().decode(data)]),
  )
  expect(found).toEqual({ ...contents, ten: '0123456789' })
  const modes = Object.fromEntries(unpacked.map(({ header }) => [header.name, header.mode]))
  expect(modes['ten']).toBe(0o755)
  expect(modes['data.csv']).toBe(0o644)
})

test('an archive stops being made when its reader leaves', async () => {
  const get = await openVersion()
  const reader = (await get('V1.tar')).body?.getReader()
  await reader?.read()
  await reader?.cancel()
  expect((await reader?.read())?.done).toBe(true)
})
