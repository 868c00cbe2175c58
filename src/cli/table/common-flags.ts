/** Flags that every command accepts, before it too, and ignores when it has no use for them (reference.md 1.1). */
import { LOG_FORMATS, LOG_LEVELS } from "../../base/log-settings.ts";
import type { FlagTable } from "../flag-spec.ts";

export const COMMON_FLAGS = {
  authtoken: { type: "string", value: "TOKEN", help: "credential of the agent; above the environment and the file" },
  config: {
    type: "list",
    value: "PATH",
    splitsAtCommas: true,
    help: "configuration file; may be repeated, later files win",
  },
  log: { type: "string", value: "TARGET", help: "where log lines go: stdout, stderr, false or the path of a file" },
  "log-format": { type: "string", value: "FORMAT", choices: LOG_FORMATS, help: "logfmt, json or term (default)" },
  "log-level": {
    type: "string",
    value: "LEVEL",
    choices: LOG_LEVELS,
    help: "least urgent level to log: crit, error, warn, info (default) or debug",
  },
  region: {
    type: "string",
    value: "CODE",
    deprecated: "name the edge with --server-addr",
    help: "region of the edge (deprecated)",
  },
  "server-addr": {
    type: "string",
    value: "HOST:PORT",
    help: "address of the edge; without one the agent runs its own",
  },
  "root-cas": {
    type: "string",
    value: "CAS",
    help: "who vouches for the edge: trusted (default), host or the path of a PEM file",
  },
  help: { type: "boolean", letter: "h", help: "print this help" },
} as const satisfies FlagTable;
