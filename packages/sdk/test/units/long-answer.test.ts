import { routes } from '@trackway/protocol'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod/mini'
import { readLongAnswer } from '../../src/client/long-answer.ts'

function read(schema: z.ZodMiniType, text: string, mostBytes = 1024 * 1024) {
  const bytes = new TextEncoder().encode(text)
  return readLongAnswer(schema, bytes, { mostBytes, parse: () => JSON.parse(text) })
}

const { response: aliases } = routes.listAliases
const { response: runs } = routes.listRuns
const { response: artifacts } = routes.listArtifacts
const { response: urls } = routes.presignDownloads
const { response: service } = routes.getService

describe('a long answer', () => {
  it.each([
    [aliases, { aliases: { best: 'V1', other: 'V2' }, unknown: [1] }],
    [runs, { items: [], next: 'x' }],
    [runs, { items: [] }],
    [
      artifacts,
      { items: [{ experiment: 'e', type: 'd', name: 'n', latest: null, aliases: { best: 'V1' } }] },
    ],
  ])('is read as its schema reads it: %#', (schema, answer) => {
    expect(read(schema, JSON.stringify(answer))).toEqual({ data: schema.parse(answer) })
  })

  it.each([
    [aliases, { aliases: { best: 'V1', other: 1, more: 2 } }, 'aliases.other: expected a tag such as V1'],
    [aliases, { aliases: { 'no alias': 'V1' } }, 'aliases.no alias: '],
    [aliases, { aliases: [] }, 'aliases: Invalid input: expected record'],
    [aliases, {}, 'aliases: Invalid input'],
    [aliases, null, 'Invalid input: expected object, received null'],
    [runs, { items: [1, 2] }, 'items.0: Invalid input: expected object, received number'],
    [runs, { items: {} }, 'items: Invalid input: expected array'],
    [runs, { items: [], next: 1 }, 'next: '],
    [
      artifacts,
      { items: [{ experiment: 'e', type: 'd', name: 'n', latest: null, aliases: 7 }] },
      'items.0.aliases: ',
    ],
    [
      urls,
      { urls: Array.from({ length: 1001 }, () => 7) },
      'urls: Too big: expected array to have <=1000 items',
    ],
    [service.shape.offers, [...Array.from({ length: 150 }, () => 'x'), 1, 2], '150: Invalid input'],
  ])('that does not match reports its first problem: %#', (schema, answer, expected) => {
    const { misfit } = read(schema, JSON.stringify(answer))
    expect(misfit?.slice(0, expected.length)).toBe(expected)
    expect(misfit).not.toContain(';')
  })

  it('may omit what is optional in its schema', () => {
    const { data } = { data: undefined, ...read(service.shape.features, '{"read":[],"write":["a"]}') }
    expect(data).toEqual({ read: [], write: ['a'] })
  })

  it('may have a value for each 16 bytes that it may have', () => {
    const list = (count: number) => `{"items":[${'0,'.repeat(count)}0]}`
    expect(read(runs, list(97), 1600).misfit).toContain('items.0')
    expect(read(runs, list(100), 1600).misfit).toBe('it has more than 100 values')
    expect(read(runs, '['.repeat(65)).misfit).toContain('64 deep')
  })
})
