import { routes } from '@trackway/protocol'
import { describe, expect, it } from 'vitest'
import { excessIn, firstFault } from './long-answer.ts'

describe('the first fault of an answer', () => {
  const { response: lists } = routes.listAliases
  const { response: pages } = routes.listRuns
  const { response: service } = routes.getService

  it.each([
    [{ aliases: { best: 'V1', other: 'V2' } }, undefined],
    [{ aliases: { best: 'V1', other: 1, more: 2 } }, 'aliases.other: expected a tag such as V1'],
    [{ aliases: { 'no alias': 'V1' } }, 'aliases.no alias: '],
    [{ aliases: [] }, 'aliases: Invalid input: expected record'],
    [{}, 'aliases: Invalid input'],
    [null, 'Invalid input: expected object, received null'],
  ])('of a table in %j is %j', (answer, expected) => {
    const fault = firstFault(lists, answer)
    expect(fault?.slice(0, expected?.length)).toBe(expected)
  })

  it('of a list is that of its first wrong item', () => {
    expect(firstFault(pages, { items: [] })).toBeUndefined()
    expect(firstFault(pages, { items: [1, 2] })).toBe(
      'items.0: Invalid input: expected object, received number',
    )
    expect(firstFault(pages, { items: {} })).toContain('items: Invalid input: expected array')
    expect(firstFault(pages, { items: [], next: 1 })).toContain('next: ')
  })

  it('looks into lists that may be left out', () => {
    expect(firstFault(service.shape.offers, undefined)).toBeUndefined()
    expect(firstFault(service.shape.offers, ['a', 1, 2])).toMatch(/^1: .*number$/)
  })
})

it('an answer may have a value for each 16 bytes that it may have', () => {
  const bytes = (count: number) => new TextEncoder().encode('['.concat('0,'.repeat(count), '0]'))
  expect(excessIn(bytes(98), 1600)).toBeUndefined()
  expect(excessIn(bytes(100), 1600)).toBe('it has more than 100 values')
  expect(excessIn(new TextEncoder().encode('['.repeat(65)), 1600)).toContain('64 deep')
})
