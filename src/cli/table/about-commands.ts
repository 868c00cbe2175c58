/** Commands about the program itself. */
import { NO_ARGUMENT, type CommandTable } from "../command-spec.ts";

export const ABOUT_COMMANDS = {
  version: {
    kind: "runs",
    summary: "print the version",
    description: "Prints the program's name and version.",
    argument: NO_ARGUMENT,
    examples: [{ line: "version", effect: "the same as --version" }],
    flags: {},
  },
  help: {
    kind: "runs",
    summary: "explain a command",
    description: "Prints how a command is used, or the list of commands.",
    argument: { count: "any", name: "COMMAND", completes: "commands" },
    examples: [
      { line: "help http", effect: "the same as http --help" },
      { line: "help config check", effect: "a command of two words" },
    ],
    flags: {},
  },
  update: {
    kind: "runs",
    summary: "replace the program by a newer one",
    description: "Updates come from a source that the operator configures; there is none, so nothing is changed.",
    argument: NO_ARGUMENT,
    examples: [{ line: "update", effect: "look for a newer version" }],
    flags: {
      channel: {
        type: "string",
        value: "NAME",
        choices: ["stable", "beta", "unstable"],
        help: "stable, beta or unstable",
      },
    },
  },
  credits: {
    kind: "runs",
    summary: "print the licences of what is built in",
    description: "Prints the licences of the programs and libraries that are part of this one.",
    argument: NO_ARGUMENT,
    examples: [{ line: "credits", effect: "all of them" }],
    flags: {},
  },
  diagnose: {
    kind: "runs",
    summary: "test the way to the edge and to your services",
    description:
      "Takes the steps of an agent one by one: the edge's name, TCP over IPv4 and IPv6, the proxy if there is one, TLS, the session " +
      "with its answer and its latency; then connects to the service of every tunnel in the configuration. Without a configured " +
      "edge it starts and visits the one inside. Nothing is published. What fails is named with its reason and a remedy, and makes " +
      "the exit code 1.",
    argument: NO_ARGUMENT,
    examples: [
      { line: "diagnose", effect: "by the default configuration file" },
      { line: "diagnose --server-addr=tunnel.example.org:443", effect: "another edge" },
      { line: "diagnose -w report.json", effect: "with a report to hand on, without secrets" },
    ],
    flags: {
      ipv6: { type: "boolean", letter: "6", help: "demand a way over IPv6" },
      region: {
        type: "string",
        letter: "r",
        value: "CODE",
        help: "region of the edge, or all of the configuration's regions, with a report",
      },
      "write-report": { type: "string", letter: "w", value: "PATH", help: "write a report as JSON, without secrets" },
    },
  },
  completion: {
    kind: "runs",
    summary: "print code that completes words in your shell",
    description:
      "Prints a script for bash, zsh or fish that completes commands, flags, their values, and the tunnels of your configuration file. " +
      "Without SHELL it is for the one that the environment variable SHELL names.",
    argument: { count: "optional", name: "SHELL", completes: ["bash", "zsh", "fish"] },
    examples: [
      {
        line: "completion bash > ~/.local/share/bash-completion/completions/ginnel",
        effect: "bash, for every shell to come",
      },
      { line: "completion zsh > ~/.zfunc/_ginnel", effect: "zsh, with that folder in fpath" },
      { line: "completion fish > ~/.config/fish/completions/ginnel.fish", effect: "fish" },
    ],
    flags: {},
  },
} as const satisfies CommandTable;
