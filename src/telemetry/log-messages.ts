/**
 * The lines of the agent's log that other programs match: messages, `obj` and fields are interface (reference.md 6.2,
 * clients.md section 6), never reworded. Nothing else in the agent logs under these messages.
 */
import type { Logger } from "./logger.ts";

export function noConfigurationPaths(log: Logger): void {
  log.info("no configuration paths supplied");
}

export function usingDefaultConfig(log: Logger, path: string): void {
  log.info("using configuration at default config path", { path });
}

export function ignoringDefaultConfig(log: Logger, path: string, err: unknown): void {
  log.info("ignoring default config path, could not stat it", { path, err });
}

/** First line of a start that reads a file (K-090); `err` is null when the file could be read. */
export function openedConfigFile(log: Logger, path: string, err: unknown = null): void {
  log.info("open config file", { path, err });
}

/** Only after the socket listens; `addr` as configured, the default a dotted IPv4 (K-091, K-078). */
export function startingWebService(log: Logger, facts: { addr: string; allowHosts: readonly string[] }): void {
  log.info("starting web service", { obj: "web", addr: facts.addr, allow_hosts: facts.allowHosts });
}

/** The default port is taken. The usual words for that must not occur: readers take them for a failure (K-092). */
export function tryingOtherWebAddress(log: Logger, addr: string): void {
  log.warn("can't bind default web address, trying alternatives", { obj: "web", addr });
}

/** A call of the agent API begins; `id` is 16 hex digits (reference.md 3.1). */
export function apiCallStarted(log: Logger, facts: { path: string; id: string }): void {
  log.info("start", { pg: facts.path, id: facts.id });
}

export function apiCallEnded(log: Logger, facts: { path: string; id: string; status: number; duration: string }): void {
  log.info("end", { pg: facts.path, id: facts.id, status: facts.status, dur: facts.duration });
}

/** Every time a session is up; readers wait for the first (K-093). `id` is 12 hex digits. */
export function clientSessionEstablished(log: Logger, id: string): void {
  log.info("client session established", { obj: "tunnels.session", id });
}

/** Beside {@link clientSessionEstablished}, in either order (K-094, K-096). */
export function tunnelSessionStarted(log: Logger): void {
  log.info("tunnel session started", { obj: "tunnels.session" });
}

export interface StartedTunnel {
  readonly name: string;
  readonly proto: "http" | "tcp" | "tls";
  /** The upstream as the configuration shows it. */
  readonly addr: string;
  /** The public URL: the last field, since readers cut after `url=` (K-076). */
  readonly url: string;
}

/** Once per public URL, http before https (K-095). */
export function startedTunnel(log: Logger, { name, proto, addr, url }: StartedTunnel): void {
  // Scripts take the first `tcp://` of the line for the public URL (K-098).
  const shown = proto === "tcp" ? `//${addr.replace(/^tcp:\/\//, "")}` : addr;
  log.info("started tunnel", { obj: "tunnels", name, addr: shown, url });
}

/** A tunnel is to be inspected, and `inspect_db_size: -1` leaves no place for that (reference.md 6.2). */
export function ignoringInspect(log: Logger, name: string): void {
  log.warn("ignoring inspect: true because inspection database is disabled", { name });
}

/** One visitor's connection joined with the upstream (K-099): `l` is the upstream, `r` the visitor's `ip:port`. */
export function joinedConnections(log: Logger, facts: { id: string; upstream: string; visitor: string }): void {
  log.info("join connections", { obj: "join", id: facts.id, l: facts.upstream, r: facts.visitor });
}

/** The other side has not answered a heartbeat in time. */
export function heartbeatTimedOut(log: Logger, facts: { id: string; clientId: string; err: unknown }): void {
  const { id, clientId, err } = facts;
  log.error("heartbeat timeout, terminating session", { obj: "csess", id, clientid: clientId, err });
}

/** A session that was up is lost (K-100). */
export function sessionClosed(log: Logger, facts: { id: string; err: unknown }): void {
  log.error("session closed, starting reconnect loop", { obj: "tunnels.session", ...facts });
}

/** A session could not be opened; for a refusal `err` is the edge's text with its code (K-101). */
export function failedToReconnect(log: Logger, facts: { id: string; err: unknown }): void {
  log.error("failed to reconnect session", { obj: "tunnels.session", ...facts });
}

/** The agent ends a session for a reason with a code, for example ERR_NGROK_334. */
export function sessionClosing(log: Logger, err: unknown): void {
  log.error("session closing", { obj: "tunnels.session", err });
}

/** A signal or a call asks the agent to stop; `reason` names which. */
export function receivedStopRequest(log: Logger, reason: string): void {
  log.info("received stop request", { obj: "app", stopReq: reason });
}

/** The agent gives up (K-101); {@link commandFailed} follows. */
export function terminatingWithError(log: Logger, err: unknown): void {
  log.error("terminating with error", { obj: "app", err });
}

/** The last line before exit code 1. */
export function commandFailed(log: Logger, err: unknown): void {
  log.crit("command failed", { err });
}
