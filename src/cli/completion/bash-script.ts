/** Completion for bash, from version 3.2 on. */
import type { ProgramName } from "../program-name.ts";
import { flagsWithValue, type CompletedCommand, type CompletedValue } from "./completed-command.ts";

/** Names of tunnels are taken to the letter: what a configuration holds is never run. */
export function bashScript(program: ProgramName, commands: readonly CompletedCommand[]): string {
  const values = flagsWithValue(commands);
  return `# Completion of ${program} for bash. Made by: ${program} completion bash
_${program}() {
  local line=\${COMP_LINE:0:COMP_POINT} typed=\${COMP_WORDS[COMP_CWORD]} cur="" command="" pending="" flag="" word
  local -a words=() configs=()
  COMPREPLY=()
  read -ra words <<<"$line"
  case $line in
    *[[:space:]]) ;;
    *)
      cur=\${words[\${#words[@]} - 1]}
      unset "words[\${#words[@]} - 1]"
      ;;
  esac
  for word in \${words[@]+"\${words[@]:1}"}; do
    [[ $word == -[!-]?* ]] && word=-$word
    if [[ -n $pending ]]; then
      [[ $pending == --config ]] && configs+=("--config=$word")
      pending=""
      continue
    fi
    case $word in
      --config=*) configs+=("$word") ;;
      -*=*) ;;
      ${pattern(values.keys())}) pending=$word ;;
      -*) ;;
      *)
        case "$command $word" in
          ${pattern(commands.map(({ words }) => ` ${words}`).filter((words) => words !== " "))}) command="$command $word" ;;
        esac
        ;;
    esac
  done
  [[ $cur == -[!-]?* ]] && cur=-$cur
  if [[ -n $pending ]]; then
    flag=$pending
  elif [[ $cur == --*=* ]]; then
    flag=\${cur%%=*}
    cur=\${cur#*=}
  fi
  if [[ -n $flag ]]; then
    case $flag in
${[...valueArms(values)].join("\n")}
    esac
    return
  fi
  if [[ $cur == -* ]]; then
    case $command in
${commands.map(({ words, flags }) => arm(words, offer(flags.map(({ name }) => name)))).join("\n")}
    esac
    return
  fi
  case $command in
${commands.flatMap((command) => argumentArm(program, command)).join("\n")}
  esac
}

# _${program}_offer CURRENT WORD...: those that begin so. bash replaces only what stands behind the last "=" or ":".
_${program}_offer() {
  local cur=$1 typed=\${COMP_WORDS[COMP_CWORD]} before
  [[ $typed == [=:] ]] && typed=""
  before=\${cur%"$typed"}
  [[ -n $typed && $before == "$cur" ]] && before=""
  shift
  while (($# > 0)); do
    [[ $1 == "$cur"* ]] && COMPREPLY+=("$(printf %q "\${1#"$before"}")")
    shift
  done
}

_${program}_files() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen -f -- "$1")
}

_${program}_tunnels() {
  local cur=$1 name
  local -a names=()
  shift
  while IFS= read -r name; do names+=("$name"); done < <(${program} completion tunnels "$@" 2>/dev/null)
  _${program}_offer "$cur" \${names[@]+"\${names[@]}"}
}

complete -F _${program} ${program}
`;

  function offer(words: readonly string[]): string {
    return `_${program}_offer "$cur" ${words.join(" ")}`;
  }

  function* valueArms(kinds: ReadonlyMap<string, CompletedValue>): Iterable<string> {
    const paths = [...kinds].filter(([, kind]) => kind === "path").map(([name]) => name);
    yield `      ${pattern(paths)}) _${program}_files "$cur" ;;`;
    for (const [name, kind] of kinds) if (typeof kind === "object") yield `      ${name}) ${offer(kind)} ;;`;
  }
}

function argumentArm(program: ProgramName, { words, next, argument }: CompletedCommand): readonly string[] {
  if (argument === "tunnels") {
    return [arm(words, `_${program}_tunnels "$cur" \${configs[@]+"\${configs[@]}"}`)];
  }
  const offered = [...next.map(({ word }) => word), ...argument];
  return offered.length === 0 ? [] : [arm(words, `_${program}_offer "$cur" ${offered.join(" ")}`)];
}

function arm(words: string, body: string): string {
  return `    ${words === "" ? '""' : JSON.stringify(` ${words}`)}) ${body} ;;`;
}

function pattern(words: Iterable<string>): string {
  return [...words].map((word) => (word.includes(" ") ? JSON.stringify(word) : word)).join(" | ");
}
