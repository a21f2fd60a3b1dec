// What a terminal obeys instead of showing it: C0 and C1 control characters but line feeds and tabs, and the characters
// that turn the direction of writing around, so that a text reads otherwise than it is.
const obeyed = /(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu

/** A text that can be shown whoever wrote it: what a terminal would obey is replaced, and what is too long is cut. */
export function printable(text: string, most = Number.POSITIVE_INFINITY): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text
  return cut.replace(obeyed, '\uFFFD')
}
