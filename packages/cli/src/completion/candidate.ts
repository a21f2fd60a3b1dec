/** What may be typed. */
export interface Candidate {
  value: string
  /** What it is, in a few words. */
  about: string
}
