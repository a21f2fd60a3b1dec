/** A page shows things in its own way. */
export function showInNotebooks<T extends object>(_kind: unknown, target: T, _factsOf: unknown): T {
  return target
}

export function showEverywhere(_kind: unknown, _prototype: object, _factsOf: unknown): void {}
