import {
  createManifest,
  encodeManifest,
  sha256,
  type Digest,
  type Manifest,
  type ManifestEntry,
} from '@trackway/protocol'
import * as z from 'zod/mini'
import { createApp, createMemoryStore, type AppOptions, type ObjectStore } from '../src/index.ts'

const artifact = '/teams/t/experiments/e/artifacts/dataset/sample'

/** A response and its body. */
export interface Answer {
  status: number
  headers: Headers
  body: Record<string, unknown>
  text: string
}

/** An app over a store, and the calls that tests make to it. */
export interface EngineApp {
  store: ObjectStore
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** The same, with a body of bytes. */
  sendBytes(
    method: string,
    path: string,
    init: { body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>; headers: Record<string, string> },
  ): Promise<Answer>
  /** Stores blobs. */
  putBlobs(...contents: Uint8Array[]): Promise<Answer>
  putManifest(manifest: Manifest, query?: string): Promise<Answer>
  /** Stores the blob and the manifest of a file with this content; returns what a version needs. */
  reserve(content: string): Promise<{ manifest: Digest; reservation: string; commitId: string }>
  /** Makes a version of one file, and returns the reply. */
  commit(content: string, wish?: Record<string, unknown>): Promise<Answer>
}

export { artifact }

/** Opens an app for a user who may do everything. */
export async function openApp(options: Partial<AppOptions> = {}): Promise<EngineApp> {
  const store = options.store ?? createMemoryStore()
  const app = await createApp({ access: { user: 'tester' }, ...options, store })

  async function exchange(path: string, init: RequestInit): Promise<Answer> {
    const response = await app.fetch(new Request(`http://test/api/v1${path}`, init))
    const text = await response.text()
    const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '')
    const body = z.record(z.string(), z.unknown()).safeParse(isJson && text !== '' ? JSON.parse(text) : {})
    return { status: response.status, headers: response.headers, body: body.data ?? {}, text }
  }

  const self: EngineApp = {
    store,
    send: (method, path, body, headers = {}) =>
      exchange(path, {
        method,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    sendBytes(method, path, init) {
      const streamed = { ...init, method, duplex: 'half' } // Fetch requires it if a body is a stream.
      return exchange(path, streamed)
    },
    putBlobs(...contents) {
      const form = new FormData()
      for (const content of contents) form.append(sha256(content), new Blob([content.slice()]), 'blob')
      return exchange('/teams/t/blobs', { method: 'POST', body: form })
    },
    putManifest(manifest, query = '') {
      const bytes = bytesOf(manifest)
      const headers = { 'content-type': 'application/x-ndjson' }
      return exchange(`/teams/t/manifests/${sha256(bytes)}${query}`, { method: 'PUT', headers, body: bytes })
    },
    async reserve(content) {
      const manifest = manifestOf(content)
      await self.putBlobs(new TextEncoder().encode(content))
      const { reservation } = z
        .object({ reservation: z.string() })
        .parse((await self.putManifest(manifest)).body)
      return { manifest: sha256(bytesOf(manifest)), reservation, commitId: crypto.randomUUID() }
    },
    async commit(content, wish = {}) {
      return self.send('POST', `${artifact}/versions`, { ...(await self.reserve(content)), ...wish })
    },
  }
  return self
}

/** The manifest of a version with one file. */
export function manifestOf(content: string): Manifest {
  const bytes = new TextEncoder().encode(content)
  const entry: ManifestEntry = {
    path: 'file',
    size: bytes.length,
    digest: sha256(bytes),
    parts: [[0, 0, bytes.length]],
  }
  return createManifest([{ digest: sha256(bytes), size: bytes.length }], [entry])
}

/** A manifest's bytes, whole. */
export function bytesOf(manifest: Manifest): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat([...encodeManifest(manifest)]))
}
