/** The URL of a runtime's server, and of the control port by which scenarios plan faults. */
export interface Addresses {
  host: string
  apiKey: string
  control: string
}
