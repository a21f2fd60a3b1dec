/** An app that runs in this process. */
export interface EmbeddedApp {
  fetch(request: Request): Promise<Response>
}

/** A project's configuration file. */
export interface ProjectFile {
  path: string
  text: string
  /** Whether only the user, or root, can have written it. */
  isOwn: boolean
}

/**
 * The program's environment: variables, configuration files, and stores without a server. Browsers have only
 * the console.
 */
export interface Environment {
  /** An environment variable; undefined if it is unset or blank. */
  variable?(name: string): string | undefined
  /** The user's configuration file, and whether other users can write to it; undefined if there is none. */
  readConfigFile?(): Promise<{ path: string; text: string; isShared?: boolean | undefined } | undefined>
  /**
   * Atomically replaces the user's configuration file, which only the user can read, and returns its path.
   * Throws `config_invalid` if that is not possible.
   */
  writeConfigFile?(text: string): Promise<string>
  /**
   * The project's configuration file: the nearest one from the current folder upwards; undefined if there is
   * none. Throws `config_invalid` if it cannot be read.
   */
  readProjectFile?(): Promise<ProjectFile | undefined>
  /**
   * Writes the project's configuration file and returns its path. Throws `config_invalid` if that is not
   * possible.
   */
  writeProjectFile?(text: string): Promise<string>
  /**
   * Runs the server's app in this process on a folder or a bucket, which becomes a store unless `create` is
   * false. Throws `config_invalid` if that is not possible, `not_found` if there is no store and none is
   * created.
   */
  openEmbedded?(store: string, options: { create: boolean }): Promise<EmbeddedApp>
  /**
   * The absolute path of a folder that the user named; `~` is the home folder, and a relative path is
   * relative to the folder of the file that contains it. Throws `option_invalid` for an empty path.
   */
  folder?(path: string, file?: string): string
  /**
   * The canonical address of a folder or a bucket, however it was named: the real path of a folder, even of
   * one that does not exist yet.
   */
  addressOf?(store: string): Promise<string>
  /** A folder as a URL. */
  folderUrl?(folder: string): string
  /** Prints a message, separate from the data that a program prints. */
  print(text: string): void
}
