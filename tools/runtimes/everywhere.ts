import { Artifact, login, TrackwayError, type Progress, type Session } from '@trackway/sdk'
import { equal, errorOf, holds, noise, type Scenario, type ClockAndIds } from './scenario.ts'

// Scenarios for every runtime with fetch and Blobs: Node, Deno, Bun and browsers.

const mebibyte = 1024 * 1024
const retry = { firstDelayMs: 1, maxDelayMs: 20, budgetMs: 10_000 }

async function begin({ host, apiKey }: ClockAndIds): Promise<Session> {
  const session = await login({ host, apiKey, quiet: true, retry })
  await session.init({ experiment: 'runtimes' })
  return session
}

async function upload(session: Session, name: string, content: Parameters<Artifact['add']>[0]) {
  const artifact = new Artifact(name, 'dataset')
  await artifact.add(content, { name: 'content' })
  return session.uploadArtifact(artifact)
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.slice(start, start + size)
}

async function* asynchronously<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items
}

function webStream(bytes: Uint8Array): ReadableStream<Uint8Array> {
  const pieces = cut(bytes, 64 * 1024)
  return new ReadableStream({
    pull(controller) {
      const { value, done } = pieces.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
  })
}

export const everywhere: Record<string, Scenario> = {
  async 'log in'({ host, apiKey }) {
    const session = await login({ host, apiKey, quiet: true })
    equal(session.user, 'mock')
    const error = await errorOf('unauthorized', login({ host, apiKey: 'tw_wrong', quiet: true, retry }))
    holds(!error.message.includes('tw_wrong'), 'the message does not show the key')
  },

  async 'bytes, Blobs, Files and streams, back as text, JSON, bytes and streams'(at) {
    const session = await begin(at)
    const large = noise(9 * mebibyte)
    const artifact = new Artifact('contents', 'dataset', {
      description: 'all kinds',
      metadata: { ratio: 0.5 },
    })
    await artifact.add(new TextEncoder().encode('größer'), { name: 'bytes.txt' })
    await artifact.add(new Uint8Array([1, 2, 3]).buffer, { name: 'buffer' })
    await artifact.add(new Blob(['{"a":', '[1]}']), { name: 'blob.json' })
    await artifact.add(new File(['a,b\n'], 'file.csv'))
    await artifact.add(new File([large], 'large.bin'))
    await artifact.add(webStream(large.slice(0, 5 * mebibyte)), { name: 'streams/web' })
    await artifact.add(asynchronously(cut(large.slice(mebibyte), mebibyte)), { name: 'streams/generator' })
    await artifact.add(new Uint8Array(), { name: 'empty' })
    const result = await session.uploadArtifact(artifact)
    equal([result.tag, result.created, result.fileCount], ['V1', true, 8])
    const stored = await session.getArtifact('contents', 'dataset', 'V1')
    equal([stored.description, stored.metadata], ['all kinds', { ratio: 0.5 }])
    equal(
      stored.entryList.map(({ path }) => path),
      [
        'blob.json',
        'buffer',
        'bytes.txt',
        'empty',
        'file.csv',
        'large.bin',
        'streams/generator',
        'streams/web',
      ],
    )
    equal(await stored.entry('bytes.txt').text(), 'größer')
    equal(await stored.entry('blob.json').json(), { a: [1] })
    equal([...(await stored.entry('buffer').bytes())], [1, 2, 3])
    equal(await stored.entry('empty').text(), '')
    const back = await new Response(stored.entry('large.bin').stream()).arrayBuffer()
    holds(same(new Uint8Array(back), large), 'the large file comes back as it was')
    const web = await stored.entry('streams/web').bytes()
    holds(same(web, large.slice(0, 5 * mebibyte)), 'the stream is returned unchanged')
  },

  async ranges(at) {
    const session = await begin(at)
    const large = noise(6 * mebibyte, 2)
    await upload(session, 'ranges', new Blob([large]))
    const entry = (await session.getArtifact('ranges', 'dataset')).entry('content')
    for (const [start, end] of [
      [0, 10],
      [mebibyte - 5, 3 * mebibyte + 5],
      [6 * mebibyte - 3, 7 * mebibyte],
    ])
      holds(
        same(await entry.bytes({ start, end }), large.slice(start, end)),
        `${start}-${end} is what it should be`,
      )
    await errorOf('option_invalid', entry.bytes({ start: 5, end: 2 }))
  },

  async 'versions: only new content is sent, and the same content makes no version'(at) {
    const session = await begin(at)
    const large = noise(6 * mebibyte, 3)
    const first = await upload(session, 'versions', large)
    equal([first.tag, first.reusedBytes], ['V1', 0])
    const latest = await session.getArtifact('versions', 'dataset')
    const changed = large.slice()
    changed.fill(7, 3 * mebibyte, 3 * mebibyte + 100)
    latest.remove('content')
    await latest.add(changed, { name: 'content' })
    const second = await session.uploadArtifact(latest)
    equal([second.tag, second.base], ['V2', 'V1'])
    holds(second.uploadedBytes < 4.5 * mebibyte, `${second.uploadedBytes} bytes are sent of 6 MiB`)
    const again = await upload(session, 'versions', changed)
    equal([again.tag, again.created], ['V2', false])
    const tags = await session.listVersions('versions', 'dataset')
    equal(
      tags.map(({ tag }) => tag),
      ['V2', 'V1'],
    )
    await session.setAlias('versions', 'dataset', 'production', 'V1')
    equal((await session.getArtifact('versions', 'dataset', 'production')).tag, 'V1')
  },

  async 'two thousand small files in few requests'(at) {
    const session = await begin(at)
    const artifact = new Artifact('many', 'dataset')
    for (let index = 0; index < 2000; index += 1)
      await artifact.add(new File([`${index} `.repeat(200)], 'x'), { name: `folder/${index}.txt` })
    await at.countRequests()
    await session.uploadArtifact(artifact)
    const sent = await at.countRequests()
    holds(sent < 20, `an upload of 2,000 files takes ${sent} requests`)
    equal((await session.getArtifact('many', 'dataset')).fileCount, 2000)
  },

  async 'a version as a tar archive'(at) {
    const session = await begin(at)
    const artifact = new Artifact('archive', 'dataset')
    const files = { 'a.txt': new TextEncoder().encode('first'), 'large.bin': noise(6 * mebibyte, 8) }
    for (const [name, content] of Object.entries(files)) await artifact.add(content, { name })
    await session.uploadArtifact(artifact)
    const archive = await artifact.archive().blob()
    const [a, large] = [files['a.txt'], files['large.bin']]
    equal(archive.size, 512 + 512 + 512 + large.length + 1024, 'The size of the archive')
    equal(await archive.slice(0, 5).text(), 'a.txt')
    equal(await archive.slice(512, 512 + a.length).text(), 'first')
    const back = new Uint8Array(await archive.slice(3 * 512, 3 * 512 + large.length).arrayBuffer())
    holds(same(back, large), 'the large file is in the archive as it was')
  },

  async progress(at) {
    const session = await begin(at)
    const artifact = new Artifact('progress', 'dataset')
    const size = 12 * mebibyte
    await artifact.add(new Blob([noise(size, 4)]), { name: 'content' })
    const told: Progress[] = []
    await session.uploadArtifact(artifact, { onProgress: (progress) => void told.push(progress) })
    const last = told.at(-1)
    equal([last?.bytes, last?.totalBytes, last?.files, last?.totalFiles], [size, size, 1, 1])
    holds(
      told.every(({ bytes }, index) => bytes >= (told[index - 1]?.bytes ?? 0)),
      'progress never goes back',
    )
  },

  async abort(at) {
    const session = await begin(at)
    const artifact = new Artifact('abort', 'dataset')
    await artifact.add(new Blob([noise(24 * mebibyte, 5)]), { name: 'content' })
    const controller = new AbortController()
    const onProgress = () => controller.abort(new Error('enough'))
    const uploading = session.uploadArtifact(artifact, { signal: controller.signal, onProgress })
    const error = await errorOf('aborted', uploading)
    holds(
      error.cause instanceof Error && error.cause.message === 'enough',
      'the error has the reason as its cause',
    )
    const result = await session.uploadArtifact(artifact)
    equal([result.tag, result.created], ['V1', true])
    const entry = (await session.getArtifact('abort', 'dataset')).entry('content')
    await errorOf('aborted', entry.bytes({ signal: AbortSignal.abort() }))
    const late = new AbortController()
    const reader = entry.stream({ signal: late.signal }).getReader()
    await reader.read()
    late.abort()
    await errorOf('aborted', readOn(reader))
  },

  async 'errors say what is wrong'(at) {
    const session = await begin(at)
    await upload(session, 'errors', new TextEncoder().encode('x'))
    await errorOf('not_found', session.getArtifact('nothing', 'dataset'))
    await errorOf('not_found', session.getArtifact('errors', 'dataset', 'V9'))
    await errorOf('artifact_empty', session.uploadArtifact(new Artifact('errors', 'dataset')))
    const late = new Artifact('errors', 'dataset')
    await late.add(new Blob(['y']), { name: 'content' })
    const error = await errorOf('tag_out_of_order', session.uploadArtifact(late, { tag: 'V7' }))
    holds(TrackwayError.isInstance(error), 'it is a TrackwayError')
    await errorOf('option_invalid', late.add(new Blob(['z'])))
  },

  async 'a server that is down'() {
    const brief = { ...retry, budgetMs: 1_000 }
    const away = login({ host: 'http://127.0.0.1:3', apiKey: 'tw_x', quiet: true, retry: brief })
    const error = await errorOf('network_error', away)
    holds(error.message.includes('Is the server running'), error.message)
  },

  async 'a redirect is neither followed nor retried'({ plan, countRequests, host, apiKey }) {
    await plan({
      path: /v1$/.source,
      status: 302,
      headers: { location: `${host}/api/v1/healthz` },
      times: 9,
    })
    await countRequests()
    const begunAt = performance.now()
    const error = await errorOf(
      'not_trackway',
      login({ host, apiKey, quiet: true, retry: { ...retry, budgetMs: 300 } }),
    )
    holds(error.message.includes('redirect'), error.message)
    holds(performance.now() - begunAt < 250, 'it ends at once')
    equal(await countRequests(), 1, 'The number of requests')
    await plan({ clear: true })
  },

  async 'network failures are retried'(at) {
    const session = await begin(at)
    const { plan } = at
    const large = noise(6 * mebibyte, 6)
    await plan({ method: 'POST', path: '/blobs$', status: 503, headers: { 'retry-after': '0' } })
    await plan({ method: 'POST', path: '/blobs$', drop: 'before' })
    await plan({ method: 'POST', path: '/blobs$', drop: 'after' })
    await plan({ method: 'POST', path: '/versions$', drop: 'after' })
    equal((await upload(session, 'failures', new Blob([large]))).tag, 'V1')
    await plan({ method: 'GET', path: '/blobs/', drop: 1000 })
    await plan({ method: 'GET', path: '/blobs/', alterAt: 500 })
    await plan({ method: 'GET', path: '/blobs/', truncateAt: 500 })
    const entry = (await session.getArtifact('failures', 'dataset')).entry('content')
    holds(same(await entry.bytes(), large), 'what is read is what was stored')
  },

  async 'bytes that stay wrong are not returned'(at) {
    const session = await begin(at)
    await upload(session, 'wrong', noise(mebibyte, 7))
    const entry = (await session.getArtifact('wrong', 'dataset')).entry('content')
    await at.plan({ method: 'GET', path: '/blobs/', alterAt: 500, times: 9 })
    await errorOf('integrity_error', entry.bytes())
    await at.plan({ clear: true })
  },

  async 'a run with its log and lineage'(at) {
    const session = await login({ host: at.host, apiKey: at.apiKey, quiet: true })
    await upload(await begin(at), 'lineage', new TextEncoder().encode('x'))
    const run = await session.init({ experiment: 'runtimes', config: { rate: 0.1 } })
    await session.getArtifact('lineage', 'dataset', 'V1')
    await run.log({ loss: 0.5 })
    await run.log({ loss: 0.25 })
    await run.finish()
    // The run is over: calls mean the session's experiment again.
    const summary = await session.getRun(run.name, { experiment: 'runtimes' })
    equal(summary.state, 'finished')
    const { usedBy } = await session.getLineage('dataset/lineage:V1', { experiment: 'runtimes' })
    equal(usedBy.length, 1)
  },
}

async function readOn(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
