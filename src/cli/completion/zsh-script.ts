/** Completion for zsh, to be found in `fpath` or sourced. */
import type { ProgramName } from "../program-name.ts";
import { flagsWithValue, type CompletedCommand, type CompletedValue, type Described } from "./completed-command.ts";

export function zshScript(program: ProgramName, commands: readonly CompletedCommand[]): string {
  const values = flagsWithValue(commands);
  return `#compdef ${program}
# Completion of ${program} for zsh. Made by: ${program} completion zsh
_${program}() {
  local command="" pending="" flag="" word cur=\${words[CURRENT]}
  local -a configs offered
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word == -[^-]?* ]] && word=-$word
    if [[ -n $pending ]]; then
      [[ $pending == --config ]] && configs+=("--config=$word")
      pending=""
      continue
    fi
    case $word in
      (--config=*) configs+=("$word") ;;
      (-*=*) ;;
      (${[...values.keys()].join("|")}) pending=$word ;;
      (-*) ;;
      (*)
        case "$command $word" in
          (${commandPatterns(commands)}) command="$command $word" ;;
        esac
        ;;
    esac
  done
  if [[ -n $pending ]]; then
    flag=$pending
  elif [[ $cur == -*=* ]]; then
    flag=\${cur%%=*}
    [[ $flag == -[^-]* ]] && flag=-$flag
    compset -P '*='
  fi
  if [[ -n $flag ]]; then
    case $flag in
${valueArms(values).join("\n")}
    esac
    return
  fi
  if [[ $cur == -* ]]; then
    case $command in
${commands
  .map(({ words, flags }) =>
    arm(
      words,
      described(
        flags.map(({ name, help }) => ({ word: name, help })),
        "-o flag",
      ),
    ),
  )
  .join("\n")}
    esac
    return
  fi
  case $command in
${commands.flatMap((command) => argumentArm(program, command)).join("\n")}
  esac
}

if [[ \${funcstack[1]} == _${program} ]]; then
  _${program} "$@"
else
  compdef _${program} ${program}
fi
`;
}

function valueArms(values: ReadonlyMap<string, CompletedValue>): readonly string[] {
  const paths = [...values].filter(([, kind]) => kind === "path").map(([name]) => name);
  const words = [...values].flatMap(([name, kind]) =>
    typeof kind === "object" ? [`      (${name}) compadd -- ${kind.join(" ")} ;;`] : [],
  );
  return [`      (${paths.join("|")}) _files ;;`, ...words];
}

function argumentArm(program: ProgramName, { words, next, argument }: CompletedCommand): readonly string[] {
  if (argument === "tunnels") {
    const names = `offered=("\${(@f)$(${program} completion tunnels $configs 2>/dev/null)}")`;
    return [arm(words, `${names}; offered=(\${offered:#}); compadd -a offered`)];
  }
  if (next.length > 0) return [arm(words, described(next, "command"))];
  return argument.length === 0 ? [] : [arm(words, `compadd -- ${argument.join(" ")}`)];
}

function described(words: readonly Described[], tag: string): string {
  const lines = words.map(({ word, help }) => `\n        ${quoted(`${word}:${help}`)}`).join("");
  return `offered=(${lines}\n      )\n      _describe ${tag} offered`;
}

function arm(words: string, body: string): string {
  return `    (${words === "" ? '""' : JSON.stringify(` ${words}`)})\n      ${body}\n      ;;`;
}

function commandPatterns(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ words }) => words).filter((words) => words !== "");
  return names.map((words) => JSON.stringify(` ${words}`)).join("|");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
