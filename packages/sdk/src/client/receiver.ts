/** Receives an answer's bytes. An error that it throws fails the attempt. */
export interface Receiver {
  /** An attempt begins: what was received before does not count. */
  begin(): void
  /**
   * A returned promise is awaited, however long it takes, before more is read. After `enough`, reading stops.
   */
  receive(piece: Uint8Array): void | Promise<'more' | 'enough'>
  /** All bytes have arrived, with these headers. */
  end(headers: Headers): void
  /**
   * No bytes arrive, since the caller has them already (304). Without this method, such an answer is a
   * failure.
   */
  unchanged?(): void
}
