import type { ObjectStore } from '../stores/object-store.ts'
import { probeStore } from '../stores/probe-store.ts'
import { storeChecks } from '../stores/store-checks.ts'

/** What a test framework must offer: Vitest, Jest and `node:test` do. */
export interface TestFramework {
  describe: (name: string, body: () => void) => unknown
  test: (name: string, body: () => Promise<void>) => unknown
}

/** A store under test, and a function that closes it. */
export interface OpenedStore {
  store: ObjectStore
  close?: () => Promise<void>
}

/**
 * Tests that an object store keeps every promise that Trackway needs. `open` is called for each test; it may
 * open the same store again, since every test writes below its own folder.
 */
export function describeObjectStore(
  name: string,
  open: () => Promise<OpenedStore>,
  { describe, test }: TestFramework,
): void {
  async function withStore(use: (store: ObjectStore) => Promise<void>): Promise<void> {
    const { store, close } = await open()
    try {
      await use(store)
    } finally {
      await close?.()
    }
  }

  describe(`${name} is an object store`, () => {
    for (const { property, run } of storeChecks) {
      test(property, () => {
        const id = crypto.randomUUID().replaceAll('-', '')
        return withStore((store) => run(store, { folder: `checks/${id}/`, id }))
      })
    }
    test('the probe accepts it and leaves no object', () =>
      withStore(async (store) => {
        await probeStore(store)
        const { objects } = await store.list({ prefix: 'probe/' })
        if (objects.length > 0) throw new Error(`The probe left ${objects.map(({ key }) => key).join(', ')}`)
      }))
  })
}
