/** Takes an answer's bytes. What it throws fails the attempt. */
export interface Receiver {
  /** An attempt begins: what was received before does not count. */
  begin(): void
  /** A promise is waited for, however long it takes, before more is read. After `enough` nothing more is. */
  receive(piece: Uint8Array): void | Promise<'more' | 'enough'>
  /** All bytes have come, and so have these headers. */
  end(headers: Headers): void
  /** Nothing comes, since the caller has it already (304). Without this, such an answer is a failure. */
  unchanged?(): void
}
