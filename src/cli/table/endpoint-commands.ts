/** Commands that make a private service public. */
import type { CommandTable } from "../command-spec.ts";
import { ENDPOINT_FLAGS, HTTP_FLAGS, NAME_FLAGS, TCP_FLAGS, TLS_FLAGS } from "./endpoint-flags.ts";

const ADDRESS = { count: "one", name: "ADDRESS" } as const;

export const ENDPOINT_COMMANDS = {
  http: {
    kind: "runs",
    summary: "publish a web server or a folder",
    description:
      "Opens a public https URL (and http when asked) whose requests reach ADDRESS: a port of this machine, a host with a port, " +
      "an http or https URL, a folder as file:///absolute/path, or a Unix socket as unix:/path.",
    argument: ADDRESS,
    examples: [
      { line: "http 8080", effect: "the web server on port 8080 of this machine" },
      {
        line: "http --url=https://app.example.org 192.168.0.7:80",
        effect: "another machine, under a name of one's own",
      },
      { line: "http --host-header=rewrite https://localhost:8443", effect: "a server that checks its Host header" },
      { line: "http --basic-auth='user:a-good-password' 8080", effect: "only for visitors who know the password" },
      { line: "http file:///srv/site", effect: "the files of a folder" },
    ],
    flags: { ...ENDPOINT_FLAGS, ...NAME_FLAGS, ...HTTP_FLAGS },
  },
  tcp: {
    kind: "runs",
    summary: "publish any TCP service",
    description: "Opens a public port whose connections reach ADDRESS: a port of this machine, or a host with a port.",
    argument: ADDRESS,
    examples: [
      { line: "tcp 22", effect: "the SSH server of this machine, on a random public port" },
      { line: "tcp --remote-addr=tunnel.example.org:10022 22", effect: "the same on a public port of one's choice" },
      { line: "tcp 192.168.0.7:5432", effect: "a database on another machine" },
    ],
    flags: { ...ENDPOINT_FLAGS, ...TCP_FLAGS },
  },
  tls: {
    kind: "runs",
    summary: "publish a TLS service, found by its name",
    description:
      "Opens a public name whose TLS connections reach ADDRESS untouched, whatever protocol they carry. With --crt and --key " +
      "the agent ends TLS and ADDRESS gets plain bytes.",
    argument: ADDRESS,
    examples: [
      { line: "tls --url=tls://mail.example.org 993", effect: "a mail server with a certificate of its own" },
      { line: "tls --crt=a.crt --key=a.key 6379", effect: "end TLS here, pass plain bytes on" },
      { line: "tls --crt=a.crt --key=a.key --client-cas=ca.pem 6379", effect: "only for visitors with a certificate" },
    ],
    flags: { ...ENDPOINT_FLAGS, ...NAME_FLAGS, ...TLS_FLAGS },
  },
  start: {
    kind: "runs",
    summary: "start tunnels of the configuration file",
    description:
      "Starts the named tunnels and endpoints of the configuration files in one process, all of them, or none.",
    argument: { count: "any", name: "NAME", completes: "tunnels" },
    examples: [
      { line: "start web ssh", effect: "two tunnels by name" },
      { line: "start --all", effect: "every tunnel of the file" },
      { line: "start --none --log=stdout", effect: "only the agent; tunnels are added while it runs" },
      { line: "start --config=base.yml --config=mine.yml web", effect: "from two files, the later one wins" },
    ],
    flags: {
      all: { type: "boolean", help: "start every tunnel" },
      none: { type: "boolean", help: "start no tunnel" },
    },
  },
} as const satisfies CommandTable;
