/** Whether a text is meant to name a bucket, correctly or not. */
export function isBucketAddress(text: string): boolean {
  return /^s3:/i.test(text)
}

/** Whether any S3 store allows a bucket this name. */
export function isBucketName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(text)
}

/**
 * Whether a text is a URL of some kind, and not a path: `C:\\data` is a path, `s3:/bucket` a misspelled URL.
 */
export function isAddress(text: string): boolean {
  return isBucketAddress(text) || /^[a-z][a-z0-9+.-]+:\/\//i.test(text)
}

/** A URL for messages, without possible secrets: user, password, keys, and everything after the path. */
export function withoutSecrets(address: string): string {
  return address
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1…@')
    .replace(/[?#].*$/s, '')
    .replace(/\btw_[\w-]+/g, 'tw_…')
}
