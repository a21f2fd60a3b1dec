import { Buffer } from 'node:buffer'
import { routePath, sha256, type Digest, type RouteName } from '@trackway/protocol'
import { exchange, type Answer, type Exchange, type Site } from '../../processes/exchange.ts'
import { hostileTeam, type Target } from '../attack.ts'

/** Sends a request and counts its answer. Undefined where the connection broke. */
export async function send(target: Target, request: Exchange): Promise<Answer | undefined> {
  const answer = await exchange(target, request).catch(() => undefined)
  count(target, answer === undefined ? 'cut' : String(answer.status))
  return answer
}

export function count({ tally }: Target, what: string): void {
  tally[what] = (tally[what] ?? 0) + 1
}

/** Sends a request until it succeeds: what an attack needs before it begins. */
export async function insist(target: Site, request: Exchange): Promise<Answer> {
  for (;;) {
    const answer = await exchange(target, request).catch(() => undefined)
    if (answer !== undefined && answer.status < 300) return answer
    if (answer !== undefined && answer.status !== 429)
      throw new Error(`${request.path} was answered with ${answer.status}: ${answer.text}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** This many at a time, endlessly. */
export async function repeat(times: number, one: (number: number) => Promise<unknown>): Promise<void> {
  let number = 0
  const again = async () => {
    for (;;) await one((number += 1))
  }
  await Promise.all(Array.from({ length: times }, again))
}

export function json(method: 'POST' | 'PUT', path: string, body: unknown): Exchange {
  return jsonText(method, path, JSON.stringify(body))
}

export function jsonText(method: 'POST' | 'PUT', path: string, body: string): Exchange {
  return { method, path, type: 'application/json', body: Buffer.from(body) }
}

/** A path in the attackers' team. Each attack has an experiment of its own. */
export function hostilePath(
  name: RouteName,
  experiment: string,
  parameters: Record<string, string> = {},
): string {
  return routePath(name, { team: hostileTeam, experiment, type: 'dataset', name: 'sample', ...parameters })
}

export async function putBlob(target: Site, bytes: Uint8Array): Promise<Digest> {
  const digest = sha256(bytes)
  const head = `--x\r\ncontent-disposition: form-data; name="${digest}"; filename="b"\r\n\r\n`
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n--x--\r\n')])
  const path = hostilePath('putBlobs', 'any')
  await insist(target, { method: 'POST', path, type: 'multipart/form-data; boundary=x', body })
  return digest
}

/** Stores a manifest and makes a version of it, as far as the server lets it. */
export async function commit(
  by: (request: Exchange) => Promise<Answer | undefined>,
  experiment: string,
  manifest: Uint8Array,
): Promise<void> {
  const digest = sha256(manifest)
  const path = hostilePath('putManifest', experiment, { digest })
  const put = await by({ method: 'PUT', path, type: 'application/x-ndjson', body: manifest })
  if (put?.status !== 200) return
  const { reservation } = JSON.parse(put.text)
  const version = { manifest: digest, reservation, commitId: crypto.randomUUID() }
  await by(json('POST', hostilePath('createVersion', experiment), version))
}

/** A manifest of one blob of one byte and these entries, given as the lines that they are. */
export function manifestOf(
  blob: Digest,
  { files, bytes, lines }: { files: number; bytes: number; lines: readonly (string | Buffer)[] },
): Buffer {
  const head = `{"formatVersion":1,"chunker":"c","files":${files},"bytes":${bytes}}\n["${blob.slice('sha256:'.length)}",1]\n`
  return Buffer.concat(
    [head, ...lines].map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)),
  )
}

/** A file of one byte, as a line of a manifest. */
export function lineOf(path: string, digest: Digest): string {
  return `{"path":"${path}","size":1,"digest":"${digest}","parts":[[0,0,1]]}\n`
}
