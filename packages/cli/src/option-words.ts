/** What errors of the SDK advise whoever calls it, and what that is for whoever types a command. */
export const optionWords: readonly (readonly [advice: RegExp, own: string])[] = [
  [/pass \{ apiKey \} to login, or set/, 'trackway login keeps one, or set'],
  [/pass the key as \{ apiKey \} instead/, 'trackway login asks for the key'],
  [/came from the options of login/, 'is the one that you gave'],
  [/replace it by \{ overwrite: true \}/, 'replace it by --overwrite'],
  [/by \{ exclude \}/, 'by --exclude'],
  [/or \{ ignore \}/, 'or --ignore'],
  [/or pass \{ name \}/, 'or pass --as'],
  [/\{ keep \}, \{ maxBytes \}/, '--keep, --max-bytes'],
  [
    /\{ tag: '([^']*)' \} does not go with \{ onConflict: 'merge' \}/,
    '--tag $1 does not go with --on-conflict merge',
  ],
  [/give the session of another store as \{ to \}/, 'name another store with --to'],
  [/another place with \{ into \}/, 'another place there with --to-team, --to-experiment or --to-name'],
  [/another name with \{ into \}/, 'another name with --to-name'],
  [
    /give one of them another \{ name \}, or remove(\(.*\)| it) first/,
    'upload a folder in which each has a path of its own',
  ],
]

/** An error's message in the words of the command. */
export function inOptionWords(message: string): string {
  return optionWords.reduce((text, [advice, own]) => text.replaceAll(new RegExp(advice, 'g'), own), message)
}
