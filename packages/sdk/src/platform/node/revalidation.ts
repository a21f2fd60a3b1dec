/**
 * Headers besides a condition. `fetch` adds these itself; happy-dom's `fetch`, in tests, does not, and fails
 * on the answer.
 */
export const revalidation: Record<string, string> = { 'cache-control': 'no-cache' }
