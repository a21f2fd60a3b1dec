import type { RunKeeper } from '../../run-keeper.ts'
import { afterBlock, whileOpen } from './process-end.ts'
import { watchWithSender } from './sender.ts'
import { beginSpool, leftBehind } from './spool-folder.ts'

export const runKeeper: RunKeeper = {
  async keep(run, { reach, sender, print }) {
    const spool = await beginSpool(run, print)
    if (spool === undefined) return undefined
    const release = watchWithSender(reach, sender)
    return {
      ...spool,
      remove() {
        spool.remove()
        release()
      },
    }
  },
  whileOpen,
  afterBlock,
  leftBehind,
}
