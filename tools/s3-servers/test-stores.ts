/** The locations of the S3 stores to test with: `s3://bucket/prefix?endpoint=…`, separated by spaces. */
export function testStores(): string[] {
  return process.env['TRACKWAY_TEST_S3']?.split(' ').filter((location) => location !== '') ?? []
}

/** The location of a folder below a location's prefix. */
export function below(location: string, folder: string): string {
  const url = new URL(location)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${folder}`
  return url.href
}

/** A short name of a location, without its parameters. */
export function nameOfStore(location: string): string {
  const url = new URL(location)
  const endpoint = url.searchParams.get('endpoint')
  return `s3://${url.host}${endpoint === null ? '' : ` at ${new URL(endpoint).host}`}`
}
