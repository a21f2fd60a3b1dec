import { expect, test } from 'vitest'
import { errorOf } from '../test-server.ts'
import { TrackwayError } from '../../src/errors.ts'
import { tasks } from '../../src/disk/threads/tasks.ts'
import { createSoloCrew } from '../../src/tasks/solo-crew.ts'

test('tasks are done in order, even if others have a turn in between', async () => {
  const order: number[] = []
  const crew = createSoloCrew({
    ...tasks,
    abandonFile({ id }) {
      const end = performance.now() + (id % 3 === 0 ? 12 : 0)
      while (performance.now() < end);
      order.push(id)
    },
  })
  const ids = Array.from({ length: 12 }, (_, index) => index)
  await Promise.all(ids.map((id) => crew.lane().run('abandonFile', { id })))
  expect(order).toEqual(ids)
})

test('a task that fails does not stop the next one', async () => {
  const crew = createSoloCrew({
    ...tasks,
    abandonFile({ id }) {
      if (id === 1) throw new TrackwayError('file_error', 'no')
    },
  })
  const [first, second] = [1, 2].map((id) => crew.run('abandonFile', { id }))
  await errorOf('file_error', first ?? Promise.resolve())
  await second
})
