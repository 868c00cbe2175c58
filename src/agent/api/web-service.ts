/** Listens for calls of the agent API. What is answered is decided by the app, which is loaded when the first call comes. */
import { formatHostPort, type HostPort } from "../../base/host-port.ts";
import { bindFailure, isAddressInUse } from "../../net/tcp-listen.ts";
import { faultFacts } from "../../telemetry/fault-facts.ts";
import { startingWebService, tryingOtherWebAddress } from "../../telemetry/log-messages.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { WebSettings } from "../../config/agent-config.ts";
import { MAX_BODY_BYTES } from "./request-body.ts";

/**
 * The runtime refuses more itself, with 413 and no text. Behind the limit that the API tells there is room for calls that it
 * refuses in its own words.
 */
const ACCEPTED_BODY_BYTES = 2 * MAX_BODY_BYTES;
/** The least that the runtime knows; it looks every few seconds. */
const SHORTEST_IDLE_SECONDS = 1;
/** So many agents can run beside each other before the system chooses ports. */
const PORTS_TRIED = 100;
/** Browsers refuse to open pages there (Fetch standard, bad ports). */
const REFUSED_BY_BROWSERS = 4045;
const LOOPBACKS = ["127.0.0.1", "::1"] as const;

export type AnswerCall = (request: Request) => Response | Promise<Response>;

export interface WebService {
  /** Where it listens, as the user wrote it; with the port that was found. */
  readonly address: HostPort;
  /** Cuts the connection of a call within seconds. It is the only way to end an answer that its caller does not read. */
  cut(request: Request): void;
  /** Cuts every call that is under way. */
  close(): Promise<void>;
}

/**
 * Listens at the address of the settings and tells the log (clients.md K-091). The default address moves to the next free port,
 * and is also the IPv6 loopback, which `localhost` means on some systems (K-137).
 * @throws UsageError when an address that the user wrote cannot be had; it names the address, the reason and the remedy
 */
export function startWebService(settings: WebSettings, answer: AnswerCall, log: Logger): WebService {
  const { address, isExplicit, allowHosts } = settings;
  const safely: AnswerCall = async (request) => {
    try {
      return await answer(request);
    } catch (fault) {
      // The runtime would write to stderr, where programs look for the reason of our end (clients.md K-030).
      log.error("fault in a call of the web interface", { obj: "web", ...faultFacts(fault) });
      return new Response(null, { status: 500 });
    }
  };
  const listeners = isExplicit ? listenAt(address, safely) : listenNear(address, safely);
  const port = listeners[0]?.port ?? address.port;
  const found = { host: address.host, port };
  startingWebService(log, { addr: formatHostPort(found), allowHosts });
  // Behind it: of a log in JSON, wrappers take the first `addr` there is for ours (clients.md K-075).
  if (!isExplicit && port !== address.port) tryingOtherWebAddress(log, formatHostPort(address));
  return {
    address: found,
    cut: (request) => {
      // Whichever of them it came to: they share their calls.
      listeners[0]?.timeout(request, SHORTEST_IDLE_SECONDS);
    },
    close: async () => {
      await Promise.all(listeners.map((listener) => listener.stop(true)));
    },
  };
}

type Listener = Bun.Server<undefined>;

function listenNear({ host, port: first }: HostPort, answer: AnswerCall): readonly Listener[] {
  for (let port = first; port < first + PORTS_TRIED; port++) {
    if (port === REFUSED_BY_BROWSERS) continue;
    try {
      return withIpv6(listen(host, port, answer), answer);
    } catch (cause) {
      if (!isAddressInUse(cause)) throw bindFailure({ hostname: host, port }, cause);
    }
  }
  return withIpv6(listen(host, 0, answer), answer);
}

function listenAt({ host, port }: HostPort, answer: AnswerCall): readonly Listener[] {
  try {
    if (host !== "localhost") return [listen(host || "::", port, answer)];
    return withIpv6(listen(LOOPBACKS[0], port, answer), answer);
  } catch (cause) {
    throw bindFailure({ hostname: host, port }, cause);
  }
}

/** A machine may have no IPv6, and somebody else the port there. */
function withIpv6(listener: Listener, answer: AnswerCall): readonly Listener[] {
  try {
    return [listener, listen(LOOPBACKS[1], listener.port ?? 0, answer)];
  } catch {
    return [listener];
  }
}

function listen(hostname: string, port: number, answer: AnswerCall): Listener {
  // Outside of development a port would be shared with every other agent. Feeds may be silent for long; they watch themselves.
  return Bun.serve({
    hostname,
    port,
    reusePort: false,
    idleTimeout: 0,
    maxRequestBodySize: ACCEPTED_BODY_BYTES,
    development: false,
    fetch: answer,
  });
}
