// Characters that a terminal obeys instead of showing: control characters except line feeds and tabs, other
// line endings, and marks that change the direction of writing, which can disguise a text.
const obeyed = /(?![\n\t])\p{Cc}|[\p{Bidi_C}\p{Zl}\p{Zp}]/gu
// These, and all other characters that terminals do not show.
const unseen = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * Makes any text safe to show: characters that a terminal would obey are replaced, and long texts are cut.
 */
export function printable(text: string, most = Number.POSITIVE_INFINITY): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text
  return cut.replace(obeyed, '\uFFFD')
}

/**
 * A value as JSON that is safe to show, and complete: characters that a terminal would obey or hide are
 * escaped.
 */
export function printableJson(value: unknown, space?: number): string {
  return JSON.stringify(value, null, space).replace(unseen, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
}
