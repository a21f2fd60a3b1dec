/** The content of a cache, and its size. */
export interface CacheOptions<Value> {
  /** An estimate of the bytes that a value takes. */
  weigh(value: Value): number
  /** Maximum bytes of all values together. A value that takes more than a quarter of that is not kept. */
  most: number
}

/**
 * Keeps the latest reads of things that never change, bounded by the memory that they take. Concurrent reads
 * of the same thing share one read.
 */
export function createWeighedCache<Value>({ weigh, most }: CacheOptions<Value>) {
  const kept = new Map<string, { value: Value; weight: number }>()
  const reading = new Map<string, Promise<Value>>()
  let held = 0

  function keep(key: string, value: Value): void {
    const weight = weigh(value)
    if (weight > most / 4) return
    kept.set(key, { value, weight })
    held += weight
    for (const [oldest, { weight: freed }] of kept) {
      if (held <= most) return
      kept.delete(oldest)
      held -= freed
    }
  }

  async function readAndKeep(key: string, read: () => Promise<Value>): Promise<Value> {
    try {
      const value = await read()
      keep(key, value)
      return value
    } finally {
      reading.delete(key)
    }
  }

  return async (key: string, read: () => Promise<Value>): Promise<Value> => {
    const known = kept.get(key)
    if (known !== undefined) {
      kept.delete(key)
      kept.set(key, known)
      return known.value
    }
    const under = reading.get(key) ?? readAndKeep(key, read)
    reading.set(key, under)
    return under
  }
}
