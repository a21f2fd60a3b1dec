// Finds words and phrases that a native engineer would not write, in code and on pages:
// `wording.ts [path …]`. Single words that are never right are flagged by cspell (cspell.json); here are
// phrases, which it does not see.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const phrases: readonly [found: RegExp, better: string][] = [
  [
    /(?<!\bthere )\b(is|are|was|were) no (?!longer|more|less|better|worse|different|other)/i,
    'is not a …; has no …',
  ],
  [/\b(has|have|had) not to\b/i, 'does not have to'],
  [/\b(is|are|was|were|be|been|being) told\b/i, 'is called with; is reported; is passed'],
  [
    /\blies? (in|at|on|below|beside|under|there|here|somewhere|elsewhere|outside|within)\b/i,
    'is stored in; is in',
  ],
  [/\bstands?\b(?! in for| for|-in)/i, 'is; is written; holds'],
  [/\b(go|goes|went|gone|going) on\b/i, 'continues'],
  [/\bbehind (the last|a|it|them|this|that|its)\b(?! (load balancer|proxy|firewall)\b)/i, 'after'],
  [/\bat the most\b/i, 'at most'],
  [
    /\b(Answers|answers) (?!(the|a|all) (?:\w+ )?requests?\b)(with|what|whether|those|undefined|true|false|the|a|an|how|all|nothing|where)\b/,
    'returns',
  ],
  [/\bit is (said|told)\b/i, 'a message says'],
  [/\btakes? back\b/i, 'restores; undoes'],
  [/\b(of|for) (one's|its|their|your) own accord\b/i, 'by itself'],
  [/\bso far as\b/i, 'as far as'],
  [/\bwhat (is|was) there\b/i, 'what is stored; what exists'],
  [/\b(comes|came) of it\b/i, 'the result'],
  [/\bbrings? it up to date\b/i, 'updates it'],
  [/\bfor want of\b/i, 'without'],
  [/\bin vain\b/i, 'without success'],
  [/(?<!\bthere )\b(is|are|was|were) none\b(?! of\b)/i, 'is not one; is not valid'],
  [/\bbehind the (first|other|others)\b/i, 'after'],
  [/\bfor ever\b/i, 'forever'],
  [/\b(says?|said|tells?|knows?) nothing of\b/i, 'does not mention; does not know'],
  [/\bhanded out\b/i, 'returned'],
  [/\b(is|are|was|were) not there\b/i, 'does not exist; is missing'],
  [/\b(is|are|was|were) there already\b/i, 'already exists'],
  [/\b(go|goes|went) past the server/i, 'bypass the server'],
  [/\bat the least\b/i, 'at least'],
  [/\b(one|its|their) own accord\b/i, 'by itself'],
  [/\bof which (some|none|each|one) (was|were|is|are|has|have)\b/i, 'some of which; a relative clause less'],
]

const skipped =
  /(^|\/)(fixtures|CHANGELOG)|\.(png|ipynb|jpg|lock)$|lock\.yaml$|^tools\/checks\/(wording\.ts|cspell-words\.txt)$|^LICENSE$|^cspell\.json$/
/** Links keep the anchors of headings that were reworded. */
const linkTarget = /\]\([^)]*\)/g
/** What begins a line of a comment, so that a phrase is found across two lines. */
const commentMark = /^\s*(\/\/|\*|#)?\s*/
const paths = process.argv.slice(2)
const files = execFileSync('git', ['ls-files', '--', ...paths], { encoding: 'utf8' }).split('\n')

let found = 0
for (const file of files) {
  if (file === '' || skipped.test(file)) continue
  const lines = readFileSync(file, 'utf8').replaceAll(linkTarget, ']').split('\n')
  for (const [index, line] of lines.entries()) {
    const text = `${line} ${lines[index + 1]?.replace(commentMark, '') ?? ''}`
    for (const [phrase, better] of phrases) {
      const match = phrase.exec(text)
      if (match === null || match.index >= line.length) continue
      found += 1
      console.log(`${file}:${index + 1}: '${match[0].trim()}' → ${better}: ${line.trim().slice(0, 160)}`)
    }
  }
}
console.log(found === 0 ? 'No phrase of the list was found.' : `${found} phrases of the list were found.`)
process.exitCode = found === 0 ? 0 : 1
