import { loadPart } from '../load-part.ts'
import type { CallName, CallWith } from './calls.ts'

/** As `checkCall`, for what is loaded at once. */
export async function checkLate<Name extends CallName, Options>(
  call: CallWith<Name, Options> & Name,
  options: Options,
): Promise<void> {
  const { checkCall } = await loadPart(() => import('./calls.ts'))
  checkCall<Name, Options>(call, options)
}
