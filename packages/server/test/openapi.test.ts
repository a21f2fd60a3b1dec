import { apiBase, problemMediaType, routes, type Route } from '@trackway/protocol'
import { expect, onTestFinished, test, vi } from 'vitest'
import * as z from 'zod/mini'
import { createApp, createMemoryStore } from '../src/index.ts'

const operationSchema = z.object({
  operationId: z.string(),
  parameters: z.array(z.object({ name: z.string(), in: z.enum(['path', 'query']), required: z.boolean() })),
  requestBody: z.optional(z.object({ content: z.record(z.string(), z.unknown()) })),
  responses: z.record(z.string(), z.object({ content: z.record(z.string(), z.unknown()) })),
})
const documentSchema = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
})

async function readDocument() {
  const app = await createApp({ store: createMemoryStore() })
  const response = await app.fetch(new Request(`http://test${apiBase}/openapi.json`))
  const text = await response.text()
  return { text, document: documentSchema.parse(JSON.parse(text)) }
}

test('the document is made once, and not sent to clients that have it', async () => {
  const app = await createApp({ store: createMemoryStore() })
  const ask = (headers: Record<string, string> = {}) =>
    app.fetch(new Request(`http://test${apiBase}/openapi.json`, { headers }))
  const etag = (await ask()).headers.get('etag') ?? ''
  const stringify = vi.spyOn(JSON, 'stringify')
  onTestFinished(() => stringify.mockRestore())
  const again = await ask({ 'if-none-match': etag })
  expect([again.status, await again.text()]).toEqual([304, ''])
  expect((await ask({ 'if-none-match': '"another"' })).status).toBe(200)
  expect(stringify).not.toHaveBeenCalledWith(expect.objectContaining({ openapi: '3.1.0' }))
})

test('the document has exactly the routes of the protocol', async () => {
  const { document } = await readDocument()
  const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(
      ([method, { operationId }]) => `${operationId} ${method.toUpperCase()} ${path}`,
    ),
  )
  const known = Object.entries<Route>(routes).map(
    ([name, { method, path }]) => `${name} ${method} ${apiBase}${path}`,
  )
  expect(documented.sort()).toEqual(known.sort())
})

test('every operation declares its parameters, its body and its errors', async () => {
  const { document } = await readDocument()
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const { operationId, parameters, requestBody, responses } of Object.values(operations)) {
      const route = Object.entries<Route>(routes).find(([name]) => name === operationId)?.[1]
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)
      expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
      expect(requestBody !== undefined).toBe(route?.body !== undefined)
      expect(Object.keys(responses['default']?.content ?? {})).toEqual([problemMediaType])
    }
  }
})

test('every reference within the document resolves', async () => {
  const { text } = await readDocument()
  for (const [, pointer = ''] of text.matchAll(/"\$ref":"#([^"]+)"/g)) {
    let target: unknown = JSON.parse(text)
    for (const key of pointer.split('/').slice(1))
      target = z.record(z.string(), z.unknown()).parse(target)[key]
    expect(target).toBeTypeOf('object')
  }
})
