/** The command `api`, as far as every run knows it: those below it are made from the table of the API (`api/api-commands.ts`). */
import { NO_ARGUMENT, type CommandTable } from "../command-spec.ts";
import type { FlagTable } from "../flag-spec.ts";

/** Of every command below `api`. */
export const API_FLAGS = {
  "api-key": { type: "string", value: "KEY", help: "API key; above the environment and the file" },
  "api-url": {
    type: "string",
    value: "URL",
    help: "where the API is; usually https://api. and the edge's address",
  },
} as const satisfies FlagTable;

export const API_COMMAND = {
  api: {
    kind: "group",
    summary: "call the management API",
    description:
      "Calls the management API of your edge with an API key: from --api-key, NGROK_API_KEY or GINNEL_API_KEY, or the configuration file. " +
      "A line with the status goes to stderr, then the answer as JSON to stdout. The exit code is 1 when the API refuses the call.",
    argument: NO_ARGUMENT,
    examples: [
      { line: "api reserved-domains create --domain=app.example.org", effect: "keep a name" },
      { line: "api reserved-domains list --limit=10", effect: "the newest ten" },
      { line: "api credentials create --acl='bind:*.example.org'", effect: "an authtoken for these names" },
      { line: "api tunnel-sessions list", effect: "the agents that are online" },
    ],
    flags: API_FLAGS,
  },
} as const satisfies CommandTable;
