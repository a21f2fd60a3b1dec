// What a terminal obeys instead of showing it: control characters but line feeds and tabs, what ends a line elsewhere,
// and what turns the direction of writing, so that a text reads as another one.
const obeyed = /(?![\n\t])\p{Cc}|[\p{Bidi_C}\p{Zl}\p{Zp}]/gu
// These, and all else that no terminal shows.
const unseen = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A text that can be shown, no matter who wrote it: what a terminal would obey is replaced, and what is too long is cut. */
export function printable(text: string, most = Number.POSITIVE_INFINITY): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text
  return cut.replace(obeyed, '\uFFFD')
}

/** A value as JSON that can be shown: nothing is lost, since what a terminal would obey or hide is escaped. */
export function printableJson(value: unknown, space?: number): string {
  return JSON.stringify(value, null, space).replace(unseen, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
}
