/** Texts in the user's cache folder, checked when they are read. */
export interface TextCache {
  /**
   * Keeps a text until it was not used for two months. The key, which may be a secret, cannot be derived from
   * the stored data.
   */
  keep(folder: string, key: string, text: string): Promise<void>
  /** The text that was kept; undefined if there is none, or the stored data was altered. */
  read(folder: string, key: string): Promise<string | undefined>
  /** The kept text is not valid any more. */
  forget(folder: string, key: string): Promise<void>
}
