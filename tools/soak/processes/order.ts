/** A worker's order: over HTTP or, without a host, in the folder `.trackway` of its working directory. */
export type Order = { host?: string; apiKey?: string } & (
  | { do: 'upload'; folders: string[] }
  | { do: 'download'; folder: string }
)
