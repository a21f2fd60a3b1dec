/** Texts in the user's cache folder, checked when they are read. */
export interface TextCache {
  /** Keeps a text until it was not used for two months. The key, which may be a secret, cannot be told from what lies there. */
  keep(folder: string, key: string, text: string): Promise<void>
  /** The text that was kept; undefined where there is none, or what lies there is not what was written. */
  read(folder: string, key: string): Promise<string | undefined>
  /** What was kept is not true any more. */
  forget(folder: string, key: string): Promise<void>
}
