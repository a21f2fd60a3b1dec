/** Where a runtime finds its server, and the port by which scenarios make it misbehave. */
export interface Addresses {
  host: string
  apiKey: string
  control: string
}
