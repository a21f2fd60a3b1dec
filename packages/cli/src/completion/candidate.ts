/** A word that completion offers. */
export interface Candidate {
  value: string
  /** A short description. */
  about: string
}
