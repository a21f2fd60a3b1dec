/** Whether a text is meant to name a bucket, rightly or not. */
export function isBucketAddress(text: string): boolean {
  return /^s3:/i.test(text)
}

/** Whether a bucket may be called so, by one store or another. */
export function isBucketName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(text)
}

/** Whether a text is an address of some kind, and not a path: `C:\\data` is a path, `s3:/bucket` a misspelt address. */
export function isAddress(text: string): boolean {
  return isBucketAddress(text) || /^[a-z][a-z0-9+.-]+:\/\//i.test(text)
}

/** An address for messages: without what may be secret in it, such as a user, a password, a key, and all after the path. */
export function withoutSecrets(address: string): string {
  return address
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1…@')
    .replace(/[?#].*$/s, '')
    .replace(/\btw_[\w-]+/g, 'tw_…')
}
