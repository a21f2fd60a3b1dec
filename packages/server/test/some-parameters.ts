import { routes, sha256, type RouteName } from '@trackway/protocol'

/** The routes by their names. */
export const routeNames = Object.keys(routes) as RouteName[] // The keys of the table are its names.

/** Something for each parameter that a path may have. */
export const someParameters = {
  team: 't',
  experiment: 'e',
  run: 'first',
  type: 'dataset',
  name: 'sample',
  alias: 'best',
  tag: 'V1',
  revision: 'V1',
  digest: sha256(new TextEncoder().encode('none')),
  path: 'file',
  segment: '0000000001-00000000',
}
