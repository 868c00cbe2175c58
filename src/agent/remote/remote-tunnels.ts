/**
 * Tunnels that an edge asks for (reference.md C-19). They are defined as in the agent API, and reach less than those of the user: what
 * only a user of this machine should give away is refused, unless a tunnel of the user's own leads there.
 */
import { PublicError } from "../../base/errors.ts";
import type { Clock } from "../../base/clock.ts";
import type { TunnelDefinition } from "../../model/tunnel-definition.ts";
import { formatUpstreamAddress } from "../../model/upstream-address.ts";
import type { JsonObject } from "../../protocol/rpc/wire-value.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { ApiProblem } from "../api/api-problem.ts";
import { isThisMachine, leadsToWebPort, type OwnWebPort } from "../api/own-web-port.ts";
import { postedTunnel } from "../api/posted-tunnel.ts";
import { startTunnel } from "../api/start-tunnel.ts";
import { isMetadataService } from "./metadata-service.ts";
import type { RemoteControl, RemotelyStarted } from "./remote-control.ts";

/** Running at a time. */
export const MAX_REMOTE_TUNNELS = 100;

export interface RemoteTunnelsOptions {
  /** Those that the user defined, running or not. */
  readonly own: readonly TunnelDefinition[];
  /** Undefined while there is none. */
  readonly webPort: () => OwnWebPort | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

export class RemoteTunnels implements Omit<RemoteControl, "restartObstacle"> {
  readonly #options: RemoteTunnelsOptions;
  /** Upstreams of the user's own tunnels, as they are shown. */
  readonly #own: ReadonlySet<string>;
  /** Being started. */
  #starting = 0;

  constructor(options: RemoteTunnelsOptions) {
    this.#options = options;
    this.#own = new Set(options.own.map(({ upstream }) => formatUpstreamAddress(upstream)));
  }

  /** Answers the bind id; of a pair that of the https half. @throws PublicError */
  async startTunnel(agent: RemotelyStarted, body: JsonObject): Promise<string> {
    const { clock, log } = this.#options;
    this.#refuseTooMany(agent);
    this.#starting += 1;
    try {
      const definition = { ...postedTunnel(body), isRemote: true };
      const refuseTunnel = (wanted: TunnelDefinition): void => this.#refuse(wanted);
      const { id } = await startTunnel({ agent, refuseTunnel, clock, log }, definition);
      const started = agent.tunnels.find((tunnel) => tunnel.id === id);
      if (started !== undefined) return started.bindId;
      throw new ApiProblem("startFailed", "the tunnel was stopped at once");
    } catch (error) {
      throw error instanceof ApiProblem ? notStarted(error.message, error) : error;
    } finally {
      this.#starting -= 1;
    }
  }

  /** What a name leads to is known only when it is dialled, each time anew. */
  reach(tunnel: TunnelDefinition): ((address: string) => boolean) | undefined {
    const { upstream } = tunnel;
    if (tunnel.isRemote !== true || upstream.kind !== "network" || this.#isOwn(tunnel)) return undefined;
    return (address) => {
      const own = this.#options.webPort()?.address;
      const isOwnWeb = own !== undefined && own.port === upstream.port && isThisMachine(address, own);
      return !isOwnWeb && !isMetadataService(address);
    };
  }

  #refuse(definition: TunnelDefinition): void {
    const reason = fileReason(definition) ?? (this.#isOwn(definition) ? undefined : this.#upstreamReason(definition));
    if (reason !== undefined) throw new PublicError("ERR_GINNEL_REMOTE_REACH", { name: definition.name, reason });
  }

  #upstreamReason(definition: TunnelDefinition): string | undefined {
    const { upstream } = definition;
    const webPort = this.#options.webPort();
    if (upstream.kind === "folder") return "it would show files of the machine";
    if (upstream.kind === "unix") return "it would lead to a socket of the machine";
    if (isMetadataService(upstream.host)) return "it would lead to the metadata service of a cloud";
    if (webPort !== undefined && leadsToWebPort(definition, webPort)) {
      return "it would lead to the web interface of the agent itself";
    }
    return undefined;
  }

  #isOwn({ upstream }: TunnelDefinition): boolean {
    return this.#own.has(formatUpstreamAddress(upstream));
  }

  #refuseTooMany({ tunnels }: RemotelyStarted): void {
    const count = this.#starting + tunnels.filter(({ definition }) => definition.isRemote === true).length;
    if (count < MAX_REMOTE_TUNNELS) return;
    throw notStarted(`${MAX_REMOTE_TUNNELS} tunnels that were started remotely run already; stop some of them`);
  }
}

/**
 * Files are the user's, whatever would be read from them. Looks through all settings, so that one which is added later is not forgotten
 * here: a source is either text, or it is somewhere else.
 */
function fileReason(definition: TunnelDefinition): string | undefined {
  return isFromElsewhere(definition) ? "it names a file of the machine, or a URL; give its text instead" : undefined;
}

function isFromElsewhere(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if ("kind" in value && (value.kind === "file" || value.kind === "url")) return true;
  return Object.values(value).some(isFromElsewhere);
}

function notStarted(reason: string, cause?: unknown): PublicError {
  return new PublicError("ERR_GINNEL_REMOTE_TUNNEL", { reason }, { cause });
}
