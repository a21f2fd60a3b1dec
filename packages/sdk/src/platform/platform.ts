import type { displays } from '../display/displays.ts'
import type { Spool } from '../content/content-source.ts'
import type { Progress } from '../progress/progress.ts'
import type { Crew } from '../tasks/tasks.ts'
import type { Environment } from './environment.ts'
import type { MakeBody, OutgoingBlob } from './request-body.ts'
import type { RunKeeper } from './run-keeper.ts'

/**
 * What differs between Node and browsers: node.ts and browser.ts export these names. What browsers lack is
 * undefined there.
 */
export interface Platform {
  environment: Environment
  /** A blob as the whole body of a request. */
  blobBody(blob: OutgoingBlob): { body: BodyInit; headers: Record<string, string> }
  /** Makes multipart/form-data bodies of blobs. */
  multipartBody(blobs: readonly OutgoingBlob[]): Promise<MakeBody>
  /** How a request treats a redirect that is not followed. */
  redirect: RequestRedirect
  /** Headers besides a condition. */
  revalidation: Record<string, string>
  /** How a request checks whether anything answers at an origin. */
  originProbe: RequestInit
  /** Advice for a failed request if a proxy may be the reason. */
  proxyAdvice: ((url: URL) => string | undefined) | undefined
  /** Keeps the content of a stream that is too large for memory. */
  createSpool(label: string): Promise<Spool>
  /** A crew for this much work. */
  openCrew(work: { bytes: number; files: number }): Promise<Crew>
  /** Keeps what runs log until it is sent. */
  loadRunKeeper: (() => Promise<RunKeeper>) | undefined
  userCache: UserCache | undefined
  textCache: TextCache | undefined
  /** Throws `config_invalid` without the package @trackway/server, `store_unavailable`. */
  openBucketObject: OpenBucketObject | undefined
  openProgressDisplay: ((label: string) => ProgressDisplay) | undefined
  /** Lets a notebook show plain data, which keeps its keys and stays equal to what it equals. */
  showInNotebooks:
    | (<Kind extends DisplayKind, T extends object>(
        kind: Kind,
        data: T,
        factsOf: (data: T) => DisplayFacts<Kind>,
      ) => void)
    | undefined
  /** Lets a notebook show objects with this prototype, and `console.log` print them as text. */
  showEverywhere:
    | (<Kind extends DisplayKind, T extends object>(
        kind: Kind,
        prototype: T,
        factsOf: (instance: T) => DisplayFacts<Kind>,
      ) => void)
    | undefined
}

/**
 * The user's cache folder, for data that can be made again. Any failure there is treated as an empty cache,
 * and never fails a call.
 */
export interface UserCache {
  /** The bytes under a name, such as `manifests/ab/cdef`; undefined if there are none. */
  read(name: string): Promise<Uint8Array | undefined>
  /** Atomically stores bytes under a name, replacing previous ones. Only this user may read them. */
  write(name: string, pieces: readonly Uint8Array[]): Promise<void>
  /** Removes what was not written or read for this many milliseconds below a name; runs once a day. */
  prune(name: string, olderThanMs: number): Promise<void>
}

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

/** An object of a user's bucket. */
export interface BucketObject {
  /** The size of the whole object in bytes. */
  size: number
  body: AsyncIterable<Uint8Array>
}

/** A range of the object at an `s3://` address; undefined if there is none. */
export type OpenBucketObject = (
  address: string,
  range?: { start: number; end: number },
) => Promise<BucketObject | undefined>

/** Shows the progress of a call, separate from the data that a program prints. */
export interface ProgressDisplay {
  show(progress: Progress): void
  /** Shows it a last time, or removes it if the call failed. */
  end(last: Progress | undefined): void
}

type Displays = typeof displays

/** The kinds of things that can be shown. */
export type DisplayKind = keyof Displays

/** What is needed to show something. */
export type DisplayFacts<Kind extends DisplayKind> = Parameters<Displays[Kind]['html']>[0]
