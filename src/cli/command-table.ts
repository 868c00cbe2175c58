/** Every command there is, in the order of the help, but for those below `api` (`reachable-commands.ts`). */
import type { CommandSpec, CommandTable } from "./command-spec.ts";
import { ABOUT_COMMANDS } from "./table/about-commands.ts";
import { API_COMMAND } from "./table/api-command.ts";
import { CONFIG_COMMANDS } from "./table/config-commands.ts";
import { EDGE_COMMANDS } from "./table/edge-commands.ts";
import { ENDPOINT_COMMANDS } from "./table/endpoint-commands.ts";
import { LATER_COMMANDS } from "./table/later-commands.ts";

export const COMMANDS = {
  ...ENDPOINT_COMMANDS,
  ...EDGE_COMMANDS,
  ...CONFIG_COMMANDS,
  ...API_COMMAND,
  ...ABOUT_COMMANDS,
  ...LATER_COMMANDS,
} as const satisfies CommandTable;

type Commands = typeof COMMANDS;

/** A command that can be run. */
export type CommandName = {
  [Name in keyof Commands]: Commands[Name]["kind"] extends "runs" ? Name : never;
}[keyof Commands];

/** The specification behind the whole words of a command, by any of its names. */
export function findCommand(
  words: string,
  table: CommandTable = COMMANDS,
): { readonly name: string; readonly spec: CommandSpec } | undefined {
  const found = Object.entries(table).find(([name, spec]) => name === words || spec.aliases?.includes(words));
  return found === undefined ? undefined : { name: found[0], spec: found[1] };
}

/** The words that may follow those of a group, or of nothing (`""`). */
export function nextWords(words: string, table: CommandTable = COMMANDS): readonly string[] {
  const prefix = words === "" ? "" : `${words} `;
  const names = Object.entries(table).flatMap(([name, spec]) => [name].concat(spec.aliases ?? []));
  return names
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .filter((word) => !word.includes(" "));
}
