/**
 * What an edge may tell an agent to do, and what comes of it (protocol.md section 7). Everything but taking an endpoint away needs
 * the consent of whoever runs the agent, and every command is in the log, obeyed or not.
 */
import { PublicError } from "../../base/errors.ts";
import { type Answer, answer, hear } from "../../net/rpc-answer.ts";
import { RESTART, STOP, STOP_TUNNEL, type StopTunnelRequest, UPDATE } from "../../protocol/rpc/edge-commands.ts";
import { START_TUNNEL } from "../../protocol/rpc/remote-tunnel.ts";
import type { JsonObject } from "../../protocol/rpc/wire-value.ts";
import type { LogFields, Logger } from "../../telemetry/logger.ts";

const MAX_SHOWN_CHARS = 200;

export interface RemoteCommandHandler {
  readonly allowsRemoteManagement: boolean;
  readonly log: Logger;
  /** The whole agent is to end. May come again. */
  onStop(): void;
  /** It is to begin anew. May come again. @throws PublicError when it cannot */
  onRestart(): void;
  /** Answers the bind id of what was started. @throws PublicError when it was not */
  onStartTunnel(definition: JsonObject): Promise<string>;
  /** One endpoint was taken away. It is the edge's own, so this needs no permission. */
  onStopTunnel(request: StopTunnelRequest): void;
}

export function remoteCommands(handler: RemoteCommandHandler): readonly Answer[] {
  const log = handler.log.with({ obj: "remote" });
  /** `what`: as people say it behind "does not". */
  const obey = async <R>(what: string, facts: LogFields, work: () => R | Promise<R>): Promise<R> => {
    try {
      if (!handler.allowsRemoteManagement) throw new PublicError("ERR_GINNEL_REMOTE_COMMAND", { command: what });
      const done = await work();
      log.info("command of the edge obeyed", { command: what, ...facts });
      return done;
    } catch (error) {
      log.warn("command of the edge refused", { command: what, ...facts, err: error });
      throw error;
    }
  };
  return [
    answer(STOP, () =>
      obey("stop", {}, () => {
        handler.onStop();
        return {};
      }),
    ),
    answer(RESTART, () =>
      obey("restart", {}, () => {
        handler.onRestart();
        return {};
      }),
    ),
    answer(UPDATE, ({ version }) =>
      obey("update", { version: shown(version) }, () => {
        throw new PublicError("ERR_GINNEL_NO_UPDATE", {});
      }),
    ),
    answer(START_TUNNEL, ({ definition }) =>
      // The rest of a definition may hold passwords.
      obey("start a tunnel", { name: shown(definition["name"]), addr: shown(definition["addr"]) }, async () => ({
        bindId: await handler.onStartTunnel(definition),
      })),
    ),
    hear(STOP_TUNNEL, (request) => handler.onStopTunnel(request)),
  ];
}

/** What somebody else wrote, short enough for a log, and without the password of a mistaken URL. */
function shown(value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  return String(value)
    .replace(/(^|\/\/)[^/]*@/, "$1***@")
    .slice(0, MAX_SHOWN_CHARS)
    .toWellFormed();
}
