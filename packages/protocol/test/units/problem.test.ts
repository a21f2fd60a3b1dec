import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorCodes, TrackwayError, type ErrorCode } from '../../src/errors.ts'
import type { Hint } from '../../src/hint.ts'
import { fromProblem, problemSchema, toProblem } from '../../src/problem.ts'

const codes = Object.keys(errorCodes).filter((code): code is ErrorCode => Object.hasOwn(errorCodes, code))
const own = new Set(['type', 'title', 'status', 'detail', 'code', 'requestId', 'retryable'])
// Keys that name the prototype are not read from the wire.
const unread = new Set([...own, 'hint', '__proto__'])
const details = fc.dictionary(
  fc.string({ maxLength: 12 }).filter((key) => !unread.has(key)),
  fc.jsonValue({ maxDepth: 2 }),
)

describe('a problem', () => {
  it('carries an error to the other side', () => {
    const cases = fc.record({
      code: fc.constantFrom(...codes),
      message: fc.string(),
      details,
      retryable: fc.boolean(),
    })
    fc.assert(
      fc.property(cases, ({ code, message, ...options }) => {
        const error = new TrackwayError(code, message, options)
        const wire: unknown = JSON.parse(JSON.stringify(toProblem(error, 'request-1')))
        const received = fromProblem(problemSchema.parse(wire), 'Reading dataset/sample:V2')
        expect(received.code).toBe(code)
        expect(received.status).toBe(error.status ?? 500)
        expect(received.retryable).toBe(options.retryable)
        expect(received.requestId).toBe('request-1')
        expect(received.message).toBe(`Reading dataset/sample:V2: ${message} (request request-1)`)
        // -0 becomes 0 in JSON.
        expect(received.details).toEqual(JSON.parse(JSON.stringify({ ...options.details })))
      }),
    )
  })

  it('carries names that were probably meant, but no other hint', () => {
    const received = (hint: unknown) => {
      const problem = { ...toProblem(new TrackwayError('not_found', 'There is no V9'), 'r1'), hint }
      return fromProblem(problemSchema.parse(JSON.parse(JSON.stringify(problem))), 'Reading')
    }
    const near = received({ kind: 'nearest', names: ['V1', 'V2'], option: 'overwrite' })
    expect(near.hint).toEqual({ kind: 'nearest', names: ['V1', 'V2'] })
    expect(near.message).toBe('Reading: There is no V9 (request r1); did you mean V1 or V2?')
    expect(near.reason).toBe('Reading: There is no V9 (request r1)')
    expect(near.details).toEqual({})
    for (const other of [
      null,
      5,
      { kind: 'nearest' },
      { kind: 'option', options: ['overwrite'], value: true },
    ])
      expect(received(other)).toMatchObject({ hint: undefined, message: near.reason })
    expect(received({ kind: 'nearest', names: ['\u001b[31mV1'] }).message).not.toContain('\u001b')
  })

  it('has the form of RFC 9457', () => {
    const error = new TrackwayError('tag_conflict', 'V2 was taken', { details: { current: 'V2' } })
    expect(toProblem(error, 'r1')).toStrictEqual({
      type: 'urn:trackway:problem:tag_conflict',
      title: 'Another client took the tag',
      status: 409,
      detail: 'V2 was taken',
      code: 'tag_conflict',
      requestId: 'r1',
      retryable: false,
      current: 'V2',
    })
  })

  it('keeps its own fields, whatever the details are', () => {
    const fields = {
      type: 'x',
      title: 'x',
      status: 200,
      detail: 'x',
      code: 'aborted',
      requestId: 'x',
      retryable: true,
    }
    const problem = toProblem(new TrackwayError('not_found', 'There is no V9', { details: fields }), 'r1')
    expect(problem).toStrictEqual(toProblem(new TrackwayError('not_found', 'There is no V9'), 'r1'))
  })

  it('cannot reach the prototype of an error’s details', () => {
    const plain = JSON.stringify(toProblem(new TrackwayError('not_found', 'no'), 'r1'))
    const wire: unknown = JSON.parse(plain.replace('{', '{"__proto__":{"admin":true},'))
    const { details: read } = fromProblem(problemSchema.parse(wire), 'Reading')
    expect(read['admin']).toBeUndefined()
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
  })

  it('never carries the cause', () => {
    const error = new TrackwayError('internal_error', 'failed', { cause: new Error('tw_secret') })
    expect(JSON.stringify(toProblem(error, 'r1'))).not.toContain('tw_secret')
  })

  it.each([
    [400, 'request_invalid'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [409, 'request_invalid'],
    [413, 'too_large'],
    [418, 'request_invalid'],
    [429, 'rate_limited'],
    [500, 'internal_error'],
    [503, 'store_unavailable'],
    [599, 'internal_error'],
  ])('with status %i and a code from a newer server becomes %s', (status, code) => {
    for (const unknown of ['made_up_later', 'toString', '__proto__', '']) {
      const problem = {
        ...toProblem(new TrackwayError('not_found', 'no'), 'r1'),
        status,
        code: unknown,
        retryable: true,
      }
      expect(fromProblem(problem, 'Reading')).toMatchObject({ code, status, retryable: true })
    }
  })

  it.each([...own])('needs %s', (key) => {
    const problem: Record<string, unknown> = toProblem(new TrackwayError('not_found', 'no'), 'r1')
    expect(problemSchema.safeParse(problem).success).toBe(true)
    delete problem[key]
    expect(problemSchema.safeParse(problem).success).toBe(false)
  })
})

describe('a Trackway error', () => {
  it('takes its status and whether it is retryable from its code', () => {
    expect(new TrackwayError('rate_limited', 'slow down')).toMatchObject({ status: 429, retryable: true })
    expect(new TrackwayError('network_error', 'gone')).toMatchObject({ status: undefined, retryable: true })
    expect(new TrackwayError('rate_limited', 'no', { status: 420, retryable: false })).toMatchObject({
      status: 420,
      retryable: false,
    })
  })

  it('is recognized by its mark, even from another copy of the package', () => {
    class Copy extends Error {}
    const copy = Object.assign(new Copy('x'), { [Symbol.for('trackway.error')]: true })
    expect(TrackwayError.isInstance(copy)).toBe(true)
    expect(TrackwayError.isInstance(new TrackwayError('aborted', 'x'))).toBe(true)
    for (const other of [new Error('x'), null, undefined, 'aborted', {}])
      expect(TrackwayError.isInstance(other)).toBe(false)
  })

  it('is checked against several codes, even if another copy of the package made it', () => {
    const copy: unknown = Object.assign(new Error('x'), {
      [Symbol.for('trackway.error')]: true,
      code: 'not_found',
    })
    for (const error of [copy, new TrackwayError('not_found', 'x')]) {
      expect(TrackwayError.hasCode(error, 'forbidden', 'not_found')).toBe(true)
      expect(TrackwayError.hasCode(error, 'forbidden')).toBe(false)
      expect(TrackwayError.hasCode(error)).toBe(false)
    }
    for (const other of [Object.assign(new Error('x'), { code: 'not_found' }), null, undefined, 'not_found'])
      expect(TrackwayError.hasCode(other, 'not_found')).toBe(false)
  })

  it('ends its message with its hint in words, which its reason leaves out', () => {
    const messageOf = (hint: Hint) => new TrackwayError('option_invalid', 'No', { hint }).message
    expect(messageOf({ kind: 'option', options: ['overwrite'], value: true, or: 'go elsewhere' })).toBe(
      'No; go elsewhere, or pass { overwrite: true }',
    )
    expect(messageOf({ kind: 'option', options: ['keep', 'maxBytes'] })).toBe(
      'No; pass { keep } or { maxBytes }',
    )
    expect(messageOf({ kind: 'omit', option: 'tag', value: 'V2' })).toBe("No; leave out { tag: 'V2' }")
    expect(messageOf({ kind: 'nearest', names: ['flowers'], option: 'experiment' })).toBe(
      "No; did you mean { experiment: 'flowers' }?",
    )
    expect(new TrackwayError('option_invalid', 'No', { hint: { kind: 'apiKey' } }).reason).toBe('No')
  })

  it('keeps its cause, and has none unless one was given', () => {
    const cause = new Error('below')
    expect(new TrackwayError('internal_error', 'x', { cause }).cause).toBe(cause)
    expect('cause' in new TrackwayError('internal_error', 'x')).toBe(false)
  })
})
