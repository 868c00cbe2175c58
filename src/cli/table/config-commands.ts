/** Commands that look at the configuration file or change one key of it. */
import { NO_ARGUMENT, type CommandTable } from "../command-spec.ts";

const TOKEN = { count: "one", name: "TOKEN", isSecret: true } as const;
const ADDRESS = { count: "one", name: "HOST:PORT" } as const;

const SAVES =
  "Everything else in the file stays as it is. The file is the one given by --config, else the default one; it is made when missing.";

export const CONFIG_COMMANDS = {
  authtoken: {
    kind: "runs",
    summary: "save the authtoken in the configuration file",
    description: `Older name of config add-authtoken. ${SAVES}`,
    argument: TOKEN,
    examples: [{ line: "authtoken TOKEN", effect: "into the default configuration file" }],
    flags: {},
  },
  config: {
    kind: "group",
    summary: "check and change the configuration file",
    description: "Looks at the configuration file or changes one key of it.",
    argument: NO_ARGUMENT,
    examples: [{ line: "config check", effect: "is the file in order?" }],
    flags: {},
  },
  "config check": {
    kind: "runs",
    summary: "check the configuration file",
    description: "Reads the configuration files as every other command does and says whether they are in order.",
    argument: NO_ARGUMENT,
    examples: [
      { line: "config check", effect: "the default file" },
      { line: "config check --config=other.yml", effect: "another file" },
    ],
    flags: {},
  },
  "config add-authtoken": {
    kind: "runs",
    summary: "save the authtoken in the configuration file",
    description: `Saves the credential with which the agent opens its session. ${SAVES}`,
    argument: TOKEN,
    examples: [{ line: "config add-authtoken TOKEN", effect: "into the default configuration file" }],
    flags: {},
  },
  "config add-api-key": {
    kind: "runs",
    summary: "save the API key in the configuration file",
    description: `Saves the key for the management API. ${SAVES}`,
    argument: { count: "one", name: "KEY", isSecret: true },
    examples: [{ line: "config add-api-key KEY", effect: "into the default configuration file" }],
    flags: {},
  },
  "config add-connect-url": {
    kind: "runs",
    aliases: ["config add-server-addr"],
    summary: "save the edge's address in the configuration file",
    description: `Saves where the agent's edge is. ${SAVES}`,
    argument: ADDRESS,
    examples: [{ line: "config add-connect-url tunnel.example.org:443", effect: "use this edge from now on" }],
    flags: {},
  },
  "config edit": {
    kind: "runs",
    summary: "open the configuration file in an editor",
    description:
      "Opens a copy of the file in the editor that VISUAL or EDITOR names, else nano (Notepad on Windows), also when the file is " +
      "faulty. What was written is checked when the editor ends, and takes the place of the file when it is in order; else you are " +
      "asked whether to edit on, save it as it is, or leave the file alone.",
    argument: NO_ARGUMENT,
    examples: [
      { line: "config edit", effect: "the default file, which is made when missing" },
      { line: "config edit --config=other.yml", effect: "another file" },
    ],
    flags: {},
  },
  "config upgrade": {
    kind: "runs",
    summary: "write the configuration file in a newer version",
    description:
      "Writes the file in VERSION (2 or 3), or in the one after its own. Its meaning stays: it is read back and compared, and what " +
      "cannot be said in the newer version stops the upgrade. Comments stay. The former file is kept beside it, with .v1.bak or " +
      ".v2.bak behind its name.",
    argument: { count: "optional", name: "VERSION", completes: ["2", "3"] },
    examples: [
      { line: "config upgrade 3 --dry-run", effect: "what would be written" },
      { line: "config upgrade 3", effect: "write it" },
      { line: "config upgrade --relocate", effect: "and move it from the place of 2.x to that of 3.x" },
    ],
    flags: {
      "dry-run": { type: "boolean", help: "print the file in place of writing it" },
      relocate: { type: "boolean", help: "move the file to the default place of ngrok 3.x, where ginnel looks too" },
    },
  },
} as const satisfies CommandTable;
