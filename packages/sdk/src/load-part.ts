import { TrackwayError } from '@trackway/protocol'

/**
 * Loads a part of this package that not every program needs, which keeps the initial load small. Throws
 * `network_error` if a browser cannot fetch it.
 */
export async function loadPart<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load()
  } catch (error) {
    throw new TrackwayError(
      'network_error',
      'A part of @trackway/sdk could not be loaded; check the network and that all files of the application are deployed, then reload it',
      { cause: error },
    )
  }
}
