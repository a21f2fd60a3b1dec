/**
 * A signal that aborts with any of these, even one of another realm, which `AbortSignal.any` and `fetch`
 * refuse.
 */
export function anySignal(...given: (AbortSignal | undefined)[]): AbortSignal {
  const signals = given.filter((signal) => signal !== undefined)
  try {
    return AbortSignal.any(signals)
  } catch {
    return AbortSignal.any(signals.map(adopt))
  }
}

function adopt(signal: AbortSignal): AbortSignal {
  const own = new AbortController()
  const abort = () => own.abort(signal.reason)
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return own.signal
}
