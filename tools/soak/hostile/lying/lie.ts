import type { HonestStore } from './honest-store.ts'

/** The subject of a request. */
export type Kind =
  | 'service'
  | 'me'
  | 'record'
  | 'manifest'
  | 'blob'
  | 'urls'
  | 'linked'
  | 'list'
  | 'json'
  | 'elsewhere'

export interface Told {
  request: Request
  kind: Kind
  pathname: string
  /** The liar's URL. */
  origin: string
  store: HonestStore
  honest(): Promise<Response>
}

export type Falsehood = Response | 'drop' | 'silence'

/** One way in which a server lies. */
export interface Lie {
  name: string
  /** Calls that ask for none of these are not lied to. */
  kinds: readonly Kind[]
  /** MiB that its client may take, where an honest answer of that size takes as much. Default: 300. */
  mostMiB?: number
  /** Its response instead; undefined: the truth. */
  answer(told: Told): Falsehood | undefined | Promise<Falsehood | undefined>
}

export function kindOf(method: string, pathname: string): Kind {
  if (pathname.startsWith('/elsewhere/')) return 'elsewhere'
  if (pathname.startsWith('/linked/')) return 'linked'
  if (pathname === '/api/v1') return 'service'
  if (pathname === '/api/v1/me') return 'me'
  if (/\/blobs\/sha256:[0-9a-f]+$/.test(decodeURIComponent(pathname))) return 'blob'
  if (pathname.includes('/presigned-')) return 'urls'
  if (pathname.endsWith('/manifest')) return 'manifest'
  if (method === 'GET' && /\/versions\/[^/]+$/.test(pathname)) return 'record'
  return method === 'GET' && /\/(versions|runs|artifacts|experiments|log)$/.test(pathname) ? 'list' : 'json'
}

/** A lie about requests of these kinds. */
export function about(kinds: Kind | readonly Kind[], name: string, answer: Lie['answer']): Lie {
  const all = [kinds].flat()
  return {
    name: `${all.length > 1 ? 'answers' : all.join('')}: ${name}`,
    kinds: all,
    answer: (told) => (all.includes(told.kind) ? answer(told) : undefined),
  }
}
