/** Completion for fish. */
import type { ProgramName } from "../program-name.ts";
import { flagsWithValue, type CompletedCommand, type CompletedFlag } from "./completed-command.ts";

export function fishScript(program: ProgramName, commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ words }) => words).filter((words) => words !== "");
  return `# Completion of ${program} for fish. Made by: ${program} completion fish
function __${program}_command
    set -l found
    set -l pending ""
    for word in (commandline -opc)[2..-1]
        if test -n "$pending"
            set pending ""
            continue
        end
        set word (string replace -r '^-([^-].)' -- '--$1' $word)
        switch $word
            case '-*=*'
            case ${[...flagsWithValue(commands).keys()].join(" ")}
                set pending $word
            case '-*'
            case '*'
                if contains -- "$(string join ' ' -- $found $word)" ${names.map(quoted).join(" ")}
                    set -a found $word
                end
        end
    end
    string join ' ' -- $found
end

function __${program}_at
    test "$(__${program}_command)" = "$argv[1]"
end

function __${program}_tunnels
    set -l configs
    set -l pending ""
    for word in (commandline -opc)[2..-1]
        if test -n "$pending"
            set -a configs "--config=$word"
            set pending ""
            continue
        end
        switch $word
            case '--config=*' '-config=*'
                set -a configs $word
            case --config -config
                set pending $word
        end
    end
    ${program} completion tunnels $configs 2>/dev/null
end

complete -c ${program} -f
${commands.flatMap((command) => linesOf(program, command)).join("\n")}
`;
}

function linesOf(program: ProgramName, { words, next, flags, argument }: CompletedCommand): readonly string[] {
  const at = `complete -c ${program} -n ${quoted(`__${program}_at ${quoted(words)}`)}`;
  const args = argument === "tunnels" ? [`(__${program}_tunnels)`] : argument;
  return [
    ...next.map(({ word, help }) => `${at} -a ${word} -d ${quoted(help)}`),
    ...flags.map((flag) => `${at} ${flagOptions(flag)}`),
    ...(args.length === 0 ? [] : [`${at} -a ${quoted(args.join(" "))}`]),
  ];
}

function flagOptions({ name, letter, help, value }: CompletedFlag): string {
  const names = `-l ${name.slice(2)}${letter === undefined ? "" : ` -s ${letter.slice(1)}`}`;
  return `${names}${valueOptions(value)} -d ${quoted(help)}`;
}

function valueOptions(value: CompletedFlag["value"]): string {
  if (value === "none") return "";
  if (value === "path") return " -r -F";
  return value === "text" ? " -x" : ` -x -a ${quoted(value.join(" "))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
