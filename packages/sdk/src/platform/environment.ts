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

/** What surrounds the program: variables, the user and their configuration, and a store of its own. */
export interface Environment {
  /** A variable of the environment; undefined where it is unset or blank. */
  variable(name: string): string | undefined
  /** The user's configuration file, and whether other users may write to it; undefined where there is none. */
  readConfigFile(): Promise<{ path: string; text: string; isShared?: boolean | undefined } | undefined>
  /**
   * Puts a text in place of the user's configuration file at once, which nobody but the user may read, and answers its
   * path. Throws `config_invalid` where that is not possible.
   */
  writeConfigFile(text: string): Promise<string>
  /**
   * The project's configuration file: the nearest one from the current folder upwards; undefined where there is none.
   * Throws `config_invalid` where it cannot be read.
   */
  readProjectFile(): Promise<ProjectFile | undefined>
  /** Writes the project's configuration file and returns its path. Throws `config_invalid` where that is not possible. */
  writeProjectFile(text: string): Promise<string>
  /** Who runs the program, as a name that the rules allow. */
  userName(): string
  /**
   * Runs the server's app in this process over a folder or a bucket, which becomes a store unless `create` is false.
   * Throws `config_invalid` where that is not possible, `not_found` where there is no store and none is made.
   */
  openEmbedded(store: string, options: { create: boolean }): Promise<EmbeddedApp>
  /**
   * The absolute path of a folder that the user named; `~` is the home folder, and a relative path starts at the folder
   * of the file that names it. Throws `option_invalid` for an empty path.
   */
  folder(path: string, file?: string): string
  /**
   * The one spelling of where a folder or a bucket is, however it was named: the real path of a folder, also of one
   * that does not exist yet.
   */
  addressOf(store: string): Promise<string>
  /** A folder as an address. */
  folderUrl(folder: string): string
  /** Tells people something, aside from the data that a program prints. */
  print(text: string): void
}
