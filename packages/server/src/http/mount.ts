import type { Route } from '@trackway/protocol'
import type { Service } from './service.ts'

/** A set of routes over the service, such as those of the protocol. */
export type Mount = (service: Service) => readonly MountedRoute[]

/** A route of an app. */
export interface MountedRoute extends Pick<Route, 'method'> {
  /** From the root, with parameters in braces, of which `{path}` may have several segments. */
  path: string
  /** Answers a request, or throws what its problem reports. */
  answer(request: RoutedRequest): Promise<Response>
}

/** A request for a route. */
export interface RoutedRequest {
  request: Request
  /** The decoded parameters of its path, not checked yet. */
  parameters: Record<string, string>
  /** Called with the reason why an answer broke off after it began. */
  onBroken: (error: unknown) => void
}
