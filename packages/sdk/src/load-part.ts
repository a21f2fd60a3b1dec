import { TrackwayError } from '@trackway/protocol'

/**
 * Loads a part of this package that not every program needs, so that what all of them need stays small. Throws
 * `network_error` where a browser cannot get it.
 */
export async function loadPart<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load()
  } catch (error) {
    throw new TrackwayError(
      'network_error',
      'A part of @trackway/sdk could not be loaded; check the network and that the application is deployed whole, then reload it',
      { cause: error },
    )
  }
}
