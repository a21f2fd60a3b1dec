/**
 * The completion script of each shell. It calls `trackway complete`, and completes paths if that returns
 * nothing. Typed text is passed as arguments and never executed.
 */
export const shellScripts = {
  bash: String.raw`# Completion of trackway for bash: source <(trackway completion bash)
_trackway() {
  local words cur prefix= value _
  read -ra words <<< "${'$'}{COMP_LINE:0:COMP_POINT}"
  [[ "${'$'}{COMP_LINE:0:COMP_POINT}" == *[[:space:]] ]] && words+=('')
  cur=${'$'}{words[${'$'}{#words[@]}-1]}
  # If colons break words, bash replaces only the part after the last colon.
  [[ $COMP_WORDBREAKS == *:* && $cur == *:* ]] && prefix=${'$'}{cur%"${'$'}{cur##*:}"}
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    COMPREPLY+=("${'$'}{value#"$prefix"}")
  done < <("$1" complete -- "${'$'}{words[@]:1}" 2>/dev/null)
}
complete -o default -F _trackway trackway
`,
  zsh: String.raw`#compdef trackway
# Completion of trackway for zsh: source <(trackway completion zsh)
_trackway() {
  local -a candidates
  local line
  for line in "${'$'}{(@f)$("${'$'}{words[1]}" complete -- "${'$'}{(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && candidates+=("${'$'}{${'$'}{line%%$'\t'*}//:/\\:}:${'$'}{line#*$'\t'}")
  done
  if (( $#candidates )); then
    _describe trackway candidates
  else
    _files
  fi
}
if [[ $funcstack[1] == _trackway ]]; then
  _trackway "$@"
elif (( $+functions[compdef] )); then
  compdef _trackway trackway
fi
`,
  fish: String.raw`# Completion of trackway for fish: trackway completion fish > ~/.config/fish/completions/trackway.fish
function __trackway_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l candidates (command $words[1] complete -- $words[2..] "$current" 2>/dev/null)
    if test (count $candidates) -gt 0
        printf '%s\n' $candidates
    else
        __fish_complete_path "$current"
    end
end
complete -c trackway -f -a '(__trackway_complete)'
`,
}
