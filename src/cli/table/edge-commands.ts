/** Commands of the edge. Its flags are the settings that its file and environment know too. */
import { NO_ARGUMENT, type CommandTable } from "../command-spec.ts";
import { EDGE_COMMON_FLAGS, EDGE_FLAGS } from "../edge/flags.ts";
import { EDGE_ADMIN_COMMANDS } from "./edge-admin-commands.ts";

export const EDGE_COMMANDS = {
  edge: {
    kind: "runs",
    summary: "run an edge: the public side",
    description:
      "Listens for visitors and agents. Every setting may also stand in the environment (GINNEL_ and the name in capitals) " +
      "or in the file given by --config.",
    argument: NO_ARGUMENT,
    examples: [
      {
        line: "edge --domain=tunnel.example.org --data=/var/lib/ginnel",
        effect: "with a certificate authority of its own",
      },
      { line: "edge --config=/etc/ginnel/edge.yml", effect: "from a file" },
    ],
    flags: EDGE_FLAGS,
    commonFlags: EDGE_COMMON_FLAGS,
  },
  "edge ca": {
    kind: "runs",
    summary: "print the certificate of the edge's own authority",
    description:
      "Prints the PEM certificate that agents and visitors need to trust an edge without a public certificate.",
    argument: NO_ARGUMENT,
    examples: [{ line: "edge ca --data=/var/lib/ginnel > ca.pem", effect: "for the --root-cas of agents" }],
    flags: { data: EDGE_FLAGS.data },
    commonFlags: EDGE_COMMON_FLAGS,
  },
  "edge check": {
    kind: "runs",
    summary: "tell what is wrong with an edge's configuration",
    description:
      "Reads settings, tokens, certificates and the store as a start would, and starts and writes nothing. A fault is told with its place and makes the exit " +
      "code 1. Ports that cannot be had here, names that lead nowhere and certificates that leave names out are warnings.",
    argument: NO_ARGUMENT,
    examples: [{ line: "edge check --config=/etc/ginnel/edge.yml", effect: "before a restart" }],
    flags: EDGE_FLAGS,
    commonFlags: EDGE_COMMON_FLAGS,
  },
  ...EDGE_ADMIN_COMMANDS,
} as const satisfies CommandTable;
