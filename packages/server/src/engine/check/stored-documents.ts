import {
  aliasMoveSchema,
  apiKeyDocumentSchema,
  edgeSchema,
  editSchema,
  experimentDocumentSchema,
  formatDocumentSchema,
  recordSchema,
  reservationAnswerSchema,
  reservationSchema,
  restorationSchema,
  storedRunSchema,
  sweepListSchema,
  sweepMarkerSchema,
  tagNumber,
  tombstoneSchema,
  type AliasMove,
  type ApiKeyDocument,
  type Edge,
  type RunDocument,
} from '@trackway/protocol'
import type * as z from 'zod/mini'
import { keyOfRecord, layout, numberOfKey } from '../../layout.ts'
import type { ObjectStore } from '../../stores/object-store.ts'
import { readDocument } from '../documents.ts'
import { readSegment } from '../runs.ts'
import { mostListBytes } from '../sweep-marker.ts'

/** A kind of document: its keys, and how to check it. */
interface DocumentKind {
  keys: RegExp
  /**
   * Reads a document; returns what is wrong with it. Throws `integrity_error` if it cannot be read at all.
   */
  problemOf(store: ObjectStore, key: string): Promise<string | undefined>
}

const hex = '[0-9a-f]'
const inverted = String.raw`\d{10}`
const name = '[A-Za-z0-9][A-Za-z0-9._%-]*'
const team = `t/${name}`
const artifact = `${team}/a/${name}/${name}/${name}`
const run = `${team}/r/${name}/${name}`

/** Every kind of document in the table of keys, except hints. */
const kinds: readonly DocumentKind[] = [
  kind(String.raw`format\.json`, formatDocumentSchema),
  kind(String.raw`auth/keys/${hex}{64}\.json`, apiKeyDocumentSchema, keyOfApiKey),
  kind(String.raw`${team}/i/[0-9a-f-]+\.json`, reservationSchema),
  kind(String.raw`${team}/i/[0-9a-f-]+\.missing`, reservationAnswerSchema),
  kind(String.raw`${team}/gc/markers/[0-9a-f-]+\.json`, sweepMarkerSchema),
  kind(String.raw`${team}/gc/lists/[0-9a-f-]+\.json`, sweepListSchema),
  kind(String.raw`${team}/e/${name}\.json`, experimentDocumentSchema, ({ experiment }, key) =>
    layout.experiment({ team: teamOf(key), experiment }),
  ),
  kind(String.raw`${artifact}/v/${inverted}\.json`, recordSchema, keyOfRecord),
  kind(String.raw`${artifact}/v/${inverted}\.deleted(\.\d*[13579])?`, tombstoneSchema),
  kind(String.raw`${artifact}/v/${inverted}\.deleted\.\d*[02468]`, restorationSchema),
  kind(String.raw`${artifact}/v/${inverted}\.edited\.[1-9]\d*`, editSchema),
  kind(String.raw`${artifact}/alias/${name}/${inverted}\.json`, aliasMoveSchema, keyOfMove),
  kind(String.raw`${artifact}/u/\d+/${name}/${name}\.json`, edgeSchema, keyOfReader),
  kind(String.raw`${run}/state/${inverted}\.json`, storedRunSchema, keyOfState),
  {
    keys: place(String.raw`${run}/log/\d{10}-${hex}{8}\.ndjson`),
    async problemOf(store, key) {
      await readSegment(store, key)
      return undefined
    },
  },
  kind(String.raw`${run}/(inputs|outputs)/${name}/${name}/${name}/\d+\.json`, edgeSchema, keyOfEdge),
]

/** Keys of other objects than documents. */
const others: readonly RegExp[] = [
  place(`${team}/[bm]/${hex}{2}/${hex}{62}`),
  place(`${team}/quarantine/${hex}{64}/[0-9a-f-]+`),
  place(String.raw`${artifact}/d/${hex}{64}/\d+`),
]

/** The kind of the document with this key; undefined if the key is not a document's. */
export function documentKind(key: string): DocumentKind | undefined {
  return kinds.find(({ keys }) => keys.test(key))
}

/** Whether a key of the table belongs to another object than a document. */
export function isOtherKey(key: string): boolean {
  return others.some((pattern) => pattern.test(key))
}

/** `keyOf`: the key where a document belongs, according to its content. Default: any. */
function kind<T>(
  pattern: string,
  schema: z.ZodMiniType<T>,
  keyOf: (document: T, key: string) => string = (_, key) => key,
): DocumentKind {
  return {
    keys: place(pattern),
    async problemOf(store, key) {
      const document = await readDocument(store, key, schema, mostListBytes)
      if (document === undefined) return undefined
      const belongs = keyOf(document, key)
      return belongs === key ? undefined : `it is the document of ${belongs}`
    },
  }
}

function place(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`)
}

function teamOf(key: string): string {
  return key.split('/')[1] ?? ''
}

function keyOfApiKey({ id }: ApiKeyDocument, key: string): string {
  return key.startsWith(layout.apiKeys + id) ? key : layout.apiKey(id)
}

function keyOfMove({ alias }: AliasMove, key: string): string {
  const [, of = '', , experiment = '', type = '', artifactName = ''] = key.split('/')
  const at = { team: of, experiment, type, name: decodeURIComponent(artifactName) }
  return layout.aliasMove(at, alias, numberOfKey(key))
}

function keyOfReader({ run: by, version }: Edge, key: string): string {
  const at = { team: teamOf(key), ...version }
  return layout.reader(at, tagNumber(version.tag) ?? 0, { team: teamOf(key), ...by })
}

function keyOfEdge({ run: by, version }: Edge, key: string): string {
  const direction = key.split('/')[5] === 'inputs' ? 'inputs' : 'outputs'
  const at = { team: teamOf(key), ...version, number: tagNumber(version.tag) ?? 0 }
  return layout.edge({ team: teamOf(key), ...by }, direction, at)
}

function keyOfState(document: RunDocument, key: string): string {
  return layout.runState(document, numberOfKey(key))
}
