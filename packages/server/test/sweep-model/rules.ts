/** What the two sides do for safety. All true is the protocol; tests turn one off. */
export interface Rules {
  // The sweeper.
  /** Says what it is about to delete before it marks for the second time. */
  sweeperPutsMarker: boolean
  /** Marks again after the marker is stored, and spares what became reachable. */
  sweeperMarksAgain: boolean
  /** Lists reservations before records in each mark: the opposite of the order in which a writer moves on. */
  sweeperListsReservationsFirst: boolean
  /** Removes the marker only when every deletion has returned. */
  markerOutlivesDeletions: boolean

  // The request that stores a manifest.
  /** Writes a reservation at all. Without, a young manifest is the root of itself and its blob. */
  writerReserves: boolean
  /** The reservation belongs to one request. Without, all who store a manifest share one document. */
  reservationIsOwn: boolean
  /** Stores the manifest before the reservation. */
  manifestBeforeReservation: boolean
  /** Writes the reservation before it reads the marker. */
  reservationBeforeMarker: boolean
  /** Waits while the marker lists the manifest. */
  waitsForManifest: boolean
  /** Checks whether the manifest still exists. */
  looksForManifest: boolean
  /** Reads the marker before it looks for the manifest and the blob. */
  markerBeforeLooks: boolean
  /**
   * Reads the marker again when it has seen the manifest, for its reservation keeps the blob only through a
   * manifest that can be read. Without, it reads the marker once for both, and then looks for both.
   */
  readsMarkerBehindManifest: boolean
  /** Waits while the marker lists the blob. */
  waitsForBlob: boolean
  /** Abandons its reservation if the manifest is gone, and starts again with another. */
  newReservationAfterLoss: boolean

  // The request that stores blobs.
  /** Reads the marker when the blob is stored, and waits while it lists the blob. */
  readsMarkerAfterBlob: boolean
  /** Stores the blob again if it is gone after such a wait. */
  storesBlobAgain: boolean

  // The request that creates a version.
  /** The client asks for the version only when it has sent what was missing. */
  sendsBeforeCreating: boolean
  /** Refuses if the reservation is gone or has expired. */
  checksReservation: boolean
  /** Looks for the blobs that were missing when the manifest was stored. */
  checksMissingBlobs: boolean
  /** Removes the reservation when the record exists, not before. */
  recordBeforeRelease: boolean
}

/** Alternatives to a rule, which may be as good or not. All are off in the protocol. */
export interface Alternatives {
  /** Spares every blob in a mark that meets a root whose manifest does not exist. */
  sweeperSparesBlobsWhereManifestIsGone: boolean
  /** Deletes blobs first, then manifests. */
  sweeperDeletesBlobsFirst: boolean
  /** Puts the reservation, reads the marker, and only then stores the manifest, without a look for it. */
  manifestBehindMarker: boolean
}

export const protocolRules: Readonly<Rules> = {
  sweeperPutsMarker: true,
  sweeperMarksAgain: true,
  sweeperListsReservationsFirst: true,
  markerOutlivesDeletions: true,
  writerReserves: true,
  reservationIsOwn: true,
  manifestBeforeReservation: true,
  reservationBeforeMarker: true,
  waitsForManifest: true,
  looksForManifest: true,
  markerBeforeLooks: true,
  readsMarkerBehindManifest: true,
  waitsForBlob: true,
  newReservationAfterLoss: true,
  readsMarkerAfterBlob: true,
  storesBlobAgain: true,
  sendsBeforeCreating: true,
  checksReservation: true,
  checksMissingBlobs: true,
  recordBeforeRelease: true,
}

/** What may happen to any actor, whatever the rules. */
export interface Circumstances {
  /** The response to a deletion is lost, and the sweeper deletes again. */
  deletionsRepeat: boolean
  /** A sweep ends before it has deleted everything, and removes its marker. */
  sweepsBreakOff: boolean
  /** Once, a request dies that has a reservation, which stays; its writer starts over. */
  requestsDie: boolean
  /**
   * What was young becomes old enough to be swept, at any time. All reservations that were there before it
   * have then expired: those live for a day, and nothing is swept that is younger than a week. Nor does a
   * request take the rest of that week between checking a reservation and writing the record.
   */
  timePasses: boolean
}

/** How the actors behave. */
export interface Conduct {
  rules: Rules & Alternatives
  circumstances: Circumstances
}
