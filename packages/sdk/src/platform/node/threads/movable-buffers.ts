/** The memory of bytes that an output is or holds, which go to another thread without a copy. */
export function movableBuffers(output: unknown): ArrayBuffer[] {
  const values = output instanceof Uint8Array ? [output] : Object.values(output ?? {})
  return values.flatMap((value) =>
    value instanceof Uint8Array && value.buffer instanceof ArrayBuffer ? [value.buffer] : [],
  )
}
