/** The commands below `api`, for the parser, the help and the shells. Loads the schemas of the API: import it where they are needed. */
import { type CommandSpec, type CommandTable, NO_ARGUMENT } from "../command-spec.ts";
import type { FlagTable } from "../flag-spec.ts";
import { API_FLAGS } from "../table/api-command.ts";
import { API_RESOURCES, type ApiCall, type ApiResource } from "./api-calls.ts";
import { lowerFirst } from "./field-flags.ts";
import { fileFlags } from "./file-flags.ts";

export const API_COMMANDS: CommandTable = Object.fromEntries(API_RESOURCES.flatMap(commandsOf));

/** The call behind the whole words of a command; `undefined` for words that are none. */
export function findApiCall(command: string): ApiCall | undefined {
  const [, resource, action = ""] = command.split(" ");
  return API_RESOURCES.find(({ word }) => word === resource)?.calls.get(action);
}

function commandsOf(resource: ApiResource): readonly (readonly [string, CommandSpec])[] {
  const { word, title, calls } = resource;
  const group: CommandSpec = {
    kind: "group",
    summary: title,
    description: `Calls of the management API that are about ${title}.`,
    argument: NO_ARGUMENT,
    examples: [],
    flags: API_FLAGS,
  };
  return [
    [`api ${word}`, group],
    ...[...calls].map(([name, call]) => [`api ${word} ${name}`, commandOf(call)] as const),
  ];
}

function commandOf({ action, takesId, fields = [], query }: ApiCall): CommandSpec {
  const { method, path, summary, answer } = action;
  const shows = answer === undefined ? "Prints the status." : "Prints the status, and the answer as JSON.";
  const flags: FlagTable = Object.fromEntries([...fields, ...query].map(({ name, spec }) => [name, spec]));
  return {
    kind: "runs",
    summary: lowerFirst(summary),
    // No brace may stand in a help text (reference.md 8.4).
    description: `${method} ${path.replace("{id}", "ID")} of the management API. ${shows}`,
    argument: takesId ? { count: "one", name: "ID" } : NO_ARGUMENT,
    examples: [],
    flags: { ...flags, ...fileFlags(fields), ...API_FLAGS },
  };
}
