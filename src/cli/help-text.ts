/** Help, made from the specifications: NAME, USAGE, DESCRIPTION, COMMANDS, EXAMPLES, OPTIONS (reference.md 1.1). */
import { COMMANDS, nextWords, findCommand } from "./command-table.ts";
import type { CommandSpec, CommandTable } from "./command-spec.ts";
import type { FlagSpec, FlagTable } from "./flag-spec.ts";
import { offeredFlags } from "./offered-flags.ts";
import type { ProgramName } from "./program-name.ts";
import { COMMON_FLAGS } from "./table/common-flags.ts";
import { paragraph, twoColumns } from "./text-columns.ts";

/** What stands for the whole program when no command is named. */
export function programHelp(program: ProgramName): string {
  return [
    block("NAME", `  ${program} - give a private service a public address\n`),
    block("USAGE", `  ${program} <command> [flags] [arguments]\n`),
    block("COMMANDS", twoColumns(commandRows("", COMMANDS))),
    block(
      "EXAMPLES",
      twoColumns([
        [`${program} http 8080`, COMMANDS.http.summary],
        [`${program} tcp 22`, COMMANDS.tcp.summary],
        [`${program} help http`, "all about one command"],
      ]),
    ),
    block("OPTIONS", twoColumns([["-v, --version", "print the version"], ...optionRows(COMMON_FLAGS)])),
  ].join("\n");
}

/** Help of one command by its whole name; `table` has those below it. */
export function commandHelp(
  name: string,
  spec: CommandSpec,
  program: ProgramName,
  table: CommandTable = COMMANDS,
): string {
  const flags = offeredFlags(spec);
  return [
    block("NAME", paragraph(`${program} ${name} - ${spec.summary}`)),
    block("USAGE", `  ${usage(name, spec, program)}\n`),
    block("DESCRIPTION", paragraph(spec.description) + aliasLine(spec, program)),
    block("COMMANDS", twoColumns(commandRows(name, table))),
    block("EXAMPLES", examples(spec, program)),
    block("OPTIONS", twoColumns(optionRows(flags)) + refused(flags)),
  ]
    .filter((text) => text !== "")
    .join("\n");
}

function block(title: string, body: string): string {
  return body === "" ? "" : `${title}:\n${body}`;
}

function usage(name: string, spec: CommandSpec, program: ProgramName): string {
  if (spec.kind === "group") return `${program} ${name} <command> [flags]`;
  const { count, name: argument } = spec.argument;
  const shown = { none: "", one: ` ${argument}`, optional: ` [${argument}]`, any: ` [${argument}...]` }[count];
  return `${program} ${name}${shown} [flags]`;
}

function aliasLine(spec: CommandSpec, program: ProgramName): string {
  const aliases = spec.aliases ?? [];
  return aliases.length === 0 ? "" : paragraph(`Also: ${aliases.map((alias) => `${program} ${alias}`).join(", ")}`);
}

/** The effect stands under its command line: lines are too long for columns. */
function examples(spec: CommandSpec, program: ProgramName): string {
  return spec.examples.map(({ line, effect }) => `  ${program} ${line}\n      ${effect}\n`).join("");
}

/** Commands one word deeper that can be run or lead to some that can. */
function commandRows(name: string, table: CommandTable): readonly (readonly [string, string])[] {
  return nextWords(name, table).flatMap((word) => {
    const whole = name === "" ? word : `${name} ${word}`;
    const found = findCommand(whole, table);
    // Other names of a command stand in the help of the command.
    return found === undefined || found.name !== whole || found.spec.kind === "notYet"
      ? []
      : [[word, found.spec.summary] as const];
  });
}

function optionRows(flags: FlagTable): readonly (readonly [string, string])[] {
  return Object.entries(flags)
    .filter(([, spec]) => spec.notYet !== true)
    .map(([name, spec]) => [optionTerm(name, spec), optionText(spec)] as const);
}

function optionTerm(name: string, { letter, value }: FlagSpec): string {
  return `${letter === undefined ? "" : `-${letter}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
}

function optionText({ help, aliases = [] }: FlagSpec): string {
  return aliases.length === 0 ? help : `${help}; also ${aliases.map((alias) => `--${alias}`).join(", ")}`;
}

function refused(flags: FlagTable): string {
  const names = Object.entries(flags).flatMap(([name, spec]) => (spec.notYet === true ? [`--${name}`] : []));
  return names.length === 0 ? "" : `\n${paragraph(`Not yet supported: ${names.join(", ")}`)}`;
}
