/** The S3 stores that there are to try, by their locations: `s3://bucket/prefix?endpoint=…`, parted by spaces. */
export function testStores(): string[] {
  return process.env['TRACKWAY_TEST_S3']?.split(' ').filter((location) => location !== '') ?? []
}

/** A place of one's own behind a location's prefix. */
export function below(location: string, folder: string): string {
  const url = new URL(location)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${folder}`
  return url.href
}

/** What a location is called: without how it is reached. */
export function nameOfStore(location: string): string {
  const url = new URL(location)
  const endpoint = url.searchParams.get('endpoint')
  return `s3://${url.host}${endpoint === null ? '' : ` at ${new URL(endpoint).host}`}`
}
