/** Every system that is measured. A further one is a file in systems/ and a line here. */
import type { System } from "./system.ts";
import { direct } from "./systems/direct.ts";
import { ginnel, ginnelOfTwo, inspectingGinnel } from "./systems/ginnel.ts";
import { haproxy } from "./systems/haproxy.ts";
import { localtunnel } from "./systems/localtunnel.ts";
import { ssh, sshAes } from "./systems/ssh.ts";

export const SYSTEMS: readonly System[] = [
  direct,
  ginnel,
  ginnelOfTwo,
  inspectingGinnel,
  ssh,
  sshAes,
  haproxy,
  localtunnel,
];

/** Those of a short run. */
export const SHORT_SYSTEMS: readonly string[] = ["direct", "ginnel", "ssh", "haproxy"];
