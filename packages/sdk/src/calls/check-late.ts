import { loadPart } from '../load-part.ts'
import type { CallName, CallWith, checkCall } from './calls.ts'

let calls: { checkCall: typeof checkCall } | undefined

/** Like `checkCall`, for code that is loaded at once. */
export async function checkLate<Name extends CallName, Options>(
  call: CallWith<Name, Options> & Name,
  options: Options,
): Promise<void> {
  calls ??= await loadPart(() => import('./calls.ts'))
  calls.checkCall<Name, Options>(call, options)
}
