// Requests drawn by chance from what an OpenAPI document says: valid ones, and such that are not.
import * as fc from 'fast-check'
import * as z from 'zod/mini'

const schemaSchema = z.looseObject({
  type: z.optional(z.string()),
  properties: z.optional(z.record(z.string(), z.looseObject({}))),
  required: z.optional(z.array(z.string())),
  additionalProperties: z.optional(z.unknown()),
  items: z.optional(z.looseObject({})),
  anyOf: z.optional(z.array(z.looseObject({}))),
  enum: z.optional(z.array(z.unknown())),
  pattern: z.optional(z.string()),
  maxLength: z.optional(z.number()),
  minItems: z.optional(z.number()),
  minimum: z.optional(z.number()),
  maximum: z.optional(z.number()),
})

const operationSchema = z.object({
  operationId: z.string(),
  parameters: z.array(z.object({ name: z.string(), in: z.string(), schema: z.looseObject({}) })),
  requestBody: z.optional(
    z.object({ content: z.record(z.string(), z.object({ schema: z.looseObject({}) })) }),
  ),
  responses: z.record(z.string(), z.object({ content: z.record(z.string(), z.unknown()) })),
})
const documentSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), operationSchema)) })

/** One thing that a document says can be asked. */
export interface Operation extends z.infer<typeof operationSchema> {
  method: string
  path: string
}

export function operationsOf(document: unknown): Operation[] {
  return Object.entries(documentSchema.parse(document).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
    })),
  )
}

/** Values by the names of parameters and properties, such as names of what there is. */
export type KnownValues = Readonly<Record<string, readonly string[]>>

export interface DrawnRequest {
  operation: Operation
  /** With its query. */
  path: string
  headers: Record<string, string>
  body: string | undefined
}

/** Any request: mostly to what exists, as the document allows, and sometimes as it does not. */
export function anyRequest(operations: readonly Operation[], known: KnownValues): fc.Arbitrary<DrawnRequest> {
  return fc.oneof(...operations.map((operation) => requestTo(operation, known)))
}

function requestTo(operation: Operation, known: KnownValues): fc.Arbitrary<DrawnRequest> {
  const parameters = (where: string) => operation.parameters.filter((parameter) => parameter.in === where)
  const texts = (where: string, rare: boolean) =>
    fc.record(
      Object.fromEntries(
        parameters(where).map(({ name, schema }) => [
          name,
          fc.oneof(
            { weight: 20, arbitrary: mostlyKnown(name, schema, known).map(String) },
            { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) },
          ),
        ]),
      ),
      rare ? { requiredKeys: [] } : {},
    )
  return fc
    .record({
      inPath: texts('path', false),
      inQuery: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, texts('query', true)),
      headers: rareHeaders,
      content: contentFor(operation, known),
    })
    .map(({ inPath, inQuery, headers, content }) => ({
      operation,
      path: addressOf(operation.path, inPath, inQuery),
      headers: { ...content.headers, ...headers },
      body: content.body,
    }))
}

type Texts = Readonly<Record<string, string | undefined>>

function addressOf(path: string, inPath: Texts, inQuery: Texts): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encode(inPath[name] ?? ''))
  const query = Object.entries(inQuery).map(([name, value = '']) => `${name}=${encode(value)}`)
  return query.length === 0 ? filled : `${filled}?${query.join('&')}`
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

const anyHeaders = fc
  .record(
    {
      range: fc.constantFrom('bytes=0-3', 'bytes=-2', 'bytes=5-', 'bytes=99-', 'bytes=0-0,2-3', 'lines=1-2'),
      'if-none-match': fc.constantFrom('*', '"x"', 'W/"x"'),
      'if-range': fc.constantFrom('"x"', 'Wed, 21 Oct 2015 07:28:00 GMT'),
      'content-encoding': fc.constantFrom('gzip', 'identity'),
      accept: fc.constantFrom('text/html', 'application/json'),
      origin: fc.constant('https://example.org'),
    },
    { requiredKeys: [] },
  )
  .map((headers): Record<string, string> => ({ ...headers }))
const rareHeaders = fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, anyHeaders)

interface Content {
  headers: Record<string, string>
  body: string | undefined
}

function contentFor({ requestBody }: Operation, known: KnownValues): fc.Arbitrary<Content> {
  const [type, described] = Object.entries(requestBody?.content ?? {})[0] ?? []
  if (type === undefined || described === undefined) return fc.constant({ headers: {}, body: undefined })
  const right = type === 'application/json' ? jsonOf(described.schema, known) : bytesOf(type, known)
  const wrong = fc.oneof(fc.json(), fc.string({ unit: 'binary' }), fc.constant(''))
  const sent = type === 'multipart/form-data' ? `${type}; boundary=x` : type
  return fc
    .record({
      body: fc.oneof({ weight: 9, arbitrary: right }, wrong),
      type: fc.oneof(
        { weight: 30, arbitrary: fc.constant(sent) },
        fc.constantFrom('text/plain', 'application/json', 'multipart/form-data', '*'),
      ),
    })
    .map(({ body, type: given }) => ({ headers: { 'content-type': given }, body: body.toWellFormed() }))
}

function jsonOf(schema: object, known: KnownValues): fc.Arbitrary<string> {
  return valueOf('', schema, known).map((value) => JSON.stringify(value) ?? 'null')
}

/** Bodies of a type of which the document says no more than that they are bytes. */
function bytesOf(type: string, known: KnownValues): fc.Arbitrary<string> {
  const bodies = fc.constantFrom(...(known[type] ?? ['']))
  if (type !== 'multipart/form-data') return bodies
  return fc
    .record({ digest: fc.constantFrom(...(known['digest'] ?? [''])), body: bodies })
    .map(
      ({ digest, body }) =>
        `--x\r\ncontent-disposition: form-data; name="${digest}"; filename="b"\r\n\r\n${body}\r\n--x--\r\n`,
    )
}

function mostlyKnown(name: string, schema: object, known: KnownValues): fc.Arbitrary<unknown> {
  const drawn = drawnBy(name, schema, known)
  const values = known[name]
  return values === undefined ? drawn : fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...values) }, drawn)
}

/** A value that a schema allows; one in forty is something else. */
function valueOf(name: string, schema: object, known: KnownValues): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 40, arbitrary: mostlyKnown(name, schema, known) }, fc.jsonValue())
}

const texts = new Map<string, fc.Arbitrary<string>>()

/** Making one takes milliseconds, and most patterns recur. */
function textsLike(pattern: string): fc.Arbitrary<string> {
  const made = texts.get(pattern) ?? fc.stringMatching(new RegExp(pattern), { size: 'small' })
  texts.set(pattern, made)
  return made
}

function drawnBy(name: string, given: object, known: KnownValues): fc.Arbitrary<unknown> {
  const schema = schemaSchema.parse(given)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one) => mostlyKnown(name, one, known)))
  const { minimum: min = -(2 ** 31), maximum: max = 2 ** 53 } = schema
  switch (schema.type) {
    case 'string':
      return schema.pattern === undefined
        ? fc.string({ unit: 'grapheme', maxLength: Math.min(schema.maxLength ?? 40, 40) })
        : textsLike(schema.pattern)
    case 'integer':
      return fc.maxSafeInteger().map((value) => Math.min(Math.max(value, min), max))
    case 'number':
      return fc.double({ min, max, noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array': {
      // The items of a list have its name, without the plural.
      const item = valueOf(name.replace(/s$/, ''), schema.items ?? {}, known)
      return fc.array(item, { minLength: schema.minItems ?? 0, maxLength: 4 })
    }
    case 'object': {
      const all = Object.entries(schema.properties ?? {}).map(([key, one]) => [key, valueOf(key, one, known)])
      if (all.length === 0) return fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 })
      const fields: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(all)
      return fc.record(fields, { requiredKeys: schema.required ?? [] })
    }
    case undefined:
    default:
      return fc.jsonValue()
  }
}
